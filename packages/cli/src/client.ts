// Talks to the server: one connection, JSON both ways, every failure as one plain sentence.
import { Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { CommandError, UnreachableError } from './command-error.ts';
import type { GlobalOptions } from './context.ts';
import type { Resource } from './output.ts';
import { findServer, type ServerAddress } from './server-address.ts';
import { refusalSentence } from './server-error.ts';

export interface Client {
  /** @throws UnreachableError when the server does not answer, CommandError when it refuses */
  send(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Resource>;
  /** The answer as it came, for those that need not be JSON. @throws as `send` */
  sendForText(method: Parameters<Client['send']>[0], path: string, body?: unknown): Promise<string>;
  get(path: string): Promise<Resource>;
  /** Every item of a collection, all pages of it; `key` is the name of the list in the answer. */
  list(path: string, key: string): Promise<readonly Resource[]>;
}

/** The newest microversion that Wrought speaks; the command line knows all of it. */
const apiVersion = '1.115';

/** Longer than the server waits for a lock or a BMC within a request, so that its explanation arrives. */
const requestTimeoutMilliseconds = 120_000;

export function createClient(options: GlobalOptions, environment: NodeJS.ProcessEnv): Client {
  const server = findServer(options, environment);
  const agent =
    server.kind === 'url' && server.url.protocol === 'https:'
      ? new TlsAgent({ keepAlive: true, ca: server.ca })
      : new Agent({ keepAlive: true });

  const sendForText: Client['sendForText'] = async (method, path, body) => {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers: Record<string, string> = {
      Accept: 'application/json',
      'X-OpenStack-Ironic-API-Version': apiVersion,
    };
    if (payload !== undefined) {
      headers['Content-Type'] = 'application/json';
      headers['Content-Length'] = String(Buffer.byteLength(payload));
    }
    const { status, text } = await exchange(server, { method, path, headers, agent }, payload);
    if (status >= 400) {
      throw new CommandError(refusalSentence(status, text, `${method} ${path}`));
    }
    return text;
  };

  const send: Client['send'] = async (method, path, body) =>
    parseAnswer(await sendForText(method, path, body), `${method} ${path}`);

  const get: Client['get'] = (path) => send('GET', path);

  return {
    send,
    sendForText,
    get,
    async list(path, key) {
      const items: Resource[] = [];
      for (let page: string | undefined = path; page !== undefined; ) {
        const answer = await get(page);
        items.push(...((answer[key] ?? []) as Resource[]));
        page = nextPage(answer.next);
      }
      return items;
    },
  };
}

/** The path of the next page; its host is left out, the server may be behind a proxy or a socket. */
function nextPage(next: unknown): string | undefined {
  if (typeof next !== 'string') {
    return undefined;
  }
  const { pathname, search } = new URL(next, 'http://localhost');
  return pathname + search;
}

function exchange(
  server: ServerAddress,
  options: RequestOptions & { headers: Record<string, string>; path: string },
  payload: string | undefined,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new UnreachableError(unreachableSentence(server, error)));
    const receive = (response: IncomingMessage) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', fail);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString('utf8') });
      });
    };
    const request =
      server.kind === 'socket'
        ? httpRequest({ ...options, socketPath: server.socketPath }, receive)
        : (server.url.protocol === 'https:' ? tlsRequest : httpRequest)(
            new URL(server.url.pathname.replace(/\/$/, '') + options.path, server.url.origin),
            {
              ...options,
              path: server.url.pathname.replace(/\/$/, '') + options.path,
              headers: withCredentials(server, options.headers),
            },
            receive,
          );
    request.setTimeout(requestTimeoutMilliseconds, () => {
      request.destroy(new Error(`no answer within ${requestTimeoutMilliseconds / 1000} seconds`));
    });
    request.on('error', fail);
    request.end(payload);
  });
}

function withCredentials(
  server: ServerAddress & { kind: 'url' },
  headers: Record<string, string>,
): Record<string, string> {
  return server.authorization === undefined ? headers : { ...headers, Authorization: server.authorization };
}

function unreachableSentence(server: ServerAddress, error: NodeJS.ErrnoException): string {
  const place = server.kind === 'socket' ? server.socketPath : server.url.origin;
  const remedies: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nothing listens there; start the server with `wrought serve`',
    ENOENT: 'there is no such socket; start the server with `wrought serve`',
    EACCES: 'only the owner of the data directory may use its socket; use --url with a password',
    ENOTFOUND: 'the host name is not known',
    ECONNRESET: 'the connection was cut; if the server speaks TLS, the URL has to begin with https://',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not signed by a known CA; name its CA with --ca-file',
    SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not signed by a known CA; name its CA with --ca-file',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not signed by a known CA; name its CA with --ca-file',
  };
  const remedy = remedies[error.code ?? ''] ?? error.message;
  return `the server at ${place} can not be reached: ${remedy}${error.code === undefined ? '' : ` (${error.code})`}`;
}

function parseAnswer(text: string, what: string): Resource {
  if (text.trim() === '') {
    return {};
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError(`${what}: the answer is not JSON, so this is not a bare metal API; check --url`);
  }
}
