// What a request has to be that asks for a WebSocket, beside what every request has to be.
import type { IncomingMessage } from 'node:http';
import type { Config } from '../../config/index.ts';
import { handshakeProblem } from '../../websocket/request.ts';
import { canUpgrade } from '../../websocket/upgrades.ts';
import { FrameworkError } from './error-body.ts';

/** A page of another origin would act with what a browser knows of its user (RFC 6455, section 10.2), so it has to be allowed. */
function isOriginAllowed({ headers: { origin, host } }: IncomingMessage, { api, cors, vnc }: Config): boolean {
  if (origin === undefined || cors.allowed_origin.includes(origin)) {
    return true;
  }
  const from = URL.canParse(origin) ? new URL(origin).host : undefined;
  const known = [api.public_endpoint, vnc.public_url].filter((url) => url !== null).map((url) => new URL(url).host);
  return from !== undefined && (from === host || known.includes(from));
}

/**
 * Checks it, and answers the subprotocols that are offered.
 * @throws FrameworkError when the request is none for a WebSocket, or comes from a page that may not
 */
export function requireWebSocket(request: IncomingMessage, config: Config): readonly string[] {
  if (!canUpgrade(request)) {
    throw new FrameworkError(426, 'This is a WebSocket: ask for it with "Upgrade: websocket" (RFC 6455).', {
      headers: { Upgrade: 'websocket', Connection: 'Upgrade' },
    });
  }
  const problem = handshakeProblem(request);
  if (problem !== undefined) {
    throw new FrameworkError(400, `The handshake for a WebSocket can not be read: ${problem}`, {
      headers: { 'Sec-WebSocket-Version': '13' },
    });
  }
  if (!isOriginAllowed(request, config)) {
    throw new FrameworkError(
      403,
      `Pages of the origin "${request.headers.origin}" may open no WebSocket here; cors.allowed_origin has to name it.`,
    );
  }
  return (request.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim());
}
