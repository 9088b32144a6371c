// Walks a service from its root along its links: GET only, one request at a time, within bounds.
import {
  AuthenticationError,
  type Client,
  ConnectionError,
  MalformedError,
  ResponseError,
  TimeoutError,
} from '@wrought/redfish';

/** Bodies of resources by their paths, without a slash at the end. */
export type Bodies = Map<string, Json>;
export type Json = Record<string, unknown>;

export interface Walk {
  readonly bodies: Bodies;
  /** What could not be read, or was not wanted, by path, with the reason. */
  readonly leftOut: Map<string, string>;
}

export interface WalkOptions {
  readonly maximumResources: number;
  readonly onProgress: (read: number, waiting: number) => void;
}

/** More than that no dump needs: services with endless logs or registries exist. */
const maximumBytes = 256 * 1024 * 1024;
/** A service that is silent so often in a row is gone. */
const failuresThatAreFinal = 3;

/** What is not read: logs and sessions tell of people, schemas are the same everywhere, downloads are large. */
const unwanted: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/\/LogServices\/[^/]+\/Entries\b/i, 'entries of logs'],
  [/\/Sessions\/[^/]+/i, 'sessions'],
  [/\/(JsonSchemas|Schemas)\/[^/]+/i, 'schemas'],
  [/\/\$metadata\b|\/odata$/i, 'schemas'],
  [/\/(MetricReports|Dumps?|Attachments?)\/[^/]+/i, 'measurements and dumps'],
];

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The key of a link in a dump: no host, query, fragment, or slash at the end. */
export function keyOf(link: string, origin: string): string | undefined {
  if (!URL.canParse(link, origin) || link.startsWith('#')) return undefined;
  return new URL(link, origin).pathname.replace(/\/+$/, '');
}

/** Names of properties that hold paths of further resources. */
const linkNames: ReadonlySet<string> = new Set(['@odata.id', '@Redfish.ActionInfo', 'Uri']);

function* linksIn(value: unknown): Generator<string> {
  if (Array.isArray(value)) {
    for (const each of value) yield* linksIn(each);
  } else if (isJson(value)) {
    for (const [name, each] of Object.entries(value)) {
      if (typeof each === 'string' && linkNames.has(name)) yield each;
      else yield* linksIn(each);
    }
  }
}

/** Reads a resource; the further pages of a collection become part of it. */
async function readWhole(client: Client, path: string): Promise<Json> {
  const body: Json = { ...(await client.get(path)).json };
  const pages = new Set([path]);
  for (let next = body['Members@odata.nextLink']; typeof next === 'string' && !pages.has(next); ) {
    pages.add(next);
    const { json } = await client.get(next);
    const more = Array.isArray(json.Members) ? json.Members : [];
    body.Members = [...(Array.isArray(body.Members) ? body.Members : []), ...more];
    next = json['Members@odata.nextLink'];
  }
  delete body['Members@odata.nextLink'];
  return body;
}

/** A refusal of one resource, which does not end the walk. */
const isRefusal = (error: unknown): error is Error => error instanceof ResponseError || error instanceof MalformedError;
const isSilence = (error: unknown): error is Error => error instanceof ConnectionError || error instanceof TimeoutError;

/** @throws what ends the walk: a root that cannot be read, credentials that are wrong, a service that is gone */
export async function walk(client: Client, { maximumResources, onProgress }: WalkOptions): Promise<Walk> {
  const bodies: Bodies = new Map();
  const leftOut = new Map<string, string>();
  const root = client.rootPath.replace(/\/+$/, '');
  const queue = [root];
  const seen = new Set(queue);
  let bytes = 0;
  let failures = 0;
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const why = unwanted.find(([pattern]) => pattern.test(path))?.[1];
    if (why !== undefined) {
      leftOut.set(path, `not wanted: ${why}`);
      continue;
    }
    if (bodies.size >= maximumResources || bytes > maximumBytes) {
      leftOut.set(path, 'there was no room for it');
      continue;
    }
    try {
      const body = await readWhole(client, path === root ? client.rootPath : path);
      failures = 0;
      bytes += JSON.stringify(body).length;
      bodies.set(path, body);
      for (const link of linksIn(body)) {
        const key = keyOf(link, client.origin);
        if (key === undefined || seen.has(key) || !`${key}/`.startsWith(`${root}/`)) continue;
        seen.add(key);
        queue.push(key);
      }
    } catch (error) {
      failures = isSilence(error) ? failures + 1 : 0;
      const isWrongLogin = error instanceof AuthenticationError && error.status === 401;
      const isBearable = isRefusal(error) || (isSilence(error) && failures < failuresThatAreFinal);
      if (!isBearable || path === root || isWrongLogin) throw error;
      leftOut.set(path, error.message);
    }
    onProgress(bodies.size, queue.length);
  }
  return { bodies, leftOut };
}
