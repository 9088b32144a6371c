// Reads the paging arguments of lists and writes the `next` links.
import { isUuidLike, type Resource, registeredError, versionText } from '@wrought/contract';
import type { Marker, Page } from '../../store/paging.ts';
import { type ListView, tooNew } from './fields.ts';
import { countArgument, wordArgument } from './query.ts';
import type { ApiRequest } from './route.ts';

/** Query arguments that every paged list takes. */
export const pagingArguments = ['marker', 'limit', 'sort_key', 'sort_dir'] as const;

interface PagingRules {
  /** Most items on one page. */
  readonly maximum: number;
  /** Finds the row of a marker. */
  readonly findMarker: (marker: string, sortKey: string) => Promise<Marker | undefined>;
  /** Markers are host names instead of UUIDs. */
  readonly markerIsName?: boolean;
  readonly defaultSortKey?: string;
}

/** @throws RegisteredError 400 for bad arguments, 404 for a marker that does not exist, 406 for a sort key that is too new */
export async function readPage(of: Resource, request: ApiRequest, rules: PagingRules): Promise<Page> {
  const { query, minor } = request;
  const limit = Math.min(countArgument(query, 'limit') ?? rules.maximum, rules.maximum);
  const sortKey = readSortKey(of, query.sort_key ?? rules.defaultSortKey ?? 'id', minor);
  const descending = wordArgument(query, 'sort_dir', ['asc', 'desc']) === 'desc';
  const page = { sortKey, descending, limit };
  if (query.marker === undefined) {
    return page;
  }
  if (rules.markerIsName !== true && !isUuidLike(query.marker)) {
    throw registeredError('InvalidUUID', { uuid: query.marker });
  }
  const marker = await rules.findMarker(query.marker, sortKey);
  if (marker === undefined) {
    throw registeredError('NotFound', { reason: `The marker ${query.marker} names no ${of.name} that exists.` });
  }
  return { ...page, marker };
}

function readSortKey(of: Resource, name: string, minor: number): string {
  if (name === 'id') {
    return name;
  }
  const field = of.fields[name];
  if (field?.sort !== true) {
    const allowed = Object.entries(of.fields)
      .filter(([, candidate]) => candidate.sort && candidate.since <= minor)
      .map(([candidate]) => candidate);
    throw registeredError('InvalidParameterValue', {
      reason: `The argument sort_key has the invalid value "${name}"; allowed in version ${versionText(minor)}: id, ${allowed.join(', ')}.`,
    });
  }
  if (field.since > minor) {
    throw tooNew(`Sorting by "${name}"`, field.since, minor);
  }
  return name;
}

interface NextLink {
  /** Path below /v1, such as "nodes" or "nodes/detail". */
  readonly path: string;
  readonly page: Page;
  /** Identity of the last item of the page. */
  readonly last: string;
  /** Arguments between sort_dir and limit, such as "maintenance=True". */
  readonly middle: readonly string[];
}

/** The URL of the next page. */
export function nextUrl(base: string, { path, page, last, middle }: NextLink): string {
  const { sortKey, descending, limit } = page;
  const parts = [
    `sort_key=${sortKey}`,
    `sort_dir=${descending ? 'desc' : 'asc'}`,
    ...middle,
    `limit=${limit}`,
    `marker=${last}`,
  ];
  return `${base}/v1/${path}?${parts.join('&')}`;
}

/** The arguments of a `next` link that say which fields the list shows. */
export function viewArguments(view: ListView, isDetailPath: boolean): string[] {
  if (isDetailPath || view.kind === 'everything') {
    return [];
  }
  return view.kind === 'detail'
    ? ['detail=True']
    : [`fields=${view.fields.filter((name) => name !== 'links').join(',')}`];
}
