// Records the outcome of a step: facts, journal, state, history and outbox in one transaction, fenced by the epoch.
import type { Node } from '@wrought/contract';
import type { Outcome } from '../../drivers/kit/index.ts';
import { type Facts, mergeFacts } from '../../drivers/kit/index.ts';
import { appendTimeline } from '../../store/evidence.ts';
import { stepName, writeIntent, writeJournal } from '../../store/journal.ts';
import { findNodeById } from '../../store/nodes.ts';
import { findRun, type Run } from '../../store/runs.ts';
import type { StoreTransaction } from '../../store/store.ts';
import { now } from '../../store/time.ts';
import type { FlowName } from '../flow.ts';
import { flows } from '../index.ts';
import type { EngineContext } from './context.ts';
import { change, changeRun, moveState, type Progress } from './progress.ts';
import { applyFacts, enterPhase, failRun, leaveWaiting, nextStep, settle, writeProgress } from './progress-of-run.ts';

/** What became of the run, for the loop that drives it. */
export interface Recorded {
  readonly run: Run;
  /** A run that was begun in the same transaction and wants to be driven. */
  readonly followUp: Run | undefined;
}

/**
 * Opens the progress of an unfinished run; undefined when the run or its node is gone, when the run has ended, and when another
 * conductor has taken it over. `isTaken`: it is being taken over here.
 */
export async function openProgress(
  context: EngineContext,
  trx: StoreTransaction,
  runId: number,
  isTaken = false,
): Promise<Progress | undefined> {
  await context.lease.assertEpoch(trx);
  const run = await findRun(trx, runId);
  const { hostname, epoch } = context.lease;
  if (run === undefined || run.status === 'finished') {
    return undefined;
  }
  if (!isTaken && (run.conductor !== hostname || run.epoch !== epoch)) {
    return undefined;
  }
  const node = await findNodeById(trx, run.node_id);
  return node === undefined ? undefined : { context, trx, run, node, flow: flows[run.flow as FlowName], changes: {} };
}

/** Runs `work` on the progress of a run in one transaction and writes what it changed. */
export async function withProgress(
  context: EngineContext,
  runId: number,
  work: (progress: Progress) => Promise<void>,
  isTaken = false,
): Promise<Recorded | undefined> {
  const recorded = await context.store.transaction(async (trx) => {
    const progress = await openProgress(context, trx, runId, isTaken);
    if (progress === undefined) {
      return undefined;
    }
    await work(progress);
    await writeProgress(progress);
    return { run: progress.run, followUp: progress.followUp };
  });
  if (recorded !== undefined) {
    context.locks.changed(recorded.run.node_id);
  }
  return recorded;
}

async function parkRun(progress: Progress, outcome: Outcome & { kind: 'park' }): Promise<void> {
  const { flow, context, trx, run, node } = progress;
  const limit = outcome.timeoutSeconds ?? flow.callbackTimeoutSeconds(context.config());
  const timeoutSeconds = outcome.isHold ? 0 : limit;
  const wasParked = run.status === 'parked';
  await changeRun(progress, {
    status: 'parked',
    awaiting: outcome.awaiting,
    deadline: timeoutSeconds > 0 ? new Date(context.lease.databaseNow() + timeoutSeconds * 1000).toISOString() : null,
  });
  if (wasParked && run.awaiting === outcome.awaiting) {
    return;
  }
  await writeJournal(trx, progress.run, 'parked', { awaiting: outcome.awaiting });
  await appendTimeline(trx, node.id, [
    {
      kind: 'wait',
      message: `Waiting for ${outcome.awaiting}`,
      data: { awaiting: outcome.awaiting, until: progress.run.deadline },
    },
  ]);
  if (flow.waiting !== null && node.provision_state === flow.running) {
    await moveState(progress, outcome.isHold && flow.holding !== null ? 'hold' : 'wait');
  }
  // Beside a run that was parked already the reservation is somebody else's, a power action's say.
  if (!wasParked) {
    change(progress, { reservation: null, reserved_at: null, reserved_for: null });
  }
}

/** Thrown when a parked run would go on while somebody else has the node reserved; it tries again when the node is free. */
export class NodeBusyError extends Error {
  constructor(node: Node) {
    super(`Node ${node.uuid} is reserved by ${node.reservation} for "${node.reserved_for}".`);
    this.name = 'NodeBusyError';
  }
}

/** Lets a parked run go on: its node is reserved by it again and leaves the waiting state. */
export async function unparkRun(progress: Progress): Promise<void> {
  if (progress.run.status === 'parked') {
    if (progress.node.reservation !== null) {
      throw new NodeBusyError(progress.node);
    }
    await changeRun(progress, { status: 'running', awaiting: null, deadline: null });
    await writeJournal(progress.trx, progress.run, 'resumed');
    await leaveWaiting(progress);
    change(progress, {
      reservation: progress.context.lease.hostname,
      reserved_at: now(),
      reserved_for: progress.flow.name,
    });
  }
}

/** Whether a run still stands where it stood when its step was called. */
function standsAt(run: Run, seen: Run): boolean {
  return (
    run.status === seen.status &&
    run.phase === seen.phase &&
    run.position === seen.position &&
    run.attempt === seen.attempt
  );
}

/**
 * Records what a step answered, together with what it learned on the way. `seen` is the run as it was when the step was
 * called: where an abort or a time-out moved it on meanwhile, the answer comes too late and changes nothing.
 */
export async function recordOutcome(
  context: EngineContext,
  seen: Run,
  outcome: Outcome,
  learned: Facts,
): Promise<Recorded | undefined> {
  return withProgress(context, seen.id, async (progress) => {
    const { trx, run, flow } = progress;
    if (!standsAt(run, seen)) {
      return;
    }
    const step = run.plan[run.position];
    const name = step === undefined ? flow.name : stepName(step);
    if (outcome.kind !== 'park') {
      await unparkRun(progress);
    }
    await applyFacts(progress, mergeFacts(learned, outcome.facts));
    switch (outcome.kind) {
      case 'park':
        await parkRun(progress, outcome);
        return;
      case 'again':
        await changeRun(progress, { attempt: run.attempt + 1 });
        await settle(progress);
        await writeJournal(trx, run, 'again', { reason: outcome.reason, after_seconds: outcome.afterSeconds });
        await writeIntent(trx, progress.run, context.lease.epoch);
        return;
      case 'fail':
        await settle(progress);
        await failRun(progress, outcome.reason);
        return;
      case 'replan':
        await settle(progress);
        await writeJournal(trx, run, 'planned', { reason: outcome.reason });
        await (run.abort_requested ? nextStep(progress) : enterPhase(progress, 'agent steps'));
        return;
      case 'done':
        await settle(progress);
        await writeJournal(trx, run, 'done');
        await appendTimeline(trx, progress.node.id, [
          { kind: 'step', message: `${flow.name}: ${name} is done`, data: { step: name, done: true } },
        ]);
        if (outcome.imageIsWritten && progress.run.image_server !== null) {
          await changeRun(progress, { image_server: null });
        }
        if (outcome.agentIsUp) {
          await changeRun(progress, {
            memory: { ...progress.run.memory, agent_came_up_in: name, ramdisk_booted: true },
          });
        }
        if (outcome.agentIsUp && !progress.run.abort_requested) {
          await enterPhase(progress, 'agent steps');
        } else {
          await nextStep(progress);
        }
        return;
    }
  });
}
