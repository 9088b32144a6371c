// The place of a listener at a console, carried over a WebSocket: bytes both ways no faster than they are taken, and why it ended.
import { once } from 'node:events';
import { type ConsoleEnd, consoleEndCodes } from '@wrought/contract';
import { createWebSocketStream, type RawData, type WebSocket } from 'ws';
import type { ConsoleLine } from '../drivers/kit/console.ts';
import { keepAlive } from './keep-alive.ts';

/** RFC 6455, section 7.4.1: no code came with the end, or no end came at all. */
const WITHOUT_CODE: ReadonlySet<number> = new Set([1005, 1006]);
/** What the machine said last gets this long to be taken before the end is told. */
const LAST_WORDS_MILLISECONDS = 1_000;
/** How long the other end may take to agree that the connection ends. */
const CLOSE_MILLISECONDS = 2_000;
/** RFC 6455, section 5.5: what a control frame leaves for the reason. */
const REASON_BYTES = 123;

export interface CarryOptions {
  /** Aborted when the process stops. */
  readonly stopping?: AbortSignal | undefined;
  /** Then the listener has to come again. */
  readonly longestSeconds?: number;
  readonly keepAliveMilliseconds?: number;
}

/** The reason, cut to what a close frame holds, at the boundary of a character. */
function shortened(reason: string): string {
  const bytes = Buffer.from(reason);
  return bytes.length <= REASON_BYTES
    ? reason
    : new TextDecoder().decode(bytes.subarray(0, REASON_BYTES - 3), { stream: true });
}

/** Carries a line over a WebSocket, paused or not, until either of them ends; the line is given back then. */
export function carryLine(socket: WebSocket, { stream, ended }: ConsoleLine, options: CarryOptions = {}): void {
  const { stopping, longestSeconds, keepAliveMilliseconds } = options;

  function end({ code, reason }: ConsoleEnd): void {
    stream.destroy();
    socket.resume();
    socket.close(code, shortened(reason));
    const cut = setTimeout(() => socket.terminate(), CLOSE_MILLISECONDS);
    socket.once('close', () => clearTimeout(cut));
  }

  // Towards the machine.
  socket.on('message', (data: RawData) => {
    if (!stream.destroyed && !stream.write(data as Buffer)) {
      socket.pause();
    }
  });
  stream.on('drain', () => socket.resume());

  // Towards the listener: the next piece when this one is on its way.
  stream.on('data', (characters: Buffer) => {
    stream.pause();
    socket.send(characters, { binary: true }, () => stream.resume());
  });

  stream.on('error', () => stream.destroy());
  void ended.then(async (reason) => {
    if (!stream.closed) {
      await once(stream, 'close', { signal: AbortSignal.timeout(LAST_WORDS_MILLISECONDS) }).catch(() => {});
    }
    if (socket.readyState === socket.OPEN) {
      end(reason);
    }
  });
  const stop = () => end({ code: consoleEndCodes.stopping, reason: 'the server stops' });
  stopping?.addEventListener('abort', stop);
  const longest =
    longestSeconds === undefined
      ? undefined
      : setTimeout(() => {
          const reason = `connections end after ${longestSeconds} seconds; connect again`;
          end({ code: consoleEndCodes.longest, reason });
        }, longestSeconds * 1000);
  socket.once('close', () => {
    stopping?.removeEventListener('abort', stop);
    clearTimeout(longest);
    stream.destroy();
  });
  keepAlive(socket, keepAliveMilliseconds);
  socket.resume();
  if (stopping?.aborted) {
    stop();
  }
}

/** The line at the other end of a WebSocket, of which `carryLine` carries it there. */
export function lineOver(socket: WebSocket, lost: string): ConsoleLine {
  const { promise: ended, resolve } = Promise.withResolvers<ConsoleEnd>();
  socket.once('close', (code, reason) =>
    resolve(
      WITHOUT_CODE.has(code) ? { code: consoleEndCodes.lost, reason: lost } : { code, reason: reason.toString() },
    ),
  );
  keepAlive(socket);
  return { stream: createWebSocketStream(socket, { allowHalfOpen: false }), ended };
}
