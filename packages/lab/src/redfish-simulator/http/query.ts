// Query parameters of reads (DSP0266, 7.3): $expand, $select, only, $top and $skip, as far as the model takes them.
import type { Model } from '../models/model.ts';
import type { Body } from '../types.ts';
import { asObject } from './checks.ts';
import { problem } from './problem.ts';

/** Reads another resource of the same service; undefined: there is none. */
export type Read = (path: string) => Body | undefined;

function linkOf(value: unknown): string | undefined {
  const object = asObject(value);
  const id = object?.['@odata.id'];
  return object !== undefined && Object.keys(object).length === 1 && typeof id === 'string' ? id : undefined;
}

/** Puts resources in place of links: "." of what is below, "~" of what is in Links, "*" of both. */
function expanded(value: unknown, kind: string, levels: number, inLinks: boolean, read: Read): unknown {
  if (levels < 1 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => expanded(each, kind, levels, inLinks, read));
  const link = linkOf(value);
  if (link !== undefined) {
    const wanted = kind === '*' || (kind === '~') === inLinks;
    const found = wanted ? read(link) : undefined;
    return found === undefined ? value : expandedBody(found, kind, levels - 1, inLinks, read);
  }
  return expandedBody(value as Body, kind, levels, inLinks, read);
}

function expandedBody(body: Body, kind: string, levels: number, inLinks: boolean, read: Read): Body {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      name,
      name === '@odata.id' ? value : expanded(value, kind, levels, inLinks || name === 'Links', read),
    ]),
  );
}

function select(body: Body, paths: readonly (readonly string[])[]): Body {
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => {
      const matching = paths.filter(([first]) => first === name);
      if (matching.length === 0) return name.startsWith('@odata.') ? [[name, value]] : [];
      const rest = matching.map(([, ...inner]) => inner);
      const inner = rest.every((each) => each.length > 0) ? asObject(value) : undefined;
      return [[name, inner === undefined ? value : select(inner, rest)]];
    }),
  );
}

function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d+$/.test(text)) throw problem(400, 'QueryParameterValueTypeError', text, name);
  return Number(text);
}

function page(body: Body, path: string, query: URLSearchParams, pageSize: number | undefined): Body {
  const members = body.Members;
  if (!Array.isArray(members)) return body;
  const skip = wholeNumber(query, '$skip') ?? 0;
  const top = wholeNumber(query, '$top');
  const size = Math.min(top ?? Number.POSITIVE_INFINITY, pageSize ?? Number.POSITIVE_INFINITY);
  if (skip === 0 && size >= members.length) return body;
  const next = new URLSearchParams(query);
  next.set('$skip', String(skip + size));
  if (top !== undefined) next.set('$top', String(top - size));
  // A client that asked for so many gets no link to more.
  const isMore = skip + size < members.length && (top === undefined || top > size);
  return {
    ...body,
    Members: members.slice(skip, skip + size),
    ...(isMore ? { 'Members@odata.nextLink': `${path}?${decodeURIComponent(next.toString())}` } : {}),
  };
}

/** Does to a resource what the query asks for. @throws Problem 400 or 501 */
export function applyQuery(
  model: Model,
  body: Body,
  path: string,
  query: URLSearchParams,
  pageSize: number | undefined,
  read: Read,
): Body {
  const { features } = model;
  const unknown = [...query.keys()].find((name) => name.startsWith('$') && !isSupported(features, name));
  if (unknown !== undefined) throw problem(501, 'QueryNotSupportedOnResource');
  let result = body;
  if (query.has('only') && features.only) {
    const members = body.Members;
    const [first] = Array.isArray(members) ? members : [];
    const only = Array.isArray(members) && members.length === 1 ? linkOf(first) : undefined;
    result = (only === undefined ? undefined : read(only)) ?? body;
  }
  result = page(result, path, query, pageSize);
  const expand = query.get('$expand');
  if (expand !== null) {
    const [, kind, levels = '1'] = /^([.~*])(?:\(\$levels=(\d+)\))?$/.exec(expand) ?? [];
    if (kind === undefined) throw problem(400, 'QueryParameterValueTypeError', expand, '$expand');
    if (Number(levels) > features.expandLevels) {
      throw problem(400, 'QueryParameterOutOfRange', levels, '$levels', `1-${features.expandLevels}`);
    }
    result = expandedBody(result, kind, Number(levels), false, read);
  }
  const selected = query.get('$select');
  return selected === null
    ? result
    : select(
        result,
        selected.split(',').map((path) => path.trim().split('/')),
      );
}

function isSupported(features: Model['features'], name: string): boolean {
  if (name === '$expand') return features.expandLevels > 0;
  if (name === '$select') return features.select;
  return (name === '$top' || name === '$skip') && features.paging;
}
