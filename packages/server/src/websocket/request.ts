// What a request for a WebSocket looks like (RFC 6455, section 4.2.1).
import type { IncomingMessage } from 'node:http';

/** Whether the request asks for a WebSocket rather than for an answer; one with a body does not. */
export function asksForWebSocket({ method, headers }: IncomingMessage): boolean {
  const { upgrade, 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  return method === 'GET' && upgrade?.toLowerCase() === 'websocket' && length === '0' && encoding === undefined;
}

/** What is wrong with the handshake of a client; undefined when nothing is. */
export function handshakeProblem({ headers }: IncomingMessage): string | undefined {
  if (headers['sec-websocket-version'] !== '13') {
    return `Sec-WebSocket-Version is "${headers['sec-websocket-version'] ?? ''}"; allowed: 13.`;
  }
  return /^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '')
    ? undefined
    : 'Sec-WebSocket-Key is no 16 bytes in base64.';
}
