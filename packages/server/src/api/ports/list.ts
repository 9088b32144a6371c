// GET of the lists of ports: plain and detailed, of all nodes or of one.
import { portResource, quirks, readMac, registeredError } from '@wrought/contract';
import { findNode, isUuid } from '../../store/nodes.ts';
import { listPortRows, type PortFilters, portMarker } from '../../store/port-list.ts';
import { allVisible, type ListView, listView, tooNew } from '../core/fields.ts';
import { listJson, nextUrl, pagingArguments, readPage, viewArguments } from '../core/paging.ts';
import { listArgument, uuidArgument } from '../core/query.ts';
import { type Answer, type ApiRequest, ok, type Route } from '../core/route.ts';
import { NODE_NAME_SINCE } from '../nodes/view.ts';
import type { Services } from '../services.ts';
import { portWriter } from './view.ts';

const filterArguments = Object.keys(portResource.filters);
const plainArguments = [...pagingArguments, 'fields', 'detail'];

export function listRoutes(services: Services): readonly Route[] {
  const plain = (request: ApiRequest, node?: string) =>
    list(request, services, listView(portResource, request.minor, request.query), false, node);
  const detailed = (request: ApiRequest, node?: string) => {
    const fields = allVisible(portResource, request.minor);
    return list(request, services, { fields, kind: 'detail' }, true, node);
  };
  return [
    { method: 'GET', path: '/v1/ports', query: [...filterArguments, ...plainArguments], handle: (r) => plain(r) },
    {
      method: 'GET',
      path: '/v1/ports/detail',
      query: [...filterArguments, ...pagingArguments],
      handle: (request) => detailed(request),
    },
    {
      method: 'GET',
      path: '/v1/nodes/:node/ports',
      query: plainArguments,
      handle: async (request) => plain(request, await parentOf(request, services)),
    },
    {
      method: 'GET',
      path: '/v1/nodes/:node/ports/detail',
      query: pagingArguments,
      handle: async (request) => detailed(request, await parentOf(request, services)),
    },
    {
      method: 'GET',
      path: '/v1/nodes/:node/ports/:port',
      query: null,
      handle: ({ params }) => {
        throw registeredError('OperationNotPermitted', {
          reason: `A port is not shown below its node; it is at /v1/ports/${params.port}.`,
        });
      },
    },
    ...(['POST', 'DELETE', 'PATCH'] as const).map(
      (method): Route => ({
        method,
        path: '/v1/nodes/:node/ports',
        query: null,
        handle: () => {
          throw registeredError('Invalid', { reason: 'Ports are made, changed and deleted at /v1/ports.' });
        },
      }),
    ),
  ];
}

/** Lists below a node take its UUID only: a name is answered as unknown. */
async function parentOf({ params }: ApiRequest, { store }: Services): Promise<string> {
  const ident = params.node ?? '';
  const isRefused = quirks.nodePortsNeedUuid && !isUuid(ident);
  const node = isRefused ? undefined : await findNode(store.read, ident);
  if (node === undefined) {
    throw registeredError('NodeNotFound', { node: ident });
  }
  return node.uuid;
}

async function list(
  request: ApiRequest,
  services: Services,
  shown: ListView,
  isDetailPath: boolean,
  node: string | undefined,
): Promise<Answer> {
  const { minor, base } = request;
  const { read } = services.store;
  const filters = node === undefined ? await readFilters(request, services) : { node_uuid: node };
  const page = await readPage(portResource, request, {
    maximum: services.config().api.max_limit,
    findMarker: (marker, sortKey) => portMarker(read, marker, sortKey),
  });
  const rows = await listPortRows(read, filters, page);
  const write = portWriter(minor, shown.fields);
  const context = { base, collection: portResource.collection };
  const last = rows.at(-1);
  const parent = node === undefined || quirks.nodePortsLinkToAllPorts ? '' : `nodes/${node}/`;
  const next =
    rows.length === page.limit && last !== undefined
      ? nextUrl(base, {
          path: isDetailPath ? `${parent}ports/detail` : `${parent}ports`,
          page,
          last: last.uuid,
          middle: viewArguments(shown, isDetailPath),
        })
      : undefined;
  return ok(
    listJson(
      portResource.collection,
      rows.map((row) => write(row, context)),
      next,
    ),
  );
}

/** @throws RegisteredError 400, 403 for filters that exclude each other, 404 for an unknown node, 406 */
async function readFilters({ query, minor }: ApiRequest, { store }: Services): Promise<PortFilters> {
  for (const [name, { since }] of Object.entries(portResource.filters)) {
    if (query[name] !== undefined && since > minor) {
      throw tooNew(`The filter "${name}"`, since, minor);
    }
  }
  const exclusive = (['node', 'portgroup', 'shard'] as const).filter((name) => query[name] !== undefined);
  if (exclusive.length > 1) {
    throw registeredError('OperationNotPermitted', {
      reason: `The filters ${exclusive.join(' and ')} can not be used together; allowed: one of node, portgroup, shard.`,
    });
  }
  if (query.portgroup !== undefined) {
    throw registeredError('NotFound', { reason: `Port group ${query.portgroup} could not be found.` });
  }
  if (query.node !== undefined && minor < NODE_NAME_SINCE && !isUuid(query.node)) {
    throw tooNew('Naming a node by its name', NODE_NAME_SINCE, minor);
  }
  const groups = listArgument(query, 'conductor_groups')?.map((group) => group.toLowerCase());
  if (groups !== undefined && (query.node ?? query.address) !== undefined) {
    throw registeredError('Invalid', {
      reason: 'The filter conductor_groups can not be used together with node or address.',
    });
  }
  const filters: Record<string, unknown> = {
    address: addressFilter(query.address),
    shard: listArgument(query, 'shard'),
    conductor_groups: groups,
    description_contains: query.description_contains,
    node_uuid: await nodeFilter(query, store),
  };
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
}

function addressFilter(address: string | undefined): string | undefined {
  const mac = address === undefined ? undefined : readMac(address);
  if (address !== undefined && mac === undefined) {
    throw registeredError('InvalidMAC', { field: 'address', mac: address });
  }
  return mac;
}

async function nodeFilter(query: ApiRequest['query'], { read }: Services['store']): Promise<string | undefined> {
  const ident = query.node ?? uuidArgument(query, 'node_uuid');
  if (ident === undefined) {
    return undefined;
  }
  const node = await findNode(read, ident);
  if (node === undefined) {
    throw registeredError('NodeNotFound', { node: ident });
  }
  return node.uuid;
}
