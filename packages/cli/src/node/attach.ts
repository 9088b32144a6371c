// The serial console of a node in this terminal, through the server: connected again when the connection, or the server, was away.
import { setTimeout as pause } from 'node:timers/promises';
import { consoleEndCodes } from '@wrought/contract';
import { WebSocket } from 'ws';
import { ident } from '../arguments.ts';
import type { Client } from '../client.ts';
import { CommandError, isPassing } from '../command-error.ts';
import type { Context } from '../context.ts';
import { escapeHint, typeUntil } from '../terminal/typing.ts';

const RECONNECT_MILLISECONDS = 1_000;
/** How long a server may take to agree that the connection ends. */
const CLOSE_MILLISECONDS = 1_000;
/** Well below what the server takes as one message. */
const PIECE_BYTES = 16 * 1024;

export interface AttachOptions {
  readonly readOnly?: true;
  readonly escape: string | undefined;
}

/** Sends characters in pieces; resolves when they are on their way, or can not be any more. */
function sendAll(socket: WebSocket, characters: Buffer): Promise<void> {
  return new Promise((resolve) => {
    for (let at = 0; at < characters.length; at += PIECE_BYTES) {
      const isLast = at + PIECE_BYTES >= characters.length;
      socket.send(characters.subarray(at, at + PIECE_BYTES), () => isLast && resolve());
    }
  });
}

/** Connects, while what keeps it from that may pass. @throws CommandError */
async function connectAgain(client: Client, path: string, context: Context, signal: AbortSignal): Promise<WebSocket> {
  for (let told = ''; ; ) {
    await pause(RECONNECT_MILLISECONDS, undefined, { signal });
    try {
      return await client.connect(path, signal);
    } catch (error) {
      if (!isPassing(error)) {
        throw error;
      }
      if (error.message !== told) {
        told = error.message;
        context.note(`${told}; trying again`);
      }
    }
  }
}

/**
 * Is the console until it is ended by the escape or a signal.
 * @throws CommandError when the server refuses it, or lets it go for good
 */
export async function attach(context: Context, node: string, options: AttachOptions): Promise<void> {
  const { readOnly = false, escape: character } = options;
  const client = await context.client();
  const path = `/wrought/v1/nodes/${ident(node)}/console${readOnly ? '?read_only=true' : ''}`;
  const ending = new AbortController();
  const { signal } = ending;
  let socket = await client.connect(path, signal);
  context.note(`console of ${node}${readOnly ? ', read only' : ''}${escapeHint(character)}`);

  /** Passes on what the machine says, until that ends. */
  function listen(): Promise<{ code: number; reason: string }> {
    const { promise, resolve } = Promise.withResolvers<{ code: number; reason: string }>();
    const close = () => {
      socket.close();
      setTimeout(() => socket.terminate(), CLOSE_MILLISECONDS).unref();
    };
    signal.addEventListener('abort', close);
    socket.on('message', (characters: Buffer) => context.printRaw(characters));
    socket.once('close', (code, reason) => {
      signal.removeEventListener('abort', close);
      resolve({ code, reason: reason.length > 0 ? reason.toString() : 'the connection broke' });
    });
    socket.resume();
    return promise;
  }

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      const { code, reason } = await listen();
      if (signal.aborted) {
        return;
      }
      if (code === consoleEndCodes.idle) {
        throw new CommandError(`the console of ${node} ended: ${reason}`);
      }
      context.note(`\n${reason}; connecting again`);
      socket = await connectAgain(client, path, context, signal);
      context.note('connected again; what was said last follows');
    }
  }

  const followed = follow().catch((error: unknown) => {
    if (!signal.aborted) {
      throw error;
    }
  });
  const typist = {
    escape: character,
    type: (characters: Buffer) =>
      readOnly || socket.readyState !== WebSocket.OPEN ? undefined : sendAll(socket, characters),
    end: () => ending.abort(),
  };
  await typeUntil(context, typist, followed);
  context.note(`the console of ${node} goes on without this terminal`);
}
