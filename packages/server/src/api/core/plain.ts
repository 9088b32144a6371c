// Routes that plain resources share: lists, one object, create, patch and delete around the rules that each keeps for itself.
import { type PolicyRuleName, quirks, type Resource } from '@wrought/contract';
import type { Marker, Page } from '../../store/paging.ts';
import type { Services } from '../services.ts';
import { allVisible, type ListView, listView, selectedFields } from './fields.ts';
import { listJson } from './list-body.ts';
import { misplacedRoutes } from './misplaced.ts';
import { nextUrl, pagingArguments, readPage, viewArguments } from './paging.ts';
import { type Answer, type ApiRequest, created, noContent, ok, type Route, type RoutePolicy } from './route.ts';
import type { Row, RowWriter } from './serialize.ts';

/** How rows of a resource are listed and written; `Item` is a row of the store. */
export interface Listing<Item extends Row> {
  readonly of: Resource;
  /** Path below /v1, also in links: "chassis", "volume/targets". */
  readonly path: string;
  /** Path that stands in the links of objects, where it is another. */
  readonly linkPath?: string;
  /** Column that names a row in links and markers; `uuid` when absent. */
  readonly identity?: string;
  readonly writer: (minor: number, names: readonly string[]) => RowWriter;
  readonly findMarker: (marker: string, sortKey: string) => Promise<Marker | undefined>;
  /** Markers need not look like UUIDs. */
  readonly markerIsName?: boolean;
  /** The row as it is shown; the row itself when absent. */
  readonly shown?: (row: Item, request: ApiRequest) => Row;
}

type Operation = 'get' | 'create' | 'update' | 'delete';
type PlainPolicy = Readonly<Record<Operation | 'list', RoutePolicy>>;

type NameWith<Rule extends string> = PolicyRuleName extends infer Name
  ? Name extends `baremetal:${infer Noun}:${Rule}`
    ? Noun
    : never
  : never;

/** The rules of a resource that belongs to nobody: asked before anything is looked at. */
export function systemPolicy(name: Exclude<NameWith<'create'>, NameWith<'list'>>): PlainPolicy {
  const rule = (operation: Operation) => ({ rule: `baremetal:${name}:${operation}` as PolicyRuleName });
  return {
    list: rule('get'),
    get: rule('get'),
    create: rule('create'),
    update: rule('update'),
    delete: rule('delete'),
  };
}

/** The rules of a resource whose objects belong to a project: asked by whoever loads the object. */
export function ownedPolicy(name: Exclude<NameWith<'list'>, 'node' | `node:${string}`>): PlainPolicy {
  const rule = (operation: Operation) => ({ onObject: `baremetal:${name}:${operation}` as PolicyRuleName });
  return {
    list: listPolicy(name),
    get: rule('get'),
    create: rule('create'),
    update: rule('update'),
    delete: rule('delete'),
  };
}

/** The rules of lists that are narrowed to the caller's project (`Access.listedProject`). */
export function listPolicy(name: Exclude<NameWith<'list'>, `node:${string}`>): RoutePolicy {
  return { listAll: `baremetal:${name}:list_all`, listOwn: `baremetal:${name}:list` };
}

/** What sets a plain resource apart. Each function throws the error of the registry that its failure deserves. */
export interface PlainResource<Item extends Row> extends Listing<Item> {
  readonly policy: PlainPolicy;
  /** Name of the path parameter; the resource's routes have their ident there. */
  readonly parameter: string;
  /** Filters of the list. */
  readonly filters?: readonly string[];
  /** The list has a detailed twin at ".../detail". */
  readonly hasDetail?: boolean;
  /** The list takes no `detail` argument and shows everything. */
  readonly listsEverything?: boolean;
  /** How older clients are told, by GET and by the other methods. */
  readonly tooOld?: { readonly get?: Route['tooOld']; readonly others?: Route['tooOld'] };
  /** Version of PATCH where it came later, and how older clients are told. */
  readonly patchVersion?: Pick<Route, 'since' | 'tooOld'>;
  readonly rows: (request: ApiRequest, page: Page) => Promise<readonly Item[]>;
  readonly rowOf: (request: ApiRequest) => Promise<Item>;
  readonly create: (request: ApiRequest) => Promise<Item>;
  readonly patch: (request: ApiRequest) => Promise<Item>;
  readonly remove: (request: ApiRequest) => Promise<void>;
}

/** One whole object as JSON text. */
export function itemJson<Item extends Row>(listing: Listing<Item>, row: Item, request: ApiRequest): string {
  const { of, path, linkPath = path, writer, shown } = listing;
  const { minor, base } = request;
  return writer(minor, allVisible(of, minor))(shown?.(row, request) ?? row, { base, collection: linkPath });
}

/** 200 with the fields of one object that the request selects. */
export function showAnswer<Item extends Row>(listing: Listing<Item>, row: Item, request: ApiRequest): Answer {
  const { of, path, linkPath = path, writer, shown } = listing;
  const { minor, query, base } = request;
  const fields = selectedFields(of, minor, query) ?? allVisible(of, minor);
  return ok(writer(minor, fields)(shown?.(row, request) ?? row, { base, collection: linkPath }));
}

