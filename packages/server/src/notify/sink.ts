// What a sink is: somewhere outside that takes batches of events.
import type { OutgoingEvent } from '@wrought/contract';

export interface Sink {
  /**
   * Hands over a batch, in its order; resolves once the other side has all of it. After a failure the same batch comes again.
   * @throws Error that tells where the events should have gone and what came back
   */
  deliver(events: readonly OutgoingEvent[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
