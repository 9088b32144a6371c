// Shows allocations: finds their rows, and says how they are listed and written.
import { allocationResource, registeredError } from '@wrought/contract';
import { type AllocationRow, allocationTable } from '../../store/allocations.ts';
import { equals } from '../../store/plain-table.ts';
import type { Database } from '../../store/store.ts';
import { findWithSuffix } from '../core/path.ts';
import type { Listing } from '../core/plain.ts';
import type { ApiRequest } from '../core/route.ts';
import { serializer } from '../core/serialize.ts';
import { nodeRowOf } from '../nodes/view.ts';
import type { Services } from '../services.ts';

const writer = serializer(allocationResource, { identity: 'uuid' });

/** How allocations are listed and written. */
export function allocationListing(read: Database): Listing<AllocationRow> {
  return {
    of: allocationResource,
    path: allocationResource.collection,
    writer,
    findMarker: (marker, sortKey) => allocationTable.marker(read, marker, sortKey),
  };
}

/** The row once the policy allows it. @throws RegisteredError AllocationNotFound, 403 */
function allowed(row: AllocationRow | undefined, ident: string, { access }: ApiRequest): AllocationRow {
  const notFound = () => registeredError('AllocationNotFound', { allocation: ident });
  if (row === undefined) {
    throw notFound();
  }
  access.requireOn({ 'allocation.owner': row.owner }, 'baremetal:allocation:get', notFound);
  return row;
}

/** The allocation that the path names. @throws RegisteredError AllocationNotFound, 403 */
export async function allocationRowOf(request: ApiRequest, { store }: Services): Promise<AllocationRow> {
  const { params, jsonSuffix } = request;
  const ident = params.allocation ?? '';
  const row = await findWithSuffix(ident, jsonSuffix, (text) => allocationTable.findByIdent(store.read, text));
  return allowed(row, ident, request);
}

/** The allocation of the node that the path names. @throws RegisteredError NodeNotFound, AllocationNotFound, 403 */
export async function allocationOfNode(request: ApiRequest, { store }: Services): Promise<AllocationRow> {
  const node = await nodeRowOf(store, request, request.params.node, 'baremetal:node:get');
  const [row] = await allocationTable.all(store.read, equals('allocations.node_id', node.id));
  return allowed(row, `of node ${node.uuid}`, request);
}