/** 200 with a page of a list. `parent` is the path of what a list lies below, such as "nodes/UUID". */
export async function listAnswer<Item extends Row>(
  listing: Listing<Item>,
  request: ApiRequest,
  options: {
    readonly services: Services;
    readonly view: ListView;
    readonly isDetailPath?: boolean;
    readonly parent?: string;
    readonly rows: (page: Page) => Promise<readonly Item[]>;
  },
): Promise<Answer> {
  const { of, path, linkPath = path, identity = 'uuid', writer, shown, findMarker } = listing;
  const { services, view, isDetailPath = false, parent, rows } = options;
  const { minor, base } = request;
  const page = await readPage(of, request, {
    maximum: services.config().api.max_limit,
    findMarker,
    markerIsName: listing.markerIsName ?? false,
  });
  const items = await rows(page);
  const write = writer(minor, view.fields);
  const last = items.at(-1);
  const below = parent === undefined || quirks.childListsLinkToAll ? path : `${parent}/${path}`;
  const next =
    items.length === page.limit && last !== undefined
      ? nextUrl(base, {
          path: isDetailPath ? `${below}/detail` : below,
          page,
          last: String(last[identity]),
          middle: viewArguments(view, isDetailPath),
        })
      : undefined;
  const texts = items.values().map((row) => write(shown?.(row, request) ?? row, { base, collection: linkPath }));
  return ok(listJson(of.collection, texts, next));
}

/** How a list that takes `fields` and `detail` is shown. */
export function plainView<Item extends Row>({ of }: Listing<Item>, { minor, query }: ApiRequest): ListView {
  return listView(of, minor, query);
}

/** The same, for resources whose lists show everything. */
function listedView<Item extends Row>(plain: PlainResource<Item>, request: ApiRequest): ListView {
  const view = plainView(plain, request);
  return plain.listsEverything === true && view.kind === 'default' ? { ...view, kind: 'everything' } : view;
}

/** How a list at ".../detail" is shown. */
function detailView<Item extends Row>({ of }: Listing<Item>, { minor }: ApiRequest): ListView {
  return { fields: allVisible(of, minor), kind: 'detail' };
}

/** The routes of the lists of a resource below a parent: plain, and detailed where the resource has such lists. */
export function childListRoutes<Item extends Row>(
  services: Services,
  listing: Listing<Item>,
  child: {
    /** Path of the parent with its parameter, and the version of the lists below it. */
    readonly path: string;
    readonly policy: RoutePolicy;
    readonly since?: number;
    readonly hasDetail?: boolean;
    /** Path of the parent below /v1, and its rows. */
    readonly open: (request: ApiRequest) => Promise<{ parent: string; rows: (page: Page) => Promise<readonly Item[]> }>;
  },
): readonly Route[] {
  const { path, policy, since = 1, hasDetail = false, open } = child;
  const all = `${path}/${listing.path}`;
  const plain: Route = {
    method: 'GET',
    path: all,
    policy,
    since,
    gives: { list: listing.of },
    query: [...pagingArguments, 'fields', 'detail'],
    async handle(request) {
      const view = plainView(listing, request);
      return listAnswer(listing, request, { services, view, ...(await open(request)) });
    },
  };
  const detailed: Route = {
    method: 'GET',
    path: `${all}/detail`,
    policy,
    since,
    gives: { list: listing.of },
    query: pagingArguments,
    async handle(request) {
      const view = detailView(listing, request);
      return listAnswer(listing, request, { services, view, isDetailPath: true, ...(await open(request)) });
    },
  };
  return hasDetail ? [plain, detailed] : [plain];
}

/** The routes of a plain resource. */
export function plainRoutes<Item extends Row>(services: Services, plain: PlainResource<Item>): readonly Route[] {
  const { of, path, parameter, filters = [], hasDetail = false, policy } = plain;
  const all = `/v1/${path}`;
  const one = `${all}/:${parameter}`;
  const since = of.since;
  const get = { since, ...(plain.tooOld?.get === undefined ? {} : { tooOld: plain.tooOld.get }) } as const;
  const others = { since, ...(plain.tooOld?.others === undefined ? {} : { tooOld: plain.tooOld.others }) } as const;
  const list = (request: ApiRequest, view: ListView, isDetailPath: boolean) =>
    listAnswer(plain, request, { services, view, isDetailPath, rows: (page) => plain.rows(request, page) });
  return [
    {
      ...get,
      method: 'GET',
      path: all,
      policy: policy.list,
      gives: { list: of },
      query: [...filters, ...pagingArguments, 'fields', ...(plain.listsEverything ? [] : ['detail'])],
      handle: (request) => list(request, listedView(plain, request), false),
    },
    ...(hasDetail
      ? [
          {
            ...get,
            method: 'GET',
            path: `${all}/detail`,
            policy: policy.list,
            gives: { list: of },
            query: [...filters, ...pagingArguments],
            handle: (request: ApiRequest) => list(request, detailView(plain, request), true),
          } as const,
        ]
      : []),
    {
      ...others,
      method: 'POST',
      path: all,
      policy: policy.create,
      takes: { create: of },
      gives: { one: of },
      async handle(request) {
        const row = await plain.create(request);
        return created(itemJson(plain, row, request), `${request.base}/v1/${path}/${row[plain.identity ?? 'uuid']}`);
      },
    },
    {
      ...get,
      method: 'GET',
      path: one,
      policy: policy.get,
      gives: { one: of },
      query: ['fields'],
      handle: async (request) => showAnswer(plain, await plain.rowOf(request), request),
    },
    {
      ...others,
      ...plain.patchVersion,
      method: 'PATCH',
      path: one,
      policy: policy.update,
      takes: { patch: of },
      gives: { one: of },
      handle: async (request) => ok(itemJson(plain, await plain.patch(request), request)),
    },
    {
      ...others,
      method: 'DELETE',
      path: one,
      policy: policy.delete,
      async handle(request) {
        await plain.remove(request);
        return noContent;
      },
    },
    ...misplacedRoutes({ path: all, item: one, name: of.name, since, hasDetail }),
  ];
}
