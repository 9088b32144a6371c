// Takes the calls of other processes of this installation, and no others': JSON-RPC over HTTPS with the key that they share.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Duplex } from 'node:stream';
import { registeredError } from '@wrought/contract';
import type { Doors } from '../flows/doors.ts';
import type { Joined } from './console-wire.ts';
import type { ClusterLog } from './log.ts';
import { callMethod } from './methods.ts';
import { serverOptions } from './pre-shared-key.ts';
import { countRefusals } from './refusals.ts';
import {
  type CallAnswer,
  type CallError,
  CallRefused,
  type CallRequest,
  callErrorCodes,
  JOIN_CONSOLE,
  wireError,
} from './wire.ts';

export interface CallServerOptions {
  readonly key: Buffer;
  /** The name of this conductor; calls for another one are refused. */
  readonly hostname: string;
  readonly log: ClusterLog;
}

export interface CallServer {
  readonly server: Server;
  /** Calls are refused before. */
  serve(doors: Doors): void;
  /** Takes no new calls; waits for those under way for at most so long. */
  close(graceMilliseconds: number): Promise<void>;
}

/** Seconds after which a conductor that is starting now has started. */
const START_RETRY_AFTER_SECONDS = 2;

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

function parse(text: string): CallRequest {
  let value: Partial<CallRequest> | null;
  try {
    value = JSON.parse(text) as Partial<CallRequest> | null;
  } catch (error) {
    throw new CallRefused(callErrorCodes.parse, `The call is not JSON: ${(error as Error).message}`);
  }
  const isCall =
    value?.jsonrpc === '2.0' &&
    typeof value.id === 'string' &&
    typeof value.method === 'string' &&
    typeof value.params?.conductor === 'string' &&
    Array.isArray(value.params.arguments);
  if (!isCall) {
    throw new CallRefused(
      callErrorCodes.invalidRequest,
      'A call has the members jsonrpc ("2.0"), id, method and params with conductor and arguments.',
    );
  }
  return value as CallRequest;
}

/** Makes the server; it does not listen yet. */
export function createCallServer({ key, hostname, log }: CallServerOptions): CallServer {
  let doors: Doors | undefined;

  /** The doors for a call. @throws CallRefused, RegisteredError */
  function doorsFor({ params }: CallRequest): Doors {
    if (params.conductor !== hostname) {
      throw new CallRefused(
        callErrorCodes.invalidRequest,
        `This is conductor ${hostname} and not ${params.conductor}.`,
      );
    }
    if (doors === undefined) {
      throw registeredError(
        'TemporaryFailure',
        { reason: `Conductor ${hostname} is starting.` },
        { retryAfterSeconds: START_RETRY_AFTER_SECONDS },
      );
    }
    return doors;
  }

  function toldError(error: unknown, method: string): CallError {
    const told = wireError(error);
    if (told.data === undefined) {
      log.error({ err: error, method }, 'A call of another process failed.');
    }
    return told;
  }

  async function answer(call: CallRequest): Promise<CallAnswer> {
    const { id, method, params } = call;
    try {
      return { jsonrpc: '2.0', id, result: (await callMethod(doorsFor(call), method, params.arguments)) ?? null };
    } catch (error) {
      return { jsonrpc: '2.0', id, error: toldError(error, method) };
    }
  }

  async function join(text: string): Promise<Joined> {
    try {
      const call = parse(text);
      const [node, options] = call.params.arguments as Parameters<Doors['call']['joinConsole']>;
      return { line: await doorsFor(call).call.joinConsole(node, options) };
    } catch (error) {
      return { error: toldError(error, JOIN_CONSOLE) };
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let answered: CallAnswer;
    try {
      answered = await answer(parse(await readText(request)));
    } catch (error) {
      answered = { jsonrpc: '2.0', id: null, error: wireError(error) };
    }
    const text = JSON.stringify(answered);
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
    response.end(text);
  }

  const server = createServer(serverOptions(key), (request, response) => {
    handle(request, response).catch((error: unknown) => {
      // The caller has gone; what it asked for may have happened, as it will find.
      log.warn({ err: error }, 'The answer to a call of another process could not be sent.');
    });
  });
  const stopping = new AbortController();
  server.on('upgrade', (request: IncomingMessage, duplex: Duplex, head: Buffer) => {
    duplex.on('error', () => duplex.destroy());
    import('./console-wire.ts')
      .then(({ serveConsole }) => serveConsole(request, duplex, head, { join, stopping: stopping.signal }))
      .catch((error: unknown) => log.warn({ err: error }, 'A console for another process could not be handed on.'));
  });
  const refusals = countRefusals(log);
  server.on('tlsClientError', (error) => refusals.note(error));
  return {
    server,
    serve: (given) => {
      doors = given;
    },
    async close(graceMilliseconds) {
      stopping.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), graceMilliseconds);
      await closed;
      clearTimeout(cut);
      refusals.close();
    },
  };
}
