// Runs a change of a node while it is reserved for that change.
import type { Node } from '@wrought/contract';
import { nodeFromRow } from '../../store/nodes.ts';
import type { ApiRequest } from '../core/route.ts';
import type { Services } from '../services.ts';
import { nodeRowOf } from './view.ts';

/** The node that the path names. @throws RegisteredError NodeNotFound */
export async function nodeOf({ store }: Services, request: ApiRequest, ident?: string): Promise<Node> {
  return nodeFromRow(await nodeRowOf(store, request, ident));
}

/** Runs `work` with the node that the path names, fresh and locked. @throws RegisteredError NodeNotFound, NodeLocked */
export async function lockedNode<Result>(
  services: Services,
  request: ApiRequest,
  purpose: string,
  work: (node: Node) => Promise<Result>,
): Promise<Result> {
  const node = await nodeOf(services, request);
  return services.doors.call.withLock(node, purpose, work);
}
