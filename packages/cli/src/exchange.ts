// Sends one HTTP request to the server or to Keystone; a peer that does not answer is explained in one sentence.
import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { UnreachableError } from './command-error.ts';

/** Where the peer is. */
export type Place =
  | { readonly kind: 'socket'; readonly socketPath: string }
  | { readonly kind: 'url'; readonly url: URL; readonly ca: Buffer | undefined };

export interface Outgoing {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  /** Gets the text of a successful answer as it comes; it is not collected then. */
  readonly onText?: (text: string) => void;
  /** Ends the request early, as if the answer had ended. */
  readonly signal?: AbortSignal;
}

export interface Incoming {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** @throws UnreachableError */
export type Exchange = (outgoing: Outgoing, payload?: string) => Promise<Incoming>;

type Peer = 'server' | 'Keystone';

/** Longer than the server waits for a lock or a BMC within a request, so that its explanation arrives. */
const requestTimeoutMilliseconds = 120_000;

/** Prepares requests to one place, over one connection. */
export function createExchange(place: Place, peer: Peer): Exchange {
  const isTls = place.kind === 'url' && place.url.protocol === 'https:';
  const agent = isTls ? new TlsAgent({ keepAlive: true, ca: place.ca }) : new Agent({ keepAlive: true });
  return ({ path, onText, signal, ...outgoing }, payload) =>
    new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(new UnreachableError(unreachableSentence(place, peer, error)));
      const receive = (response: IncomingMessage) => {
        const { statusCode: status = 0, headers } = response;
        const end = (text: string) => resolve({ status, headers, text });
        response.on('error', fail);
        if (onText !== undefined && status === 200) {
          response
            .setEncoding('utf8')
            .on('data', onText)
            .on('end', () => end(''));
          signal?.addEventListener('abort', () => {
            end('');
            response.destroy();
          });
          return;
        }
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', () => end(Buffer.concat(pieces).toString('utf8')));
      };
      const options = { ...outgoing, agent };
      let request: ReturnType<typeof httpRequest>;
      if (place.kind === 'socket') {
        request = httpRequest({ ...options, path, socketPath: place.socketPath }, receive);
      } else {
        const target = new URL(place.url.pathname.replace(/\/$/, '') + path, place.url.origin);
        request = (isTls ? tlsRequest : httpRequest)(target, options, receive);
      }
      request.setTimeout(requestTimeoutMilliseconds, () => {
        request.destroy(new Error(`no answer within ${requestTimeoutMilliseconds / 1000} seconds`));
      });
      request.on('error', fail);
      request.end(payload);
    });
}

/** Why a peer can not be reached, and what to do. */
export function unreachableSentence(place: Place, peer: Peer, error: NodeJS.ErrnoException): string {
  const where = place.kind === 'socket' ? place.socketPath : place.url.origin;
  const start = peer === 'server' ? 'start the server with `wrought serve`' : 'check OS_AUTH_URL';
  const ca = peer === 'server' ? '--ca-file' : 'OS_CACERT';
  const remedies: Readonly<Record<string, string>> = {
    ECONNREFUSED: `nothing listens there; ${start}`,
    ENOENT: `there is no such socket; ${start}`,
    EACCES: 'only the owner of the data directory may use its socket; use --url with a password',
    ENOTFOUND: 'the host name is not known',
    ECONNRESET: 'the connection was cut; if the server speaks TLS, the URL has to begin with https://',
    DEPTH_ZERO_SELF_SIGNED_CERT: `its certificate is not signed by a known CA; name its CA with ${ca}`,
    SELF_SIGNED_CERT_IN_CHAIN: `its certificate is not signed by a known CA; name its CA with ${ca}`,
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: `its certificate is not signed by a known CA; name its CA with ${ca}`,
  };
  const remedy = remedies[error.code ?? ''] ?? error.message;
  const code = error.code === undefined ? '' : ` (${error.code})`;
  return `${peer === 'server' ? 'the server' : 'Keystone'} at ${where} can not be reached: ${remedy}${code}`;
}
