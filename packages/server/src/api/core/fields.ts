// Decides which fields of a resource an answer shows, by the client's version and its `fields` and `detail` arguments.
import { detailFields, listFields, quirks, type Resource, registeredError, versionText } from '@wrought/contract';
import { booleanArgument, listArgument } from './query.ts';

/** Version that brought the `fields` argument. */
const FIELDS_SINCE = 8;

const detailCache = new Map<Resource, (readonly string[])[]>();
const listCache = new Map<Resource, (readonly string[])[]>();

function cached(
  cache: Map<Resource, (readonly string[])[]>,
  of: Resource,
  minor: number,
  make: (of: Resource, minor: number) => readonly string[],
): readonly string[] {
  let byMinor = cache.get(of);
  if (byMinor === undefined) {
    byMinor = [];
    cache.set(of, byMinor);
  }
  byMinor[minor] ??= make(of, minor);
  return byMinor[minor];
}

/** What a detail view or a single answer shows. */
export function allVisible(of: Resource, minor: number): readonly string[] {
  return cached(detailCache, of, minor, detailFields);
}

/** What a plain list shows. */
export function defaultVisible(of: Resource, minor: number): readonly string[] {
  return cached(listCache, of, minor, listFields);
}

/** The error for something that a newer version brought. */
export function tooNew(what: string, since: number, minor: number) {
  return registeredError('NotAcceptable', {
    reason: `${what} needs API version ${versionText(since)}; this request uses ${versionText(minor)}.`,
  });
}

/** @throws RegisteredError 406 for a filter of the resource that is too new */
export function checkFilterVersions(of: Resource, minor: number, query: Readonly<Record<string, string>>): void {
  for (const [name, { since }] of Object.entries(of.filters)) {
    if (query[name] !== undefined && since > minor) {
      throw tooNew(`The filter "${name}"`, since, minor);
    }
  }
}

/**
 * The fields that `fields=` asks for, `links` always among them, or undefined without the argument.
 * @throws RegisteredError 406 for a field that is too new, 400 for one that does not exist
 */
export function selectedFields(
  of: Resource,
  minor: number,
  query: Readonly<Record<string, string>>,
  since = FIELDS_SINCE,
): readonly string[] | undefined {
  const names = listArgument(query, 'fields')?.map((name) => name.toLowerCase());
  if (names === undefined) {
    return undefined;
  }
  if (minor < since) {
    throw tooNew('The argument "fields"', since, minor);
  }
  const unknown = names.filter((name) => !of.fields[name]?.selectable);
  if (unknown.length > 0) {
    const allowed = allVisible(of, minor).filter((name) => of.fields[name]?.selectable);
    throw registeredError('InvalidParameterValue', {
      reason:
        `The argument fields names ${unknown.map((name) => `"${name}"`).join(', ')}, which a ${of.name} does not ` +
        `have; allowed: ${allowed.join(', ')}.`,
    });
  }
  for (const name of names) {
    const introduced = of.fields[name]?.since ?? 1;
    if (introduced > minor) {
      throw tooNew(`The field "${name}"`, introduced, minor);
    }
  }
  return names.includes('links') || of.fields.links === undefined ? names : [...names, 'links'];
}

export interface ListView {
  readonly fields: readonly string[];
  /** 'everything': lists of this resource show all fields when none are chosen. */
  readonly kind: 'default' | 'detail' | 'selected' | 'everything';
}

/** Which fields a list shows. @throws RegisteredError 400 and 406 */
export function listView(of: Resource, minor: number, query: Readonly<Record<string, string>>): ListView {
  const detail = detailArgument(minor, query);
  const selected = selectedFields(of, minor, query);
  if (detail && selected !== undefined) {
    throw registeredError('InvalidParameterValue', {
      reason: 'The arguments "detail" and "fields" can not be used together.',
    });
  }
  if (selected !== undefined) {
    return { fields: selected, kind: 'selected' };
  }
  return detail
    ? { fields: allVisible(of, minor), kind: 'detail' }
    : { fields: defaultVisible(of, minor), kind: 'default' };
}

/** The `detail` argument, which older clients may not send at all. */
export function detailArgument(minor: number, query: Readonly<Record<string, string>>): boolean {
  if (query.detail !== undefined && minor < quirks.detailArgumentSince) {
    throw registeredError('InvalidParameterValue', {
      reason: `The argument "detail" needs API version ${versionText(quirks.detailArgumentSince)}; this request uses ${versionText(minor)}.`,
    });
  }
  return booleanArgument(query, 'detail') ?? false;
}
