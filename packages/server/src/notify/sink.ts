// What a sink is: somewhere outside that takes batches of events.
import type { OutgoingEvent } from '@wrought/contract';

/** The other side will never take what it was given, by what it is: it is too large for it, or it can not be used there. */
export class EventsRefusedError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'EventsRefusedError';
  }
}

export interface Sink {
  /**
   * Hands over a batch, in its order; resolves once the other side has all of it. After a failure the same batch comes again.
   * @throws EventsRefusedError when it is in vain to try again; any other Error tells where the events should have gone and what
   *   came back
   */
  deliver(events: readonly OutgoingEvent[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
