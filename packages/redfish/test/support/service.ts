// A small real Redfish service on loopback for tests: a table of answers, and a record of what was asked.
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { type ClientOptions, createClient, type Oddity } from '../../src/index.ts';
import type { Certificate } from './certificates.ts';

export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into it as it likes
  readonly body: any;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** An object is sent as JSON. */
  readonly body?: unknown;
}

export type Handler = (asked: Asked, response: ServerResponse) => Reply | undefined | Promise<Reply | undefined>;

/** `METHOD path` to what is answered; an object is the resource. */
export type Table = Record<string, Handler | object>;

export interface Service extends AsyncDisposable {
  readonly url: string;
  readonly table: Table;
  readonly asked: Asked[];
  readonly sockets: ReadonlySet<Socket>;
  /** `METHOD path` of every request. */
  lines(): string[];
}

/** An error as Redfish has it. */
export const failure = (status: number, key: string, message: string): Reply => ({
  status,
  body: {
    error: {
      code: `Base.1.8.${key}`,
      message,
      '@Message.ExtendedInfo': [{ MessageId: `Base.1.8.${key}`, Message: message }],
    },
  },
});

function send(response: ServerResponse, { status = 200, headers = {}, body }: Reply): void {
  const isText = typeof body === 'string' || Buffer.isBuffer(body) || body === undefined;
  response.writeHead(status, { ...(isText ? {} : { 'content-type': 'application/json' }), ...headers });
  response.end(isText ? body : JSON.stringify(body));
}

function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}

/** Starts a service; the service root and what the table names is there, all else is 404. */
export async function startService(table: Table, certificate?: Certificate): Promise<Service> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  const answer = async (message: IncomingMessage, response: ServerResponse) => {
    const raw = await text(message);
    const request: Asked = {
      method: message.method ?? '',
      path: message.url ?? '',
      headers: message.headers,
      raw,
      body: parsed(raw),
    };
    asked.push(request);
    const entry = table[`${request.method} ${request.path}`];
    const reply =
      typeof entry === 'function'
        ? await (entry as Handler)(request, response)
        : entry === undefined
          ? failure(404, 'ResourceMissingAtURI', `nothing at ${request.path}`)
          : { body: entry };
    if (reply !== undefined) send(response, reply);
  };
  const listener = (message: IncomingMessage, response: ServerResponse) => {
    answer(message, response).catch((error) => response.destroy(error));
  };
  const server = certificate === undefined ? createServer(listener) : createTlsServer(certificate, listener);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    table,
    asked,
    sockets,
    lines: () => asked.map(({ method, path }) => `${method} ${path}`),
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A service root with sessions. */
export const root = (extra: object = {}): object => ({
  '@odata.id': '/redfish/v1/',
  Id: 'RootService',
  Links: { Sessions: { '@odata.id': '/redfish/v1/SessionService/Sessions' } },
  ...extra,
});

/** A client of the service that keeps what it finds odd, with short pauses. */
export function clientOf(service: Service, options: Partial<ClientOptions> = {}) {
  const oddities: Oddity[] = [];
  const client = createClient({
    url: service.url,
    userName: 'admin',
    password: 'secret',
    authentication: 'basic',
    retryDelayMilliseconds: 1,
    onOddity: (oddity) => oddities.push(oddity),
    ...options,
  });
  return Object.assign(client, { oddities });
}
