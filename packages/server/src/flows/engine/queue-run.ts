// How a run comes to wait in line when the limit of its class is reached, and how it leaves the line.
import { registeredError } from '@wrought/contract';
import type { Config } from '../../config/index.ts';
import { appendTimeline } from '../../store/evidence.ts';
import { writeJournal } from '../../store/journal.ts';
import { countActive, countQueued, type Line } from '../../store/queue.ts';
import type { LimitClass } from '../../store/runs.ts';
import { now } from '../../store/time.ts';
import { change, changeRun, moveState, type Progress } from './progress.ts';

/** The option with the limit of each class. */
export const optionOf = { deploy: 'max_concurrent_deploy', clean: 'max_concurrent_clean' } as const;
const wordsOf = { deploy: 'deployments', clean: 'cleanings and tear-downs' } as const;

/** Seconds after which a client that was refused may ask again. */
const RETRY_AFTER_SECONDS = 30;

/** The line in which work of a class on nodes of a group waits. */
export function lineOf(config: Config, limitClass: LimitClass, conductorGroup: string): Line {
  const isPerGroup = config.conductor.max_concurrent_per_conductor_group;
  return { limitClass, conductorGroup: isPerGroup ? conductorGroup : undefined };
}

/**
 * Lets a run that begins wait in line when the limit of its class is reached, or others wait already. `isFollowUp`: it goes on
 * with the work of another one, whose place it takes. Answers whether it waits.
 * @throws NoFreeConductorWorker where no line is wanted
 */
export async function queueIfFull(progress: Progress, isFollowUp: boolean): Promise<boolean> {
  const { context, trx, flow, node, run } = progress;
  if (flow.limitClass === null) {
    return false;
  }
  const config = context.config();
  const limit = config.conductor[optionOf[flow.limitClass]];
  const line = lineOf(config, flow.limitClass, node.conductor_group);
  // This one is counted as under way already.
  const active = (await countActive(trx, line)) - 1;
  const queued = active < limit && isFollowUp ? 0 : await countQueued(trx, line);
  if (active < limit && queued === 0) {
    return false;
  }
  const full = `${active} ${wordsOf[flow.limitClass]} are under way, and conductor.${optionOf[flow.limitClass]} allows ${limit}`;
  if (config.conductor.when_full === 'refuse' && !isFollowUp) {
    throw registeredError(
      'NoFreeConductorWorker',
      { reason: `${full}. Try again later, or let requests wait with conductor.when_full = "queue".` },
      { retryAfterSeconds: RETRY_AFTER_SECONDS },
    );
  }
  await changeRun(progress, { status: 'queued' });
  await writeJournal(trx, run, 'queued', { limit, active, before: queued });
  await appendTimeline(trx, node.id, [
    {
      kind: 'wait',
      message: `Waiting in line as number ${queued + 1}: ${full}.`,
      data: { position: queued + 1, limit, active },
    },
  ]);
  if (flow.waiting !== null && node.provision_state === flow.running) {
    await moveState(progress, 'wait');
  }
  change(progress, { reservation: null, reserved_at: null, reserved_for: null });
  return true;
}

/** Takes a run out of the line: its node is reserved by it again and in the state of work. */
export async function leaveQueue(progress: Progress): Promise<void> {
  const { context, trx, flow, node } = progress;
  await changeRun(progress, { status: 'running' });
  await writeJournal(trx, progress.run, 'admitted');
  if (flow.waiting !== null && node.provision_state === flow.waiting) {
    await moveState(progress, 'resume');
  }
  change(progress, { reservation: context.lease.hostname, reserved_at: now(), reserved_for: flow.name });
}
