// Checks whether a node may be patched at all in the state it is in.
import { type Node, quirks, registeredError, updateAllowedStates } from '@wrought/contract';
import type { Operation } from '../../core/patch.ts';

/** @throws RegisteredError 409 */
export function checkStates(node: Node, operations: readonly Operation[], minor: number): void {
  if (node.maintenance && removesOnlyInstance(operations)) {
    return;
  }
  const inTransition = node.target_provision_state !== null && !updateAllowedStates.has(node.provision_state);
  const inspected = node.provision_state === 'inspecting' && minor >= quirks.patchWhileInspectingRefusedSince;
  if (inTransition || inspected) {
    const heading = node.target_provision_state === null ? '' : ` on its way to "${node.target_provision_state}"`;
    throw registeredError('ConflictingRequest', {
      reason: `Node ${node.uuid} can not be changed while it is in state "${node.provision_state}"${heading}; wait until that has ended.`,
    });
  }
}

function removesOnlyInstance(operations: readonly Operation[]): boolean {
  const [only] = operations;
  return operations.length === 1 && only?.op === 'remove' && only.path.join('/') === 'instance_uuid';
}
