// Writes changes of a node that a client asked for: reserved for the change, computed anew when somebody else wrote meanwhile.
import { type Node, registeredError } from '@wrought/contract';
import { findNodeById, type NodeChanges, updateNode } from '../../store/nodes.ts';
import { type Change, recorded } from '../core/recorded.ts';
import type { ApiRequest } from '../core/route.ts';
import type { Services } from '../services.ts';
import { nodeOf } from './locked.ts';
import { nodeWriteError } from './references.ts';

/** How often a change is computed anew before giving up: someone else would have to write between read and write each time. */
const COMPARE_AND_SET_ATTEMPTS = 20;

/** What becomes of a node: computed from how it stands, and without effects. */
type ComputeChanges = (node: Node) => NodeChanges | Promise<NodeChanges>;

/**
 * Changes the node that the path (or `ident`) names, and returns it as it is then.
 * @throws RegisteredError NodeNotFound, NodeLocked, and what `compute` throws
 */
export async function changeNode(
  services: Services,
  request: ApiRequest,
  purpose: string,
  compute: ComputeChanges,
  ident?: string,
): Promise<Node> {
  const node = await nodeOf(services, request, ident);
  const action = purpose === 'maintenance' ? 'maintenance_set' : 'update';
  return services.doors.call.withLock(node, purpose, (fresh) => compareAndSet(services, fresh, action, compute));
}

async function compareAndSet(
  services: Services,
  node: Node,
  action: Change['action'],
  compute: ComputeChanges,
): Promise<Node> {
  const { store } = services;
  let present: Node | undefined = node;
  for (let attempt = 0; attempt < COMPARE_AND_SET_ATTEMPTS; attempt += 1) {
    const read: Node = present;
    const changes = await compute(read);
    const updated = await write(services, read, action, changes);
    if (updated !== undefined) {
      return updated;
    }
    present = await findNodeById(store.read, node.id);
    if (present === undefined) {
      throw registeredError('NodeNotFound', { node: node.uuid });
    }
  }
  throw registeredError('Conflict', {
    reason: `Node ${node.uuid} was changed by others ${COMPARE_AND_SET_ATTEMPTS} times while this request tried to; try again.`,
  });
}

async function write(
  services: Services,
  node: Node,
  action: Change['action'],
  changes: NodeChanges,
): Promise<Node | undefined> {
  try {
    return await recorded(services, { object: 'node', action, asked: node }, (trx) => updateNode(trx, node, changes));
  } catch (error) {
    throw await nodeWriteError(services, error, { ...changes, uuid: node.uuid });
  }
}
