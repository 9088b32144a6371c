// DELETE of an allocation, which takes the instance from its node.
import { type Node, registeredError, updateAllowedStates } from '@wrought/contract';
import { type AllocationRow, allocationTable } from '../../store/allocations.ts';
import { findNodeById, updateNode } from '../../store/nodes.ts';
import { recorded } from '../core/recorded.ts';
import type { Services } from '../services.ts';

/** Deletes an allocation. @throws RegisteredError 409 while its node is in use, or locked */
export async function removeAllocation(row: AllocationRow, services: Services): Promise<void> {
  const { store, doors } = services;
  const node = row.node_id === null ? undefined : await findNodeById(store.read, row.node_id);
  if (node !== undefined) {
    await doors.call.withLock(node, 'deletion of an allocation', async (fresh) => {
      checkNode(fresh, row.uuid);
      await removeWithNode(row, services);
    });
    return;
  }
  // A node may be given to it between that look and this one.
  const isAlone = await recorded(services, { object: 'allocation', action: 'delete', asked: row }, async (trx) => {
    const present = await allocationTable.find(trx, row.uuid);
    return present === undefined || present.node_id !== null ? false : allocationTable.delete(trx, row.id);
  });
  const present = isAlone ? undefined : await allocationTable.find(store.read, row.uuid);
  if (present !== undefined) {
    await removeAllocation(present, services);
  }
}

async function removeWithNode(row: AllocationRow, services: Services): Promise<void> {
  await recorded(services, { object: 'allocation', action: 'delete', asked: row }, async (trx) => {
    const node = row.node_id === null ? undefined : await findNodeById(trx, row.node_id);
    if (node?.allocation_uuid === row.uuid) {
      checkNode(node, row.uuid);
      await updateNode(trx, node, { allocation_uuid: null, instance_uuid: null });
    }
    return allocationTable.delete(trx, row.id);
  });
}

function checkNode(node: Node, allocation: string): void {
  const inTransition = node.target_provision_state !== null && !updateAllowedStates.has(node.provision_state);
  if (!node.maintenance && (inTransition || node.provision_state === 'active')) {
    throw registeredError('InvalidState', {
      reason:
        `Allocation ${allocation} can not be deleted while its node ${node.uuid} is in state "${node.provision_state}"; ` +
        'end the instance first, or set maintenance.',
    });
  }
}
