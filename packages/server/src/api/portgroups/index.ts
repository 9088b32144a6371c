// The routes of port groups.
import { PORTGROUP_LISTS_SINCE, portgroupResource, registeredError } from '@wrought/contract';
import { findNodeById } from '../../store/nodes.ts';
import { deletePortgroup, listPortgroupRows, type PortgroupFilters, portsOfPortgroup } from '../../store/portgroups.ts';
import { checkFilterVersions } from '../core/fields.ts';
import { childListRoutes, listPolicy, ownedPolicy, plainRoutes } from '../core/plain.ts';
import { listArgument } from '../core/query.ts';
import { recorded } from '../core/recorded.ts';
import type { ApiRequest, Route } from '../core/route.ts';
import { addressFilter, givenFilters, nodeFilter } from '../nodes/filter-arguments.ts';
import { parentNode } from '../nodes/parent.ts';
import type { Services } from '../services.ts';
import { createPortgroup } from './create.ts';
import { patchPortgroup } from './patch.ts';
import { notEmpty } from './rules.ts';
import { portgroupListing, portgroupRowOf } from './view.ts';

const filterNames = Object.keys(portgroupResource.filters);

export function portgroupRoutes(services: Services): readonly Route[] {
  const { read } = services.store;
  const listing = portgroupListing(read);
  return [
    ...plainRoutes(services, {
      ...listing,
      parameter: 'portgroup',
      policy: ownedPolicy('portgroup'),
      filters: filterNames,
      hasDetail: true,
      tooOld: { get: 'fault 404', others: 'fault 404' },
      rows: async (request, page) => listPortgroupRows(read, await readFilters(request, services), page),
      rowOf: (request) => portgroupRowOf(request, services),
      create: (request) => createPortgroup(request, services),
      patch: (request) => patchPortgroup(request, services),
      remove: (request) => remove(request, services),
    }),
    ...childListRoutes(services, listing, {
      path: '/v1/nodes/:node',
      policy: listPolicy('portgroup'),
      since: PORTGROUP_LISTS_SINCE,
      hasDetail: true,
      async open(request) {
        const { uuid } = await parentNode(request, services);
        const filters = givenFilters<PortgroupFilters>({ node_uuid: uuid, project: request.access.listedProject() });
        return { parent: `nodes/${uuid}`, rows: (page) => listPortgroupRows(read, filters, page) };
      },
    }),
  ];
}

/** @throws RegisteredError 400, also for two filters at once, 404 for an unknown node, 406 */
async function readFilters(request: ApiRequest, services: Services): Promise<PortgroupFilters> {
  const { query, minor } = request;
  const project = request.access.listedProject();
  checkFilterVersions(portgroupResource, minor, query);
  const given = filterNames.filter((name) => query[name] !== undefined);
  if (given.length > 1) {
    throw registeredError('Invalid', {
      reason: `The filters ${given.join(' and ')} can not be used together; allowed: one of ${filterNames.join(', ')}.`,
    });
  }
  return givenFilters<PortgroupFilters>({
    node_uuid: await nodeFilter(request, services),
    address: addressFilter(request),
    shard: listArgument(query, 'shard'),
    conductor_groups: listArgument(query, 'conductor_groups')?.map((group) => group.toLowerCase()),
    project,
  });
}

async function remove(request: ApiRequest, services: Services): Promise<void> {
  const { store, doors } = services;
  const row = await portgroupRowOf(request, services);
  const node = await findNodeById(store.read, row.node_id);
  if (node === undefined) {
    throw registeredError('PortgroupNotFound', { portgroup: row.uuid });
  }
  await doors.call.withLock(node, 'deletion of a port group', async () => {
    if (
      !(await recorded(services, { object: 'portgroup', action: 'delete', asked: row }, (trx) =>
        deletePortgroup(trx, row),
      ))
    ) {
      throw notEmpty(row, await portsOfPortgroup(store.read, row.uuid));
    }
  });
}
