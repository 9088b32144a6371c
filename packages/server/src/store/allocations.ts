// Allocations in the store: lists, the nodes that fit one, and the one transaction that gives it a node.
import { type Allocation, allocationResource, type Node } from '@wrought/contract';
import { appendTimeline } from './evidence.ts';
import { type NodeChanges, nodeFromRow, updateNode } from './nodes.ts';
import type { Page } from './paging.ts';
import { equals, type PlainRow, plainTable, valuesOf } from './plain-table.ts';
import type { Database } from './store.ts';
import { now } from './time.ts';

/** An allocation's row with the UUID of its node. */
export type AllocationRow = PlainRow<'allocations'> & { readonly node_uuid: string | null };

export const allocationTable = plainTable<'allocations', AllocationRow>('allocations', 'some');

/** Makes the allocation of a row. */
export function allocationFromRow(row: AllocationRow): Allocation {
  return valuesOf<Allocation>(allocationResource, row);
}

/** What a list of allocations may be narrowed by. */
export interface AllocationFilters {
  readonly node_uuid?: string;
  readonly resource_class?: string;
  readonly state?: string;
  readonly owner?: string;
  /** The project whose allocations alone may be seen. */
  readonly project?: string;
}

/** A page of allocations. */
export async function listAllocationRows(
  db: Database,
  filters: AllocationFilters,
  page: Page,
): Promise<AllocationRow[]> {
  return allocationTable.page(db, page, [
    ...equals('nodes.uuid', filters.node_uuid),
    ...equals('allocations.resource_class', filters.resource_class),
    ...equals('allocations.state', filters.state),
    ...equals('allocations.owner', filters.owner),
    ...equals('allocations.owner', filters.project),
  ]);
}

/** Nodes that are free for an allocation of this class and owner; traits and candidates are for the caller to compare. */
export async function freeNodes(
  db: Database,
  { resource_class, owner }: Pick<Allocation, 'resource_class' | 'owner'>,
): Promise<Node[]> {
  let query = db
    .selectFrom('nodes')
    .selectAll()
    .where('resource_class', '=', resource_class)
    .where('provision_state', '=', 'available')
    .where('power_state', 'is not', null)
    .where('instance_uuid', 'is', null)
    .where('allocation_uuid', 'is', null)
    .where('maintenance', '=', 0)
    .where('parent_node', 'is', null)
    .orderBy('id');
  if (owner !== null) {
    query = query.where((is) => is.or([is('owner', '=', owner), is('lessee', '=', owner)]));
  }
  return (await query.execute()).map(nodeFromRow);
}

/** Thrown inside the transaction when the allocation is no longer what it was, so that the node stays as it is. */
export class AllocationGoneError extends Error {}

/**
 * Gives an allocation its node: both rows are written or none. Returns the node, or undefined when somebody else wrote it in
 * between. @throws AllocationGoneError
 */
export async function assignNode(
  db: Database,
  allocation: Pick<Allocation, 'id' | 'uuid' | 'traits'>,
  node: Node,
): Promise<Node | undefined> {
  const changes: NodeChanges = {
    instance_uuid: allocation.uuid,
    allocation_uuid: allocation.uuid,
    instance_info: { ...node.instance_info, traits: allocation.traits },
  };
  const updated = await updateNode(db, node, changes);
  if (updated === undefined) {
    return undefined;
  }
  const result = await db
    .updateTable('allocations')
    .set({ state: 'active', node_id: node.id, last_error: null, updated_at: now() })
    .where('id', '=', allocation.id)
    .where('state', '=', 'allocating')
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n) {
    throw new AllocationGoneError(`Allocation ${allocation.uuid} was changed or deleted.`);
  }
  await appendTimeline(db, node.id, [
    {
      kind: 'allocation',
      message: `The node was given to allocation ${allocation.uuid}.`,
      data: { allocation: allocation.uuid },
    },
  ]);
  return updated;
}

/** Ends the search for a node without one; an allocation that was deleted meanwhile is passed over. */
export async function failAllocation(db: Database, id: number, reason: string): Promise<void> {
  await db
    .updateTable('allocations')
    .set({ state: 'error', last_error: reason, updated_at: now() })
    .where('id', '=', id)
    .where('state', '=', 'allocating')
    .execute();
}

/** Notes which conductor looks for a node. */
export async function claimAllocation(db: Database, id: number, conductor: string): Promise<void> {
  await db
    .updateTable('allocations')
    .set({ conductor })
    .where('id', '=', id)
    .where('state', '=', 'allocating')
    .execute();
}

/** Numbers of the allocations without a node that nobody else looks after: `conductor`'s own, and those of conductors unseen since. */
export async function lostAllocations(db: Database, conductor: string, unseenSince: string): Promise<number[]> {
  const alive = db
    .selectFrom('conductors')
    .select('hostname')
    .where('online', '=', 1)
    .where('updated_at', '>=', unseenSince)
    .where('hostname', '!=', conductor);
  const rows = await db
    .selectFrom('allocations')
    .select('id')
    .where('state', '=', 'allocating')
    .where((is) => is.or([is('conductor', 'is', null), is('conductor', 'not in', alive)]))
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}
