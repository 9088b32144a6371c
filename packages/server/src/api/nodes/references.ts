// Checks what a node refers to: its chassis, its parent, and the conductor that would serve it.
import { type Node, registeredError } from '@wrought/contract';
import { chassisTable } from '../../store/chassis.ts';
import { nodeOfInstance } from '../../store/node-list.ts';
import { findNode, type NodeChanges, uniqueColumn } from '../../store/nodes.ts';
import type { Services } from '../services.ts';

type Context = Pick<Services, 'store' | 'doors'>;

/** @throws RegisteredError 400 when there is no such chassis */
export async function checkChassis({ store }: Context, uuid: string): Promise<void> {
  if ((await chassisTable.find(store.read, uuid)) === undefined) {
    throw registeredError('InvalidParameterValue', {
      reason: `The field chassis_uuid names chassis ${uuid}, which could not be found.`,
    });
  }
}

/** The UUID of the parent that a client named by UUID or name. @throws RegisteredError 400 */
export async function resolveParent(
  { store }: Context,
  ident: string,
  child: Pick<Node, 'uuid' | 'owner'>,
): Promise<string> {
  const parent = await findNode(store.read, ident);
  if (parent === undefined || parent.uuid === child.uuid) {
    throw registeredError('InvalidParameterValue', {
      reason: `The field parent_node names "${ident}", which is not the UUID or name of another node.`,
    });
  }
  if (parent.owner !== child.owner) {
    throw registeredError('InvalidParameterValue', {
      reason: `Node ${parent.uuid} can not be the parent of node ${child.uuid}: their owners differ.`,
    });
  }
  return parent.uuid;
}

/** @throws RegisteredError 400 when no conductor of the group serves the driver */
export function checkConductor({ doors }: Context, node: Pick<Node, 'uuid' | 'driver' | 'conductor_group'>): void {
  if (doors.call.conductorOf(node) === null) {
    throw registeredError('InvalidParameterValue', {
      reason:
        `No conductor that is alive serves the driver "${node.driver}" in the conductor group "${node.conductor_group}"; ` +
        'enable the driver there, or choose another group.',
    });
  }
}

/** What a failed write of a node means for the client: the unique value that it would have repeated. */
export async function nodeWriteError(
  { store }: Pick<Context, 'store'>,
  error: unknown,
  node: NodeChanges,
): Promise<unknown> {
  switch (uniqueColumn(error)) {
    case 'nodes.uuid':
      return registeredError('NodeAlreadyExists', { uuid: node.uuid ?? '' });
    case 'nodes.name':
      return registeredError('DuplicateName', { name: node.name ?? '' });
    case 'nodes.instance_uuid': {
      const instance = node.instance_uuid ?? '';
      return registeredError('InstanceAssociated', {
        instance_uuid: instance,
        node: (await nodeOfInstance(store.read, instance)) ?? 'that was deleted since',
      });
    }
    default:
      return error;
  }
}
