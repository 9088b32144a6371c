// How a run comes to wait in line when the limit of its class is reached, and how it leaves the line.
import { registeredError } from '@wrought/contract';
import type { Config } from '../../config/index.ts';
import { appendTimeline } from '../../store/evidence.ts';
import { writeJournal } from '../../store/journal.ts';
import { countActive, countByServer, countQueued, type Line } from '../../store/queue.ts';
import type { LimitClass } from '../../store/runs.ts';
import type { StoreTransaction } from '../../store/store.ts';
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

/** Image servers from which as many machines fetch as may; `except` is a run that is only about to begin. */
export async function fullServers(trx: StoreTransaction, { image }: Config, except?: number): Promise<string[]> {
  const limit = image.max_concurrent_per_server;
  const counts = limit === 0 ? [] : [...(await countByServer(trx, except))];
  return counts.filter(([, count]) => count >= limit).map(([server]) => server);
}

/** Why a run can not begin now. */
interface Full {
  /** A sentence without its end: what is under way, and which option allows how much. */
  readonly reason: string;
  readonly limit: number;
  readonly active: number;
  /** How many wait before it for the same. */
  readonly before: number;
}

/** Why the run can not begin now; null when it can. */
async function whyFull(progress: Progress, limitClass: LimitClass, isFollowUp: boolean): Promise<Full | null> {
  const { context, trx, node, run } = progress;
  const config = context.config();
  const limit = config.conductor[optionOf[limitClass]];
  const line = lineOf(config, limitClass, node.conductor_group);
  // This one is counted as under way already.
  const active = (await countActive(trx, line)) - 1;
  const full = await fullServers(trx, config, run.id);
  // Who waits for an image server that has no room holds up nobody else.
  const before = active < limit && isFollowUp ? 0 : await countQueued(trx, line, { exceptServers: full });
  if (active >= limit || before > 0) {
    const reason = `${active} ${wordsOf[limitClass]} are under way, and conductor.${optionOf[limitClass]} allows ${limit}`;
    return { reason, limit, active, before: await countQueued(trx, line) };
  }
  const server = run.image_server;
  if (server === null || !full.includes(server)) {
    return null;
  }
  const fetching = (await countByServer(trx, run.id)).get(server) ?? 0;
  const allowed = config.image.max_concurrent_per_server;
  const reason = `${fetching} deployments under way take their image from ${server}, and image.max_concurrent_per_server allows ${allowed}`;
  return {
    reason,
    limit: allowed,
    active: fetching,
    before: await countQueued(trx, line, { imageServer: server }),
  };
}

/**
 * Lets a run that begins wait in line when the limit of its class or of its image server is reached, or others wait already.
 * `isFollowUp`: it goes on with the work of another one, whose place it takes. Answers whether it waits.
 * @throws NoFreeConductorWorker where no line is wanted
 */
export async function queueIfFull(progress: Progress, isFollowUp: boolean): Promise<boolean> {
  const { context, trx, flow, node, run } = progress;
  if (flow.limitClass === null) {
    return false;
  }
  const config = context.config();
  const full = await whyFull(progress, flow.limitClass, isFollowUp);
  if (full === null) {
    return false;
  }
  if (config.conductor.when_full === 'refuse' && !isFollowUp) {
    throw registeredError(
      'NoFreeConductorWorker',
      { reason: `${full.reason}. Try again later, or let requests wait with conductor.when_full = "queue".` },
      { retryAfterSeconds: RETRY_AFTER_SECONDS },
    );
  }
  const { limit, active, before } = full;
  await changeRun(progress, { status: 'queued' });
  await writeJournal(trx, run, 'queued', { limit, active, before });
  await appendTimeline(trx, node.id, [
    {
      kind: 'wait',
      message: `Waiting in line as number ${before + 1}: ${full.reason}.`,
      data: { position: before + 1, limit, active },
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
