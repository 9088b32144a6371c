// Fails a run whose turn has come and that can not begin.

import { FencedError } from '../../cluster/fenced-error.ts';
import { appendTimeline } from '../../store/evidence.ts';
import { writeJournal } from '../../store/journal.ts';
import { findNodeById, updateNode } from '../../store/nodes.ts';
import { type Run, updateRun } from '../../store/runs.ts';
import { now } from '../../store/time.ts';
import { StoreUnavailableError } from '../../store/unavailable.ts';
import type { EngineContext } from './context.ts';
import { type Recorded, withProgress } from './outcome.ts';
import { change, changeRun } from './progress.ts';
import { failRun } from './progress-of-run.ts';

/** Ends the run with nothing but its reason on the node, where its flow can not even fail. */
async function endWithReason(context: EngineContext, run: Run, reason: string): Promise<Recorded | undefined> {
  return context.store.transaction(async (trx) => {
    await context.lease.assertEpoch(trx);
    const node = await findNodeById(trx, run.node_id);
    if (node === undefined) {
      return undefined;
    }
    const ended = await updateRun(trx, run.id, { status: 'finished', failure: reason, finished_at: now() });
    await writeJournal(trx, ended, 'finished', { failure: reason });
    await appendTimeline(trx, node.id, [
      { kind: 'failure', severity: 'error', message: reason, data: { flow: run.flow, phase: run.phase } },
    ]);
    await updateNode(trx, node, { last_error: reason });
    return { run: ended, followUp: undefined };
  });
}

/**
 * Turns the run to its failure steps, with the reason on its node.
 * @returns what became of it; undefined when it is gone
 */
export async function failInLine(context: EngineContext, run: Run, error: unknown): Promise<Recorded | undefined> {
  const what = error instanceof Error ? error.message : String(error);
  const reason = `The ${run.flow} operation could not begin when its turn came: the server met an unexpected error: ${what}`;
  try {
    return await withProgress(context, run.id, async (progress) => {
      await changeRun(progress, { status: 'running' });
      change(progress, { reservation: context.lease.hostname, reserved_at: now(), reserved_for: run.flow });
      await failRun(progress, reason);
    });
  } catch (failure) {
    if (failure instanceof FencedError || failure instanceof StoreUnavailableError) {
      throw failure;
    }
    context.log.error({ run: run.uuid, err: failure }, 'The failure steps of a run could not begin; it ends without.');
    return endWithReason(context, run, reason);
  }
}
