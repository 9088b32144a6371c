// How work on a node begins: state, reservation and run are stored in one transaction, then the engine drives the run.
import { type JsonObject, type Node, type ProvisionEvent, registeredError } from '@wrought/contract';
import { findNodeById } from '../store/nodes.ts';
import { type Run, unfinishedRunOf, updateRun } from '../store/runs.ts';
import type { StoreTransaction } from '../store/store.ts';
import { now } from '../store/time.ts';
import type { Requester } from './doors.ts';
import type { EngineContext } from './engine/context.ts';
import type { Engine } from './engine/engine.ts';
import { change, moveState, type Progress } from './engine/progress.ts';
import { startRun, writeProgress } from './engine/progress-of-run.ts';
import type { Flow } from './flow.ts';
import { flows } from './index.ts';
import { nodeLocked } from './locks.ts';

export interface Beginnings {
  /** Begins a flow; `before` changes the node in the same transaction. */
  begin(
    node: Node,
    flow: Flow,
    runArguments: JsonObject,
    requester: Requester,
    before: (progress: Progress) => Promise<void>,
  ): Promise<void>;
  /** Makes a transition that needs no work. */
  moveOnly(node: Node, event: ProvisionEvent, requester: Requester): Promise<void>;
  /** Ends a parked run whose place another flow takes (tear-down during "wait call-back"). */
  supersede(progress: Progress): Promise<void>;
}

/** Makes the beginnings of one conductor. */
export function createBeginnings(context: EngineContext, engine: Engine): Beginnings {
  /** The progress of a node that no run works on; throws NodeLocked when it was reserved meanwhile. */
  async function openNode(trx: StoreTransaction, node: Node, requester: Requester): Promise<Progress> {
    await context.lease.assertEpoch(trx);
    const fresh = await findNodeById(trx, node.id);
    if (fresh === undefined) {
      throw registeredError('NodeNotFound', { node: node.uuid });
    }
    if (fresh.reservation !== null) {
      throw nodeLocked(fresh, 1);
    }
    const run = {
      request_id: requester.requestId,
      requested_by: requester.user,
      requested_by_project: requester.project,
      trace: requester.trace ?? null,
    } as Run;
    return { context, trx, flow: flows.verify, run, node: fresh, changes: {} };
  }

  return {
    async begin(node, flow, runArguments, requester, before) {
      const started = await context.store.transaction(async (trx) => {
        const progress = await openNode(trx, node, requester);
        await before(progress);
        const begun = await startRun(progress, flow, runArguments);
        await writeProgress(progress);
        return begun.followUp ?? begun.run;
      });
      context.locks.changed(node.id);
      if (started.status !== 'finished') {
        engine.drive(started);
      }
    },

    async moveOnly(node, event, requester) {
      await context.store.transaction(async (trx) => {
        const progress = await openNode(trx, node, requester);
        await moveState(progress, event);
        if (event === 'manage') {
          change(progress, { target_provision_state: null });
        }
        await writeProgress(progress);
      });
      context.locks.changed(node.id);
    },

    async supersede(progress) {
      const waiting = await unfinishedRunOf(progress.trx, progress.node.id, 'provision');
      if (waiting !== undefined) {
        await updateRun(progress.trx, waiting.id, { status: 'finished', finished_at: now(), failure: 'Superseded.' });
        engine.forget(waiting.id);
      }
    },
  };
}
