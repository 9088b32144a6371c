// Tells the compute service of changes of power, as soon as nobody works on the machine any more.
//
// The order that keeps its own sync from forcing the old state back: the new state and the word of it are stored in one transaction, then
// the node is given back, then the word is sent. What it asks for in between meets a locked node, or the new state.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineContext } from '../flows/engine/context.ts';
import { type DuePowerUpdate, duePowerUpdates, notePowerUpdatesTold } from '../store/power-updates.ts';
import type { PeriodicTask } from './task.ts';

/** Changes in one request. */
const BATCH_SIZE = 100;
const PAUSE_SECONDS = 0.05;
/** How often it is looked for what no hint told of. */
const LOOK_SECONDS = 5;
const FIRST_PAUSE_SECONDS = 1;
const LONGEST_PAUSE_SECONDS = 60;

/**
 * Hands changes to the compute service and resolves with a status for each of them, in their order.
 * @throws Error that says why it took none
 */
export type PowerTeller = (
  updates: readonly { readonly server: string; readonly power: 'power on' | 'power off' }[],
  abortSignal?: AbortSignal,
) => Promise<readonly number[]>;

/** Makes the task; without a teller there is nobody to tell. */
export function powerUpdates(context: EngineContext, tell: PowerTeller | undefined): PeriodicTask {
  const bell = new EventTarget();
  let isRung = false;
  let sending: Promise<void> = Promise.resolve();
  let failures = 0;
  let lastReason = '';
  context.store.hints.onHint((topic) => {
    if (topic === 'power updates' || topic.startsWith('node')) {
      isRung = true;
      bell.dispatchEvent(new Event('ring'));
    }
  });

  /** Sends one batch. @returns whether there may be more */
  async function send(teller: PowerTeller, signal?: AbortSignal): Promise<boolean> {
    const due = await duePowerUpdates(context.store.read, BATCH_SIZE);
    const mine = due.filter(({ node }) => context.members.ownerOf(node) === context.lease.hostname);
    if (mine.length === 0) {
      return false;
    }
    const updates = mine.map(({ instance_uuid, power_state }) => ({ server: instance_uuid, power: power_state }));
    const statuses = await teller(updates, signal);
    const isFinal = (index: number) => (statuses[index] ?? 0) < 500;
    const told = mine.filter((_update, index) => isFinal(index));
    for (const [index, update] of mine.entries()) {
      report(update, statuses[index] ?? 0);
    }
    await context.store.transaction((trx) => notePowerUpdatesTold(trx, told));
    if (told.length < mine.length) {
      throw new Error(`Nova could not take ${mine.length - told.length} of ${mine.length} power changes now.`);
    }
    return due.length === BATCH_SIZE;
  }

  function report({ node, instance_uuid, power_state }: DuePowerUpdate, status: number): void {
    const fields = { node: node.uuid, instance: instance_uuid, power_state, status };
    if (status === 200) {
      context.log.debug(fields, 'The compute service was told of a change of power.');
    } else if (status < 500) {
      context.log.info(fields, 'The compute service has no use for a change of power; it is not told again.');
    }
  }

  /** Waits for a hint, or until it is time to look anyhow. */
  async function untilRung(signal: AbortSignal): Promise<void> {
    if (!isRung) {
      const limit = AbortSignal.timeout(LOOK_SECONDS * 1000);
      await once(bell, 'ring', { signal: AbortSignal.any([signal, limit]) }).catch((error: unknown) => {
        if (!limit.aborted) {
          throw error;
        }
      });
    }
    isRung = false;
  }

  /** Sends what is due, after whoever sends already: nothing is told twice because two look at once. */
  function sendAll(teller: PowerTeller, signal?: AbortSignal): Promise<void> {
    const mine = sending.then(async () => {
      while (await send(teller, signal)) {
        signal?.throwIfAborted();
      }
    });
    sending = mine.catch(() => {
      // Who waits for it hears of it.
    });
    return mine;
  }

  return {
    name: 'power updates',
    everySeconds: tell === undefined ? 0 : PAUSE_SECONDS,
    async run(signal) {
      if (tell === undefined) {
        return;
      }
      if (signal === undefined) {
        await sendAll(tell);
        return;
      }
      await untilRung(signal);
      try {
        await sendAll(tell, signal);
        failures = 0;
        lastReason = '';
      } catch (error) {
        signal.throwIfAborted();
        const reason = error instanceof Error ? error.message : String(error);
        if (reason !== lastReason) {
          lastReason = reason;
          context.log.warn({ reason }, 'The compute service could not be told of changes of power; tried again.');
        }
        failures += 1;
        isRung = true;
        const seconds = Math.min(FIRST_PAUSE_SECONDS * 2 ** (failures - 1), LONGEST_PAUSE_SECONDS);
        await sleep(seconds * 1000, undefined, { signal, ref: false });
      }
    },
  };
}
