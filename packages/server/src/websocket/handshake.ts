// The server's side of the opening handshake of WebSockets (RFC 6455, section 4.2), after whoever asked was let in.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';

/** The longest message that a client may send, in bytes; longer ones end the connection with 1009. */
const LONGEST_MESSAGE_BYTES = 64 * 1024;

/** As viewers of screens call it. */
const BYTES_PROTOCOL = 'binary';

const handshakes = new WebSocketServer({
  noServer: true,
  maxPayload: LONGEST_MESSAGE_BYTES,
  perMessageDeflate: false,
  // Bytes are spoken, whatever they say; browsers want to hear one of those that they offered.
  handleProtocols: (offered) => (offered.has(BYTES_PROTOCOL) ? BYTES_PROTOCOL : false),
  clientTracking: false,
});

/** Answers the handshake, which has no problem, with these headers; undefined when the client has gone meanwhile. It is
 * paused, so that nothing is lost before somebody listens. */
export function completeHandshake(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  headers: Readonly<Record<string, string>> = {},
): WebSocket | undefined {
  let opened: WebSocket | undefined;
  const addHeaders = (lines: string[]) => {
    lines.push(...Object.entries(headers).map(([name, value]) => `${name}: ${value}`));
  };
  handshakes.on('headers', addHeaders);
  // It calls back before it returns, or never.
  handshakes.handleUpgrade(request, socket, head, (webSocket) => {
    opened = webSocket;
  });
  handshakes.off('headers', addHeaders);
  // What the other end does wrong ends the connection, with a code that says so.
  opened?.on('error', () => {});
  opened?.pause();
  return opened;
}
