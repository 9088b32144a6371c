// The routes of allocations: all, and that of a node.
import { ALLOCATION_PATCH_SINCE, type Allocation, allocationResource, registeredError } from '@wrought/contract';
import {
  type AllocationFilters,
  type AllocationRow,
  allocationTable,
  listAllocationRows,
} from '../../store/allocations.ts';
import { valuesOf } from '../../store/plain-table.ts';
import { checkFilterVersions } from '../core/fields.ts';
import { applyPatch, readPatch } from '../core/patch.ts';
import { ownedPolicy, plainRoutes, showAnswer } from '../core/plain.ts';
import { recorded } from '../core/recorded.ts';
import { type ApiRequest, noContent, type Route } from '../core/route.ts';
import { givenFilters, nodeFilter } from '../nodes/filter-arguments.ts';
import type { Services } from '../services.ts';
import { createAllocation, duplicate } from './create.ts';
import { removeAllocation } from './remove.ts';
import { allocationListing, allocationOfNode, allocationRowOf } from './view.ts';

const { since, filters } = allocationResource;

export function allocationRoutes(services: Services): readonly Route[] {
  const { read } = services.store;
  const listing = allocationListing(read);
  const ofNode = { path: '/v1/nodes/:node/allocation', since } as const;
  return [
    ...plainRoutes(services, {
      ...listing,
      parameter: 'allocation',
      policy: {
        ...ownedPolicy('allocation'),
        create: { byHandler: ['baremetal:allocation:create', 'baremetal:allocation:create_restricted'] },
      },
      filters: Object.keys(filters),
      listsEverything: true,
      tooOld: { others: 'framework 405' },
      patchVersion: { since: ALLOCATION_PATCH_SINCE, tooOld: 'fault 405' },
      rows: async (request, page) => listAllocationRows(read, await readFilters(request, services), page),
      rowOf: (request) => allocationRowOf(request, services),
      create: (request) => createAllocation(request, services),
      patch: (request) => patch(request, services),
      remove: async (request) => removeAllocation(await allocationRowOf(request, services), services),
    }),
    {
      ...ofNode,
      method: 'GET',
      policy: { onObject: 'baremetal:allocation:get' },
      query: ['fields'],
      gives: { one: allocationResource },
      handle: async (request) => showAnswer(listing, await allocationOfNode(request, services), request),
    },
    {
      ...ofNode,
      method: 'DELETE',
      policy: { onObject: 'baremetal:allocation:delete' },
      async handle(request) {
        await removeAllocation(await allocationOfNode(request, services), services);
        return noContent;
      },
    },
  ];
}

/** @throws RegisteredError 400, also for an unknown node, 403, 406 */
async function readFilters(request: ApiRequest, services: Services): Promise<AllocationFilters> {
  const { query, minor, access } = request;
  checkFilterVersions(allocationResource, minor, query);
  const project = access.listedProject(query.owner);
  const node_uuid = await nodeFilter(request, services).catch((error: Error) => {
    throw registeredError('InvalidParameterValue', { reason: error.message });
  });
  const { resource_class, state, owner } = query;
  return givenFilters<AllocationFilters>({ node_uuid, resource_class, state, owner, project });
}

async function patch(request: ApiRequest, services: Services): Promise<AllocationRow> {
  const operations = readPatch(allocationResource, request.body, request.minor);
  const row = await allocationRowOf(request, services);
  const values = applyPatch(allocationResource, valuesOf(allocationResource, row), operations) as Partial<Allocation>;
  const updated = await recorded(services, { object: 'allocation', action: 'update', asked: row }, (trx) =>
    allocationTable.update(trx, row.id, values),
  ).catch(duplicate({ ...row, ...values }));
  if (updated === undefined) {
    throw registeredError('AllocationNotFound', { allocation: row.uuid });
  }
  return updated;
}
