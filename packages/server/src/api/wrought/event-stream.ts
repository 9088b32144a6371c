// Writes events to one listener as server-sent events, no faster than it reads: what it has not had stays in the database.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { OutgoingEvent } from '@wrought/contract';
import { type EventFilter, eventsBetween } from '../../store/outbox.ts';
import type { OutboxTail } from '../../store/outbox-tail.ts';
import type { Services } from '../services.ts';

const BATCH = 100;
/** A comment after so long without an event keeps connections open that pass through proxies. */
const HEARTBEAT_SECONDS = 15;
/** A listener that takes nothing for so long is cut off. */
const SLOW_SECONDS = 30;
/** Then the listener comes again and is asked anew who it is: tokens end, and roles change. */
const LONGEST_SECONDS = 3_600;

interface Listener extends Pick<Services, 'store' | 'log' | 'stopping'> {
  readonly tail: OutboxTail;
  /** The number of the last event that it has had. */
  readonly after: number;
  readonly filter: EventFilter;
}

/** The text of one event. Whole objects are for sinks; reasons of failures only for who may see all nodes. */
function textOf({ object: _object, data, ...event }: OutgoingEvent, { project }: EventFilter): string {
  const { error, ...rest } = data;
  const shown = project === undefined ? data : rest;
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify({ ...event, data: shown })}\n\n`;
}

/** Writes, and waits until the listener has taken it. @throws when it takes too long */
async function writeAll(response: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  if (!response.write(text)) {
    const limit = AbortSignal.timeout(SLOW_SECONDS * 1000);
    try {
      await once(response, 'drain', { signal: AbortSignal.any([signal, limit]) });
    } catch (error) {
      if (limit.aborted) {
        response.write(`: nothing was read for ${SLOW_SECONDS} seconds; go on with Last-Event-ID\n\n`);
      }
      throw error;
    }
  }
}

/** Streams until the listener goes, reads too slowly, has listened long enough, or the server stops. */
export function streamEvents(response: ServerResponse, listener: Listener): void {
  const { store, log, tail, filter, stopping } = listener;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const signal = AbortSignal.any([
    gone.signal,
    AbortSignal.timeout(LONGEST_SECONDS * 1000),
    ...(stopping === undefined ? [] : [stopping]),
  ]);

  /** The newest event after `after`; undefined when there is none until the next heartbeat. */
  async function nextEnd(after: number): Promise<number | undefined> {
    const heartbeat = AbortSignal.timeout(HEARTBEAT_SECONDS * 1000);
    try {
      return await tail.next(after, AbortSignal.any([signal, heartbeat]));
    } catch (error) {
      if (heartbeat.aborted && !signal.aborted) {
        return undefined;
      }
      throw error;
    }
  }

  async function run(): Promise<void> {
    let { after } = listener;
    signal.throwIfAborted();
    await writeAll(response, ': events follow\n\n', signal);
    for (;;) {
      const end = await nextEnd(after);
      const events = end === undefined ? [] : await eventsBetween(store.read, after, end, BATCH, filter);
      const text = events.map((event) => textOf(event, filter)).join('');
      // Less than a batch means that there is no further one up to the end.
      after = (events.length < BATCH ? end : events.at(-1)?.id) ?? after;
      if (text !== '' || end === undefined) {
        await writeAll(response, text === '' ? ': nothing new\n\n' : text, signal);
      }
    }
  }

  run().catch((error: unknown) => {
    if (!signal.aborted && !response.closed) {
      log.debug({ err: error }, 'A stream of events ends.');
    }
    response.end();
    // What is still buffered for a listener that does not read is dropped.
    if (response.writableNeedDrain) {
      response.destroy();
    }
  });
}
