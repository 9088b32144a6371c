// Opens a WebSocket at the server; where it answers with something else, that is the answer.
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { UnreachableError } from './command-error.ts';
import { type Incoming, type Outgoing, type Place, unreachableSentence } from './exchange.ts';

/** Longer than the server takes to open the console of a BMC, so that its explanation arrives. */
const HANDSHAKE_MILLISECONDS = 120_000;
/** A server that says nothing for so long, not even a ping, is gone. */
const SILENCE_MILLISECONDS = 90_000;

function addressOf(place: Place, path: string): string {
  if (place.kind === 'socket') {
    return `ws://localhost${path}`;
  }
  return place.url.origin.replace(/^http/, 'ws') + place.url.pathname.replace(/\/$/, '') + path;
}

/** Cuts the connection when nothing has come for long: a network that is gone says nothing. */
function watch(socket: WebSocket): void {
  const silence = setTimeout(() => socket.terminate(), SILENCE_MILLISECONDS);
  const refresh = () => silence.refresh();
  socket.on('ping', refresh).on('message', refresh);
  socket.once('close', () => clearTimeout(silence));
}

/** The WebSocket is paused: nothing is lost before somebody listens. `signal` gives up. @throws UnreachableError */
export function openWebSocket(
  place: Place,
  { path, headers, signal }: Pick<Outgoing, 'path' | 'headers' | 'signal'>,
): Promise<WebSocket | Incoming> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(addressOf(place, path), {
      headers,
      handshakeTimeout: HANDSHAKE_MILLISECONDS,
      perMessageDeflate: false,
      ...(place.kind === 'socket'
        ? { createConnection: () => connect(place.socketPath) }
        : place.ca === undefined
          ? {}
          : { ca: place.ca }),
    });
    const giveUp = () => socket.terminate();
    signal?.addEventListener('abort', giveUp);
    socket.once('close', () => signal?.removeEventListener('abort', giveUp));
    socket.once('open', () => {
      signal?.removeEventListener('abort', giveUp);
      socket.pause();
      watch(socket);
      resolve(socket);
    });
    // After it is open, "close" says all that there is to say.
    socket.on('error', (error) => reject(new UnreachableError(unreachableSentence(place, 'server', error))));
    socket.once('unexpected-response', (_request, answer) => {
      answer.toArray().then((pieces: Buffer[]) => {
        const { statusCode: status = 0, headers: answered } = answer;
        resolve({ status, headers: answered, text: Buffer.concat(pieces).toString('utf8') });
      }, reject);
    });
  });
}
