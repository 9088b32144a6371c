// Lets requests for WebSockets pass the same way as all others, so that a refusal is an ordinary answer; at its end the handshake.
import { type IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

interface Waiting {
  readonly socket: Duplex;
  readonly head: Buffer;
}

const waiting = new WeakMap<IncomingMessage, Waiting>();

/** Makes the listener for "upgrade" of a server that answers with `handle`. */
export function routeUpgrades(
  handle: RequestListener,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  return (request, socket, head) => {
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    // Whatever stream it is: what is special about sockets is looked up at the request.
    response.assignSocket(socket as Socket);
    socket.on('error', () => socket.destroy());
    waiting.set(request, { socket, head });
    response.once('finish', () => {
      if (waiting.delete(request)) {
        response.detachSocket(socket as Socket);
        socket.end(() => socket.destroy());
      }
    });
    handle(request, response);
  };
}

/** Whether the request asks for a WebSocket and can have it. */
export function canUpgrade(request: IncomingMessage): boolean {
  return waiting.has(request);
}

/** Answers the handshake of a request that can have a WebSocket and has no `handshakeProblem`; undefined when the client has gone meanwhile. */
export async function acceptWebSocket(
  request: IncomingMessage,
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
): Promise<WebSocket | undefined> {
  const { completeHandshake } = await import('./handshake.ts');
  const given = waiting.get(request);
  if (given === undefined) {
    return undefined;
  }
  waiting.delete(request);
  response.detachSocket(given.socket as Socket);
  const opened = completeHandshake(request, given.socket, given.head, headers);
  // What logs and measures answers learns that this one is over.
  response.statusCode = 101;
  response.emit('finish');
  return opened;
}
