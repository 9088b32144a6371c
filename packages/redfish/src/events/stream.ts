// Events as a stream from the service, opened again when it breaks (DSP0266, "Server-sent events").
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../client.ts';
import { ConnectionError, ResponseError, TimeoutError, UnsupportedError } from '../errors.ts';
import { isJson } from '../fields.ts';
import { parseJson } from '../http/body.ts';
import type { EventService } from '../resources/event-service.ts';
import { type Event, readEvent } from './event.ts';
import { createEventDecoder } from './server-sent-events.ts';

export interface EventStreamOptions {
  readonly signal: AbortSignal;
  /** Such as `RegistryPrefix eq 'ResourceEvent'`, for services that filter. */
  readonly filter?: string;
  /** Before the stream is opened again after it broke, twice as long each time without an event. Default 1000. */
  readonly reopenMilliseconds?: number;
  /** Default 60 000. */
  readonly maximumReopenMilliseconds?: number;
  /** Is told why the stream is opened again. */
  readonly onBreak?: (error: Error) => void;
}

/** Whether a stream that broke may come back. */
const isPassing = (error: unknown): error is Error =>
  error instanceof ConnectionError ||
  error instanceof TimeoutError ||
  (error instanceof ResponseError && (error.status >= 500 || error.status === 429));

/** What undici says of a body that breaks off is an error of the connection. */
async function* chunksOf(client: Client, path: string, body: AsyncIterable<Uint8Array>, signal: AbortSignal) {
  try {
    yield* body;
  } catch (error) {
    signal.throwIfAborted();
    const cause = error instanceof Error ? error : new Error(String(error));
    throw new ConnectionError({ method: 'GET', url: client.origin + path }, 'reset', true, cause);
  }
}

/**
 * Reads events until the signal. What happened between two streams is sent by services that keep it (Last-Event-ID).
 *
 * @throws UnsupportedError when the service has no stream; otherwise what does not pass by itself, such as AuthenticationError.
 */
export async function* streamEvents(
  client: Client,
  { resource, streamPath }: EventService,
  options: EventStreamOptions,
): AsyncGenerator<Event, void> {
  const { signal, filter, reopenMilliseconds = 1000, maximumReopenMilliseconds = 60_000, onBreak } = options;
  if (streamPath === undefined)
    throw new UnsupportedError(resource.named(), 'the BMC does not offer events as a stream');
  const query =
    filter === undefined ? '' : `${streamPath.includes('?') ? '&' : '?'}$filter=${encodeURIComponent(filter)}`;
  const path = streamPath + query;
  let lastId: string | undefined;
  for (let pause = reopenMilliseconds; !signal.aborted; pause = Math.min(pause * 2, maximumReopenMilliseconds)) {
    try {
      const headers = { accept: 'text/event-stream', ...(lastId === undefined ? {} : { 'last-event-id': lastId }) };
      const { body } = await client.stream(path, headers, signal);
      const decode = createEventDecoder();
      const text = new TextDecoder();
      for await (const chunk of chunksOf(client, path, body, signal)) {
        for (const { id, data } of decode(text.decode(chunk, { stream: true }))) {
          lastId = id ?? lastId;
          pause = reopenMilliseconds;
          const json = parseJson(Buffer.from(data));
          if (isJson(json)) yield readEvent(json, client.onOddity);
          else client.onOddity({ path, property: 'data', expected: 'JSON', found: data.slice(0, 80) });
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!isPassing(error)) throw error;
      onBreak?.(error);
    }
    await delay(pause, undefined, { signal }).catch(() => undefined);
  }
}
