// Evidence from drivers and boot services on its way into the timeline: written in batches, never in the way of the work.
import type { Evidence, TaskLog } from '../../drivers/kit/index.ts';
import { appendTimeline, type NewTimelineEvent, trimTimeline } from '../../store/evidence.ts';
import type { Store } from '../../store/store.ts';
import { now } from '../../store/time.ts';
import { StoreUnavailableError } from '../../store/unavailable.ts';

const FLUSH_EVERY_MILLISECONDS = 200;
const TRIM_EVERY_EVENTS = 50;
/** Pause before events are written that the database could not take. */
const TRY_AGAIN_MILLISECONDS = 5_000;

export interface TimelineWriter {
  add(nodeId: number, evidence: Evidence): void;
  /** Writes what is waiting; resolves when it is stored. */
  flush(): Promise<void>;
  /** The same if something of this node is waiting: before an outcome is recorded, so that the order is the one it had. */
  flushNode(nodeId: number): Promise<void>;
}

/** Makes the writer; `maximumEntries` is the cap per node. */
export function createTimelineWriter(store: Store, log: TaskLog, maximumEntries: () => number): TimelineWriter {
  let waiting = new Map<number, NewTimelineEvent[]>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  const sinceTrim = new Map<number, number>();

  async function write(batch: Map<number, NewTimelineEvent[]>): Promise<void> {
    await store.transaction(async (trx) => {
      for (const [nodeId, events] of batch) {
        await appendTimeline(trx, nodeId, events);
        const count = (sinceTrim.get(nodeId) ?? 0) + events.length;
        if (count >= TRIM_EVERY_EVENTS) {
          await trimTimeline(trx, nodeId, maximumEntries());
        }
        sinceTrim.set(nodeId, count % TRIM_EVERY_EVENTS);
      }
    });
  }

  /** Puts events back in front of those that came since, for the next try. */
  function keep(batch: Map<number, NewTimelineEvent[]>): void {
    for (const [nodeId, events] of batch) {
      waiting.set(nodeId, [...events, ...(waiting.get(nodeId) ?? [])].slice(-maximumEntries()));
    }
    timer ??= setTimeout(() => void flush(), TRY_AGAIN_MILLISECONDS).unref();
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.size > 0) {
      const batch = waiting;
      waiting = new Map();
      writing = writing
        .then(() => write(batch))
        .catch((error: unknown) => {
          log.error({ err: error }, 'Timeline events could not be written.');
          if (error instanceof StoreUnavailableError) {
            keep(batch);
          }
        });
    }
    return writing;
  }

  return {
    add(nodeId, evidence) {
      const events = waiting.get(nodeId) ?? [];
      events.push({ ...evidence, at: now() });
      waiting.set(nodeId, events);
      timer ??= setTimeout(() => void flush(), FLUSH_EVERY_MILLISECONDS);
    },
    flush,
    flushNode: (nodeId) => (waiting.has(nodeId) ? flush() : writing),
  };
}
