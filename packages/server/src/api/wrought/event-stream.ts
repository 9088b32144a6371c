// Writes events to one listener as server-sent events, no faster than it reads: what it has not had stays in the database.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { OutgoingEvent } from '@wrought/contract';
import { type EventFilter, eventsBetween } from '../../store/outbox.ts';
import type { OutboxTail } from '../../store/outbox-tail.ts';
import type { Services } from '../services.ts';

const BATCH = 100;
/** Numbers that one look goes through: a filter that lets few pass must not keep the database busy for long. */
const SPAN = 10_000;

/** How long a stream waits for what, in seconds. */
export interface StreamLimits {
  /** A comment after so long without an event keeps connections open that pass through proxies. */
  readonly heartbeat: number;
  /** A listener that takes nothing for so long is cut off. */
  readonly slow: number;
  /** Then the listener comes again and is asked anew who it is: tokens end, and roles change. */
  readonly longest: number;
}

const usualLimits: StreamLimits = { heartbeat: 15, slow: 30, longest: 3_600 };

interface Listener extends Pick<Services, 'store' | 'log' | 'stopping'> {
  readonly tail: OutboxTail;
  /** The number of the last event that it has had. */
  readonly after: number;
  readonly filter: EventFilter;
  readonly limits?: StreamLimits;
}

/** The text of one event. Whole objects are for sinks; reasons of failures only for who may see all nodes. */
function textOf({ object: _object, data, ...event }: OutgoingEvent, { project }: EventFilter): string {
  const { error, ...rest } = data;
  const shown = project === undefined ? data : rest;
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify({ ...event, data: shown })}\n\n`;
}

/** Tells the listener, without an event, how far it has come: from there it goes on when it connects again. */
const placeText = (comment: string, id: number) => `: ${comment}\nid: ${id}\n\n`;

/** Writes, and waits until the listener has taken it. @throws when it takes longer than `seconds` */
async function writeAll(response: ServerResponse, text: string, seconds: number, signal: AbortSignal): Promise<void> {
  if (!response.write(text)) {
    const limit = AbortSignal.timeout(seconds * 1000);
    try {
      await once(response, 'drain', { signal: AbortSignal.any([signal, limit]) });
    } catch (error) {
      if (limit.aborted) {
        response.write(`: nothing was read for ${seconds} seconds; go on with Last-Event-ID\n\n`);
      }
      throw error;
    }
  }
}

/** Streams until the listener goes, reads too slowly, has listened long enough, or the server stops. */
export function streamEvents(response: ServerResponse, listener: Listener): void {
  const { store, log, tail, filter, stopping, limits = usualLimits } = listener;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const signal = AbortSignal.any([
    gone.signal,
    AbortSignal.timeout(limits.longest * 1000),
    ...(stopping === undefined ? [] : [stopping]),
  ]);

  /** The newest event after `after`; undefined when there is none until the next heartbeat. */
  async function nextEnd(after: number): Promise<number | undefined> {
    const heartbeat = AbortSignal.timeout(limits.heartbeat * 1000);
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
    const write = (text: string) => writeAll(response, text, limits.slow, signal);
    await write(placeText('events follow', after));
    for (;;) {
      const end = await nextEnd(after);
      if (end === undefined) {
        await write(placeText('nothing new', after));
        continue;
      }
      const reach = Math.min(end, after + SPAN);
      const events = await eventsBetween(store.read, after, reach, BATCH, filter);
      // Less than a batch means that there is no further one up to where the look reached.
      after = (events.length < BATCH ? reach : events.at(-1)?.id) ?? after;
      if (events.length > 0) {
        await write(events.map((event) => textOf(event, filter)).join(''));
      }
    }
  }

  run().catch((error: unknown) => {
    if (!signal.aborted && !response.closed) {
      log.debug({ err: error }, 'A stream of events ends.');
    }
    // What is still buffered for a listener that does not read is dropped; an answer that has ended says no more that it is.
    const isStuck = response.writableNeedDrain;
    response.end();
    if (isStuck) {
      response.destroy();
    }
  });
}
