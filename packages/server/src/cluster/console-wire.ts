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
    const [text] = (await once(socket, 'message', { signal: AbortSignal.timeout(CALL_MILLISECONDS) })) as [RawData];
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
  try {
    await once(socket, 'open', { signal });
    // What comes right behind the answer is for who gets the line.
    socket.once('message', () => socket.pause());
    socket.send(text);
    const [answered] = (await Promise.race([
      once(socket, 'message', { signal }),
      once(socket, 'close', { signal }).then(() => {
        throw new Error('the connection was closed');
      }),
    ])) as [RawData];
    const { error } = JSON.parse(answered.toString()) as { readonly error?: CallError };
    if (error !== undefined) {
      socket.terminate();
      return { error };
    }
    const line = lineOver(socket, `the connection to conductor ${hostname} broke`);
    socket.resume();
    return { line };
  } catch (error) {
    // What it meets from here on is nobody's any more.
    socket.on('error', () => {});
    socket.terminate();
    throw error;
  }
}
