// Brings the paths that clients send into the one form that routes are declared in.

/** Version from which a `.json` at the end of a path is part of it. */
const JSON_SUFFIX_KEPT_SINCE = 91;
const JSON_SUFFIX = '.json';

/** Where the description of the API is: beside its versions, as it tells of all of them. */
export const OPENAPI_PATH = '/openapi.json';

interface NormalPath {
  readonly path: string;
  /** A `.json` was taken off the end. */
  readonly jsonSuffix: boolean;
}

/**
 * Takes one trailing slash and, for older clients, a `.json` off, and puts `/v1` before paths that begin with neither `/v1` nor
 * `/wrought`. `ownHeaderMinor` is the minor version in X-OpenStack-Ironic-API-Version, undefined without that header.
 */
export function normalPath(path: string, ownHeaderMinor: number | undefined): NormalPath {
  if (path === OPENAPI_PATH) {
    return { path, jsonSuffix: false };
  }
  if (path === '/' || path === '') {
    return { path: '/', jsonSuffix: false };
  }
  let normal = path;
  // "/v1/nodes/detail/" is not the detailed list: the slash makes "detail" an ident, which nothing has.
  if (normal.endsWith('/') && !normal.endsWith('//') && !/^(\/v1)?\/\w+\/detail\/$/.test(normal)) {
    normal = normal.slice(0, -1);
  }
  const jsonSuffix =
    ownHeaderMinor !== undefined && ownHeaderMinor < JSON_SUFFIX_KEPT_SINCE && normal.endsWith(JSON_SUFFIX);
  if (jsonSuffix) {
    normal = normal.slice(0, -JSON_SUFFIX.length);
  }
  if (!/^\/(v1|wrought)(\/|$)/.test(normal)) {
    normal = `/v1${normal}`;
  }
  return { path: normal, jsonSuffix };
}

/** Finds an object by its ident; for a path that lost a `.json`, also by the ident with it. */
export async function findWithSuffix<Found>(
  ident: string,
  jsonSuffix: boolean,
  find: (ident: string) => Promise<Found | undefined>,
): Promise<Found | undefined> {
  const found = await find(ident);
  return found === undefined && jsonSuffix ? find(ident + JSON_SUFFIX) : found;
}
