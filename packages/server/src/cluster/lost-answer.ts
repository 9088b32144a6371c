// Finds out whether what a conductor was asked for has begun, where its answer got lost: the store tells.
import { type Node, type ProvisionVerb, provisionStates } from '@wrought/contract';
import { findNodeById } from '../store/nodes.ts';
import { findRunOfRequest, unfinishedRunOf } from '../store/runs.ts';
import type { Database } from '../store/store.ts';

/** What was asked of the start door. */
export interface AskedStart {
  /** As it was when it was asked for. */
  readonly node: Node;
  readonly requester: { readonly requestId: string };
  /** Of a provision request. */
  readonly verb?: ProvisionVerb;
}

/** Whether the request is done, or has a run that does it. */
export async function hasBegun(db: Database, { node, requester, verb }: AskedStart): Promise<boolean> {
  if ((await findRunOfRequest(db, node.id, requester.requestId)) !== undefined) {
    return true;
  }
  // The verbs that need no run of their own.
  const present = await findNodeById(db, node.id);
  const hasMoved = present !== undefined && present.provision_state !== node.provision_state;
  switch (verb) {
    case 'manage':
      return hasMoved && present.provision_state === 'manageable';
    case 'unhold':
      return hasMoved;
    case 'abort': {
      const run = await unfinishedRunOf(db, node.id, 'provision');
      const isAborted = run?.abort_requested === true || run?.memory.aborted === true;
      return isAborted || (hasMoved && provisionStates[present.provision_state].stable);
    }
    default:
      return false;
  }
}
