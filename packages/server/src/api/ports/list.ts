// Lists of ports: their filters, and the lists below a node or a port group.
import { PORTGROUP_LISTS_SINCE, portResource, registeredError } from '@wrought/contract';
import { listPortRows, type PortFilters } from '../../store/port-list.ts';
import { portgroupTable } from '../../store/portgroups.ts';
import { checkFilterVersions } from '../core/fields.ts';
import { childListRoutes, listPolicy } from '../core/plain.ts';
import { listArgument } from '../core/query.ts';
import type { ApiRequest, Route } from '../core/route.ts';
import { addressFilter, givenFilters, nodeFilter } from '../nodes/filter-arguments.ts';
import { parentNode } from '../nodes/parent.ts';
import { parentPortgroup } from '../portgroups/view.ts';
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
        const filters = givenFilters<PortFilters>({ node_uuid: uuid, project: request.access.listedProject() });
        return { parent: `nodes/${uuid}`, rows: (page) => listPortRows(read, filters, page) };
      },
    }),
    ...childListRoutes(services, portListing(read), {
      path: '/v1/portgroups/:portgroup',
      policy: listPolicy('port'),
      since: PORTGROUP_LISTS_SINCE,
      hasDetail: true,
      async open(request) {
        const { uuid } = await parentPortgroup(request, services);
        const filters = givenFilters<PortFilters>({ portgroup_uuid: uuid, project: request.access.listedProject() });
        return { parent: `portgroups/${uuid}`, rows: (page) => listPortRows(read, filters, page) };
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

/** The filters of a list and what the caller may see. @throws RegisteredError 400, 403 also for filters that exclude each other, 404 for an unknown node or port group, 406 */
export async function readPortFilters(request: ApiRequest, services: Services): Promise<PortFilters> {
  const { query, minor } = request;
  const project = request.access.listedProject();
  checkFilterVersions(portResource, minor, query);
  const exclusive = (['node', 'portgroup', 'shard'] as const).filter((name) => query[name] !== undefined);
  if (exclusive.length > 1) {
    throw registeredError('OperationNotPermitted', {
      reason: `The filters ${exclusive.join(' and ')} can not be used together; allowed: one of node, portgroup, shard.`,
    });
  }
  const groups = listArgument(query, 'conductor_groups')?.map((group) => group.toLowerCase());
  if (groups !== undefined && (query.node ?? query.address) !== undefined) {
    throw registeredError('Invalid', {
      reason: 'The filter conductor_groups can not be used together with node or address.',
    });
  }
  return givenFilters<PortFilters>({
    address: addressFilter(request),
    shard: listArgument(query, 'shard'),
    conductor_groups: groups,
    description_contains: query.description_contains,
    node_uuid: await nodeFilter(request, services),
    portgroup_uuid: await portgroupFilter(query, services),
    project,
  });
}

async function portgroupFilter(
  { portgroup: ident }: ApiRequest['query'],
  { store }: Services,
): Promise<string | undefined> {
  if (ident === undefined) {
    return undefined;
  }
  const row = await portgroupTable.findByIdent(store.read, ident);
  if (row === undefined) {
    throw registeredError('PortgroupNotFound', { portgroup: ident });
  }
  return row.uuid;
}
