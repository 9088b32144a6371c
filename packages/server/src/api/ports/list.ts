// Lists of ports: their filters, and the lists below a node.
import { portResource, readMac, registeredError } from '@wrought/contract';
import { findNode, isUuid } from '../../store/nodes.ts';
import { listPortRows, type PortFilters } from '../../store/port-list.ts';
import { tooNew } from '../core/fields.ts';
import { childListRoutes, listPolicy } from '../core/plain.ts';
import { listArgument, uuidArgument } from '../core/query.ts';
import type { ApiRequest, Route } from '../core/route.ts';
import { parentNode } from '../nodes/parent.ts';
import { NODE_NAME_SINCE } from '../nodes/view.ts';
import type { Services } from '../services.ts';
import { portListing } from './view.ts';

export function childRoutes(services: Services): readonly Route[] {
  const { read } = services.store;
  return [
    ...childListRoutes(services, portListing(read), {
      path: '/v1/nodes/:node',
      policy: listPolicy('port'),
      hasDetail: true,
      async open(request) {
        const { uuid } = await parentNode(request, services);
        const project = request.access.listedProject();
        const filters = { node_uuid: uuid, ...(project === undefined ? {} : { project }) };
        return { parent: `nodes/${uuid}`, rows: (page) => listPortRows(read, filters, page) };
      },
    }),
    {
      method: 'GET',
      path: '/v1/nodes/:node/ports/:port',
      policy: 'anyone',
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
        policy: 'anyone',
        query: null,
        handle: () => {
          throw registeredError('Invalid', { reason: 'Ports are made, changed and deleted at /v1/ports.' });
        },
      }),
    ),
  ];
}

/** @throws RegisteredError 400, 403 for filters that exclude each other, 404 for an unknown node, 406 */
export async function readPortFilters({ query, minor }: ApiRequest, { store }: Services): Promise<PortFilters> {
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
