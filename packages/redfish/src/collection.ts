// Members of a collection: all pages, expanded where the service can (DSP0266, "Query parameters").
import type { CallOptions, Client } from './client.ts';
import { MissingError, ResponseError } from './errors.ts';
import type { Fields } from './fields.ts';
import { Resource } from './resource.ts';

export interface MembersOptions extends CallOptions {
  /** Whether to ask for members with their content. Default: where the service says that it can. */
  readonly expand?: boolean;
  /** Only these properties of each member, where the service can select. */
  readonly select?: readonly string[];
}

/** BMCs answer slowly when they are asked for many things at a time. */
const readsAtATime = 4;
/** A service whose last page leads to its first would be read for ever. */
const maximumPages = 1000;

/** Answers that a request without `$expand` would get too. */
const notAboutExpanding = new Set([401, 403, 429, 503]);
/** Services that offer to expand, and failed at it. */
const failedToExpand = new WeakSet<Client>();

function expandQuery(features: Fields | undefined): string | undefined {
  const expand = features?.object('ExpandQuery');
  if (expand === undefined) return undefined;
  const levels = expand.boolean('Levels') === true ? '($levels=1)' : '';
  if (expand.boolean('NoLinks') === true) return `$expand=.${levels}`;
  return expand.boolean('ExpandAll') === true ? `$expand=*${levels}` : undefined;
}

async function readPages(client: Client, path: string, options: CallOptions): Promise<Resource[]> {
  const pages: Resource[] = [];
  const seen = new Set<string>();
  for (let next: string | undefined = path; next !== undefined && pages.length < maximumPages; ) {
    seen.add(next);
    const page: Resource = await client.get(next, options);
    pages.push(page);
    const link = page.string('Members@odata.nextLink');
    if (link !== undefined && seen.has(link)) {
      page.report('Members@odata.nextLink', 'the next page', 'a page that was read');
      break;
    }
    next = link;
  }
  return pages;
}

/** Reads the pages with their members expanded; without that where the service fails at it. */
async function readCollection(client: Client, path: string, options: MembersOptions): Promise<Resource[]> {
  const wanted = options.expand ?? (client.behaviour.expand && !failedToExpand.has(client));
  const features = wanted ? (await client.root(options)).object('ProtocolFeaturesSupported') : undefined;
  const query = expandQuery(features);
  if (query === undefined) return readPages(client, path, options);
  try {
    return await readPages(client, `${path}${path.includes('?') ? '&' : '?'}${query}`, options);
  } catch (error) {
    if (!(error instanceof ResponseError) || notAboutExpanding.has(error.status)) throw error;
    // Read first: when the collection itself is missing or broken, expanding is not to blame.
    const pages = await readPages(client, path, options);
    failedToExpand.add(client);
    client.onOddity({ path, property: '$expand', expected: 'the members with their content', found: error.message });
    return pages;
  }
}

const isReferenceOnly = (member: Fields): boolean =>
  Object.keys(member.json).every((name) => name === '@odata.id' || name === '@odata.type');

/** Reads one member; undefined, and reported, when it is gone or the BMC fails at it, which must not hide the others. */
async function readMember(client: Client, path: string, options: MembersOptions): Promise<Resource | undefined> {
  const { timeoutMilliseconds, signal, select } = options;
  try {
    return await client.get(path, {
      signal,
      ...(timeoutMilliseconds === undefined ? {} : { timeoutMilliseconds }),
      ...(select === undefined ? {} : { select }),
    });
  } catch (error) {
    if (!(error instanceof MissingError || (error instanceof ResponseError && error.status >= 500))) throw error;
    client.onOddity({ path, property: '', expected: 'the resource of a member', found: error.message });
    return undefined;
  }
}

/** Reads every member of a collection, in its order. */
export async function readMembers(client: Client, path: string, options: MembersOptions = {}): Promise<Resource[]> {
  const pages = await readCollection(client, path, options);
  const wanted: (Resource | string)[] = [];
  for (const page of pages) {
    for (const member of page.objects('Members')) {
      const link = member.ownPath;
      if (isReferenceOnly(member)) {
        if (link !== undefined) wanted.push(link);
      } else {
        wanted.push(new Resource(member.json, link ?? page.path, client.origin, undefined, client.onOddity));
      }
    }
  }
  const found: (Resource | undefined)[] = Array.from({ length: wanted.length });
  const queue = wanted.entries();
  const reader = async () => {
    for (const [index, each] of queue) {
      found[index] = typeof each === 'string' ? await readMember(client, each, options) : each;
    }
  };
  await Promise.all(Array.from({ length: readsAtATime }, reader));
  return found.filter((each) => each !== undefined);
}
