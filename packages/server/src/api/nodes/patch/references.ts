// The rules of what a node refers to: instance, chassis, parent, owner, conductor group, resource class.
import { instanceRemovalStates, type Node, registeredError, resourceClassChangeStates } from '@wrought/contract';
import type { NodeChanges } from '../../../store/nodes.ts';
import { tooNew } from '../../core/fields.ts';
import type { Services } from '../../services.ts';
import { checkChassis, resolveParent } from '../references.ts';

/** Version from which the chassis of a node may be unset. */
const CHASSIS_UNSET_SINCE = 25;

/** What follows from changed references. @throws RegisteredError 400, 406 and 409 */
export async function referenceChanges(
  node: Node,
  values: NodeChanges,
  minor: number,
  services: Pick<Services, 'store' | 'doors' | 'config'>,
): Promise<NodeChanges> {
  checkInstance(node, values);
  checkDeallocation(node, values);
  checkOwner(node, values);
  checkResourceClass(node, values);
  const { chassis_uuid: chassis, parent_node: parent } = values;
  if (chassis === null && node.chassis_uuid !== null && minor < CHASSIS_UNSET_SINCE) {
    throw tooNew('Unsetting the chassis of a node', CHASSIS_UNSET_SINCE, minor);
  }
  if (typeof chassis === 'string' && chassis !== node.chassis_uuid) {
    await checkChassis(services, chassis);
  }
  if (typeof parent === 'string' && parent !== node.parent_node) {
    const owner = values.owner === undefined ? node.owner : values.owner;
    return {
      ...deallocation(node, values),
      parent_node: await resolveParent(services, parent, { uuid: node.uuid, owner }),
    };
  }
  return deallocation(node, values);
}

/** Who takes the instance from a node ends its allocation, too. */
function deallocation(node: Node, { instance_uuid: instance }: NodeChanges): NodeChanges {
  return instance === null && node.allocation_uuid !== null ? { allocation_uuid: null } : {};
}

function checkDeallocation(node: Node, values: NodeChanges): void {
  if (
    'allocation_uuid' in deallocation(node, values) &&
    !node.maintenance &&
    !instanceRemovalStates.has(node.provision_state)
  ) {
    throw registeredError('InvalidState', {
      reason:
        `The instance of node ${node.uuid} can not be removed in state "${node.provision_state}" while it is allocated ` +
        `(${node.allocation_uuid}); allowed: ${[...instanceRemovalStates].join(', ')}, and any state in maintenance.`,
    });
  }
}

function checkInstance(node: Node, { instance_uuid: instance }: NodeChanges): void {
  if (typeof instance === 'string' && node.instance_uuid !== null && instance !== node.instance_uuid) {
    throw registeredError('NodeAssociated', { node: node.uuid, instance: node.instance_uuid });
  }
}

function checkOwner(node: Node, { owner }: NodeChanges): void {
  if (owner === undefined || owner === node.owner) {
    return;
  }
  if (node.allocation_uuid !== null) {
    throw registeredError('ConflictingRequest', {
      reason: `The owner of node ${node.uuid} can not be changed while it is allocated (${node.allocation_uuid}).`,
    });
  }
}

function checkResourceClass(node: Node, { resource_class: wanted }: NodeChanges): void {
  const isChange = wanted !== undefined && wanted !== node.resource_class;
  if (isChange && node.resource_class !== null && !resourceClassChangeStates.has(node.provision_state)) {
    throw registeredError('InvalidState', {
      reason:
        `The resource class of node ${node.uuid} can not be changed in state "${node.provision_state}"; allowed: ` +
        `${[...resourceClassChangeStates].join(', ')}.`,
    });
  }
}
