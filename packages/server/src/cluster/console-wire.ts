// Consoles between processes: a WebSocket on the internal listener; the call and its answer come first, as text, then bytes.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket } from 'ws';
import type { ConsoleLine } from '../drivers/kit/console.ts';
import { carryLine, lineOver } from '../websocket/console-line.ts';
import { completeHandshake } from '../websocket/handshake.ts';
import { clientOptions } from './pre-shared-key.ts';
import type { CallError } from './wire.ts';

/** How long the caller may take to say what it wants. */
const CALL_MILLISECONDS = 10_000;

/** What became of a call. */
export type Joined =
  | { readonly line: ConsoleLine; readonly error?: never }
  | { readonly line?: never; readonly error: CallError };

/** Serves one connection of another process. @throws when the caller is gone before it is answered */
export async function serveConsole(
  request: IncomingMessage,
  duplex: Duplex,
  head: Buffer,
  { join, stopping }: { readonly join: (text: string) => Promise<Joined>; readonly stopping: AbortSignal },
): Promise<void> {
  const socket = completeHandshake(request, duplex, head);
  if (socket === undefined) {
    return;
  }
  try {
    const called = once(socket, 'message', { signal: AbortSignal.timeout(CALL_MILLISECONDS) });
    socket.resume();
    const [text] = (await called) as [RawData];
    const { line, error } = await join(text.toString());
    if (socket.readyState !== WebSocket.OPEN) {
      line?.stream.destroy();
      return;
    }
    socket.send(JSON.stringify(error === undefined ? {} : { error }));
    if (line === undefined) {
      socket.close();
    } else {
      carryLine(socket, line, { stopping });
    }
  } catch (error) {
    socket.terminate();
    throw error;
  }
}

/** Asks another process for a console. @throws what kept the answer from coming */
export async function askForConsole(
  { hostname, internalUrl }: { readonly hostname: string; readonly internalUrl: string },
  { key, text, signal }: { readonly key: Buffer; readonly text: string; readonly signal: AbortSignal },
): Promise<Joined> {
  const socket = new WebSocket(internalUrl.replace(/^http/, 'ws'), {
    ...clientOptions(key),
    perMessageDeflate: false,
  });
  // Whoever waits for something hears of it; later "close" says all that there is to say.
  socket.on('error', () => {});
  const { promise: joined, resolve, reject } = Promise.withResolvers<Joined>();
  // What comes right behind the answer is for the line already.
  socket.once('message', (answered) => {
    try {
      const { error } = JSON.parse(answered.toString()) as { readonly error?: CallError };
      resolve(
        error === undefined ? { line: lineOver(socket, `the connection to conductor ${hostname} broke`) } : { error },
      );
    } catch (error) {
      reject(error);
    }
  });
  try {
    await once(socket, 'open', { signal });
    const closed = once(socket, 'close', { signal }).then(() => {
      throw new Error('the connection was closed');
    });
    socket.send(text);
    const answer = await Promise.race([joined, closed]);
    if (answer.error !== undefined) {
      socket.terminate();
    }
    return answer;
  } catch (error) {
    socket.terminate();
    throw error;
  }
}
