// Hands batches to a sink. One that is refused for good becomes smaller, down to the event that the sink does not take.
import type { JsonObject, OutgoingEvent } from '@wrought/contract';
import type { RefusedForm } from '../store/refused-events.ts';
import { EventsRefusedError, type Sink } from './sink.ts';

const LONGEST_SHORT_TEXT = 255;
const LONGEST_REASON = 500;

export interface Refusal {
  readonly event: OutgoingEvent;
  readonly form: RefusedForm;
  /** What the sink said. */
  readonly reason: string;
}

/** What is done with the first events of a batch: all up to `last` need not come again. */
export interface Handled {
  readonly last: number;
  readonly refusal?: Refusal;
}

export interface Batches {
  /** How many events are to be handed over next. */
  readonly size: number;
  /**
   * Hands over a batch, each try with a signal of its own.
   * @returns undefined when the sink refused all of them together: a smaller batch comes next
   * @throws what the sink throws when it may take them later
   */
  deliver(events: readonly OutgoingEvent[], signal: () => AbortSignal): Promise<Handled | undefined>;
}

function isShort(value: unknown): boolean {
  return typeof value === 'string'
    ? value.length <= LONGEST_SHORT_TEXT
    : value === null || typeof value === 'number' || typeof value === 'boolean';
}

/** The event with what says which it is, and the reason why it has no more. */
export function withoutPayload(event: OutgoingEvent, reason: string): OutgoingEvent {
  const data: JsonObject = Object.fromEntries(Object.entries(event.data).filter(([, value]) => isShort(value)));
  return { ...event, data: { ...data, payload_left_out: reason.slice(0, LONGEST_REASON) }, object: null };
}

/** Makes the batches of one sink, at most `most` events each. */
export function createBatches(sink: Sink, most: number): Batches {
  let size = most;

  /** @returns the reason of a refusal */
  async function refusalOf(events: readonly OutgoingEvent[], signal: AbortSignal): Promise<string | undefined> {
    try {
      await sink.deliver(events, signal);
      return undefined;
    } catch (error) {
      if (error instanceof EventsRefusedError) {
        return error.message;
      }
      throw error;
    }
  }

  async function deliverReduced(event: OutgoingEvent, reason: string, signal: AbortSignal): Promise<Handled> {
    const again = await refusalOf([withoutPayload(event, reason)], signal);
    // It was this event that made the batches small.
    size = most;
    const refusal: Refusal =
      again === undefined ? { event, form: 'reduced', reason } : { event, form: 'set aside', reason: again };
    return { last: event.id, refusal };
  }

  return {
    get size() {
      return size;
    },
    async deliver(events, signal) {
      const [first, ...others] = events;
      if (first === undefined) {
        return undefined;
      }
      const reason = await refusalOf(events, signal());
      if (reason === undefined) {
        // Slowly, where it is the size of whole batches that the sink does not take.
        size = Math.min(size + 1, most);
        return { last: others.at(-1)?.id ?? first.id };
      }
      if (others.length > 0) {
        size = Math.ceil(events.length / 2);
        return undefined;
      }
      return deliverReduced(first, reason, signal());
    },
  };
}
