// The rules of the flags of a node and of the reasons that go with them.
import { type Node, protectedSettableStates, registeredError } from '@wrought/contract';
import type { NodeChanges } from '../../../store/nodes.ts';

/** What follows from changed flags. @throws RegisteredError 400 and 409 */
export function flagChanges(node: Node, values: NodeChanges): NodeChanges {
  return { ...maintenanceChanges(values), ...protectedChanges(node, values), ...retiredChanges(node, values) };
}

function maintenanceChanges({ maintenance }: NodeChanges): NodeChanges {
  return maintenance === false ? { maintenance_reason: null, fault: null } : {};
}

function protectedChanges(node: Node, values: NodeChanges): NodeChanges {
  const after = values.protected === undefined ? node.protected : values.protected === true;
  if (after && !node.protected && !protectedSettableStates.has(node.provision_state)) {
    throw registeredError('InvalidState', {
      reason: `Node ${node.uuid} can not be protected in state "${node.provision_state}"; allowed: ${[...protectedSettableStates].join(', ')}.`,
    });
  }
  if (!after && typeof values.protected_reason === 'string') {
    throw registeredError('Invalid', {
      reason: `The field protected_reason can only be set on a protected node, which ${node.uuid} is not.`,
    });
  }
  return after
    ? { protected: true }
    : { protected: false, ...(node.protected_reason === null ? {} : { protected_reason: null }) };
}

function retiredChanges(node: Node, values: NodeChanges): NodeChanges {
  const after = values.retired === undefined ? node.retired : values.retired;
  if (after === true && node.retired !== true && node.provision_state === 'available') {
    throw registeredError('InvalidState', {
      reason: `Node ${node.uuid} can not be retired in state "available": it might be deployed at any moment. Make it manageable first.`,
    });
  }
  if (after !== true && typeof values.retired_reason === 'string') {
    throw registeredError('Invalid', {
      reason: `The field retired_reason can only be set on a retired node, which ${node.uuid} is not.`,
    });
  }
  return values.retired !== undefined && after !== true ? { retired_reason: null } : {};
}
