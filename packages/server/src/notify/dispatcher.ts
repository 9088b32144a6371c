// Delivers the outbox to the sinks: to each by itself, in order and at least once, from the place that is kept in the database.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/index.ts';
import type { TaskLog } from '../drivers/kit/index.ts';
import { claimSink, keepPlace, releaseSink } from '../store/event-places.ts';
import { eventsBetween, newestEventId } from '../store/outbox.ts';
import { createOutboxTail } from '../store/outbox-tail.ts';
import { type RefusalObserver, recordRefusedEvent } from '../store/refused-events.ts';
import type { Store } from '../store/store.ts';
import { type Batches, createBatches, type Handled } from './batches.ts';
import type { Sink } from './sink.ts';
import { openSink, type SinkName } from './sinks/index.ts';

/** How long a claim on a sink holds, and after which time it is prolonged. A batch takes at most 30 s (`events.timeout`). */
const CLAIM_SECONDS = 60;
const CLAIM_RENEWAL_SECONDS = 20;
/** How often a process that does not deliver to a sink looks whether it has to. */
const STAND_BY_SECONDS = 5;
const FIRST_PAUSE_SECONDS = 1;

export interface DispatcherOptions {
  readonly store: Store;
  readonly config: Config;
  readonly log: TaskLog;
  readonly onRefusal?: RefusalObserver | undefined;
}

export interface Dispatcher {
  /** Ends deliveries under way and gives the sinks to other processes. */
  stop(): Promise<void>;
}

interface Claim {
  readonly place: number;
  /** On the clock of this process, which runs on while others can not be asked. */
  readonly renewAt: number;
}

/** An event was set aside: as after other failures there is a pause, for what refuses one may refuse all. */
class SetAsideError extends Error {}

/** Starts delivering to every sink of the configuration; a sink that is down costs the others nothing. */
export function startDispatcher({ store, config, log, onRefusal }: DispatcherOptions): Dispatcher {
  const holder = { conductor: config.conductor.host, process: randomUUID() };
  const stopping = new AbortController();
  const { signal } = stopping;
  const tail = createOutboxTail(store);
  const { batch_size: batchSize, timeout: timeoutSeconds, retry_maximum: longestPauseSeconds } = config.events;

  /** Takes or prolongs the claim; undefined while another process has it. */
  async function claim(sink: string): Promise<Claim | undefined> {
    const renewAt = performance.now() + CLAIM_RENEWAL_SECONDS * 1000;
    const place = await store.transaction(async (trx) =>
      claimSink(trx, { sink, holder, durationSeconds: CLAIM_SECONDS, newest: await newestEventId(trx) }),
    );
    return place === undefined ? undefined : { place, renewAt };
  }

  /** Waits for events after the place, as long as the claim needs not be prolonged. */
  async function nextEnd({ place, renewAt }: Claim): Promise<number | undefined> {
    const renewal = AbortSignal.timeout(Math.max(Math.ceil(renewAt - performance.now()), 0));
    try {
      return await tail.next(place, AbortSignal.any([signal, renewal]));
    } catch (error) {
      if (renewal.aborted && !signal.aborted) {
        return undefined;
      }
      throw error;
    }
  }

  /** Keeps the place after what is done, with the record of an event that was refused; false when the claim is lost. */
  async function keep(name: string, { last, refusal }: Handled): Promise<boolean> {
    const isKept = await store.transaction(async (trx) => {
      if (!(await keepPlace(trx, name, holder, last))) {
        return false;
      }
      if (refusal !== undefined) {
        await recordRefusedEvent(trx, { sink: name, ...refusal });
      }
      return true;
    });
    if (isKept && refusal !== undefined) {
      onRefusal?.(name, refusal.form);
    }
    return isKept;
  }

  /** Delivers until the claim has to be prolonged or is lost. `onSuccess` hears of each batch. */
  async function deliverWhile(name: string, batches: Batches, claimed: Claim, onSuccess: () => void): Promise<void> {
    let { place } = claimed;
    const limit = () => AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1000)]);
    while (performance.now() < claimed.renewAt) {
      const end = await nextEnd({ ...claimed, place });
      if (end === undefined) {
        return;
      }
      const events = await eventsBetween(store.read, place, end, batches.size);
      const handled = events.length === 0 ? { last: end } : await batches.deliver(events, limit);
      if (handled === undefined) {
        continue;
      }
      if (!(await keep(name, handled))) {
        log.warn({ sink: name }, 'Another process delivers to this sink now.');
        return;
      }
      place = handled.last;
      const { refusal } = handled;
      if (refusal?.form === 'set aside') {
        const { id, uuid, type, node } = refusal.event;
        throw new SetAsideError(
          `The sink refused event ${id} (${type}, uuid ${uuid}, node ${node}) also without its payload: ${refusal.reason}`,
        );
      }
      if (refusal !== undefined) {
        const { id, uuid, type, node } = refusal.event;
        log.error(
          { sink: name, event: id, uuid, type, node, reason: refusal.reason },
          'The sink refused an event for good and got it without its payload; "wrought doctor" lists such events.',
        );
      }
      onSuccess();
    }
  }

  async function serve(name: SinkName): Promise<void> {
    let sink: Sink | undefined;
    let batches: Batches | undefined;
    let failures = 0;
    const onSuccess = () => {
      if (failures > 0) {
        log.info({ sink: name, failures }, 'The sink takes events again.');
        failures = 0;
      }
    };
    while (!signal.aborted) {
      try {
        const claimed = await claim(name);
        if (claimed === undefined) {
          await sleep(STAND_BY_SECONDS * 1000, undefined, { signal });
        } else {
          sink ??= await openSink(name, config);
          batches ??= createBatches(sink, batchSize);
          await deliverWhile(name, batches, claimed, onSuccess);
        }
      } catch (error) {
        if (signal.aborted) {
          break;
        }
        failures += 1;
        const pauseSeconds = Math.min(FIRST_PAUSE_SECONDS * 2 ** (failures - 1), longestPauseSeconds);
        const what =
          error instanceof SetAsideError
            ? 'An event was set aside, and the next one follows; "wrought doctor" lists such events.'
            : 'Events could not be delivered; tried again.';
        log.error({ sink: name, failures, pauseSeconds, err: error }, what);
        await sleep(pauseSeconds * 1000, undefined, { signal }).catch(() => undefined);
      }
    }
    await sink?.close();
    await store.transaction((trx) => releaseSink(trx, name, holder));
  }

  const serving = config.events.sinks.map((name) =>
    serve(name as SinkName).catch((error: unknown) =>
      log.error({ sink: name, err: error }, 'A sink could not be given back; others take it over when its claim ends.'),
    ),
  );
  return {
    async stop() {
      stopping.abort();
      await Promise.all(serving);
    },
  };
}
