// Finds the node below which a list lies.
import { type Node, quirks, registeredError } from '@wrought/contract';
import { findNode, isUuid } from '../../store/nodes.ts';
import type { ApiRequest } from '../core/route.ts';
import type { Services } from '../services.ts';

/** The node of the path, for lists that take its UUID only. @throws RegisteredError NodeNotFound, also for a name, and for who may not see it */
export async function parentNode({ params, access }: ApiRequest, { store }: Services): Promise<Node> {
  const ident = params.node ?? '';
  const isRefused = quirks.childListsNeedUuid && !isUuid(ident);
  const node = isRefused ? undefined : await findNode(store.read, ident);
  const notFound = () => registeredError('NodeNotFound', { node: ident });
  if (node === undefined) {
    throw notFound();
  }
  access.requireOnNode(node, notFound, 'baremetal:node:get');
  return node;
}
