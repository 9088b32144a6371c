// What ports, port groups and volumes have in common: the node that they belong to.
import { type Node, quirks, registeredError } from '@wrought/contract';
import { findNode, findNodeById } from '../../store/nodes.ts';
import type { StoreTransaction } from '../../store/store.ts';
import { type Change, recorded } from '../core/recorded.ts';
import type { Access, RuleName } from '../policy/access.ts';
import type { Services } from '../services.ts';

/** The node that a field of a request names, once the policy allows it by the rule of the route, or another one. @throws RegisteredError 400 when there is none, 403 */
export async function namedNode(
  { store }: Pick<Services, 'store'>,
  access: Access,
  field: string,
  ident: string,
  rule?: RuleName,
): Promise<Node> {
  const node = await findNode(store.read, ident);
  const notFound = () =>
    registeredError('Invalid', { reason: `The field ${field} names node ${ident}, which could not be found.` });
  if (node === undefined) {
    throw notFound();
  }
  access.requireOnNode(node, notFound, rule);
  return node;
}

/**
 * Runs `work` in a transaction in which the node is sure to exist, for what may be added to a node that others work on.
 * @throws RegisteredError NodeNotFound
 */
export async function withNode<Result>(
  services: Services,
  node: Pick<Node, 'id' | 'uuid'>,
  change: Change,
  work: (trx: StoreTransaction, node: Node) => Promise<Result>,
): Promise<Result> {
  return recorded(services, change, async (trx) => {
    const present = await findNodeById(trx, node.id);
    if (present === undefined) {
      throw registeredError('NodeNotFound', { node: node.uuid });
    }
    return work(trx, present);
  });
}

/** The node that something moves to: one of the same owner. @throws RegisteredError 400, 403 */
export async function nodeToMoveTo(
  services: Pick<Services, 'store'>,
  access: Access,
  { what, from, uuid }: { readonly what: string; readonly from: Node; readonly uuid: string },
): Promise<Node> {
  const node = await namedNode(services, access, 'node_uuid', uuid);
  if (node.owner !== from.owner) {
    throw registeredError('Invalid', {
      reason: `A ${what} can not be moved from node ${from.uuid} to node ${node.uuid}: their owners differ.`,
    });
  }
  return node;
}

/** @throws RegisteredError 409 while the node is being inspected, to clients that know of it */
export function refuseWhileInspecting(what: string, node: Node, minor: number): void {
  if (node.provision_state === 'inspecting' && minor >= quirks.patchWhileInspectingRefusedSince) {
    throw registeredError('ConflictingRequest', {
      reason: `${what} can not be changed while its node ${node.uuid} is in state "inspecting".`,
    });
  }
}
