// Talks to the server: one connection, JSON both ways, every failure as one plain sentence.
import type { WebSocket } from 'ws';
import { CommandError, RefusedError } from './command-error.ts';
import type { GlobalOptions } from './context.ts';
import { createExchange, type Exchange, type Outgoing, type Place } from './exchange.ts';
import type { Resource } from './output.ts';
import { findServer } from './server-address.ts';
import { refusalSentence } from './server-error.ts';

export interface Client {
  /** @throws UnreachableError when the server does not answer, RefusedError when it refuses */
  send(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Resource>;
  /** The answer as it came, for those that need not be JSON. @throws as `send` */
  sendForText(method: Parameters<Client['send']>[0], path: string, body?: unknown): Promise<string>;
  get(path: string): Promise<Resource>;
  /**
   * Reads a stream of events after the one with this number; `onText` gets its text as it comes. Resolves when the server ends it,
   * or the signal comes. @throws as `send`
   */
  follow(path: string, after: string | undefined, signal: AbortSignal, onText: (text: string) => void): Promise<void>;
  /** Opens a WebSocket, which is paused; the signal gives up. @throws as `send` */
  connect(path: string, signal: AbortSignal): Promise<WebSocket>;
  /** Every item of a collection, all pages of it; `key` is the name of the list in the answer. */
  list(path: string, key: string): Promise<readonly Resource[]>;
}

/** The newest microversion that Wrought speaks; the command line knows all of it. */
const apiVersion = '1.115';

export function createClient(options: GlobalOptions, environment: NodeJS.ProcessEnv): Client {
  const server = findServer(options, environment);
  const keystone = server.kind === 'socket' ? undefined : server.keystone;
  let opened: Promise<Exchange> | undefined;

  async function placeOf(): Promise<Place> {
    return server.kind === 'catalog' ? { ...server, kind: 'url', url: await server.keystone.endpoint() } : server;
  }

  async function open(): Promise<Exchange> {
    return createExchange(await placeOf(), 'server');
  }

  /** Asks, a second time with a fresh token where the first one was too old: a command that watches for long may outlive it. */
  async function withFreshToken<Answer>(
    ask: () => Promise<Answer>,
    statusOf: (answer: Answer) => number,
  ): Promise<Answer> {
    const answer = await ask();
    return statusOf(answer) === 401 && keystone?.renew() ? ask() : answer;
  }

  async function headersFor(payload: string | undefined): Promise<Record<string, string>> {
    return {
      Accept: 'application/json',
      'X-OpenStack-Ironic-API-Version': apiVersion,
      ...(payload === undefined
        ? {}
        : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(payload)) }),
      ...(keystone === undefined ? {} : { 'X-Auth-Token': await keystone.token() }),
      ...(server.kind === 'url' && server.authorization !== undefined ? { Authorization: server.authorization } : {}),
    };
  }

  /** Sends a request. @throws CommandError */
  async function exchangeWith(
    { method, path, ...how }: Omit<Outgoing, 'headers'>,
    payload: string | undefined,
    more: Record<string, string> = {},
  ): Promise<string> {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    const exchange = await opened;
    const ask = async () =>
      exchange({ method, path, ...how, headers: { ...(await headersFor(payload)), ...more } }, payload);
    const { status, text } = await withFreshToken(ask, (answer) => answer.status);
    if (status >= 400) {
      throw new RefusedError(refusalSentence(status, text, `${method} ${path}`), status);
    }
    return text;
  }

  const sendForText: Client['sendForText'] = (method, path, body) =>
    exchangeWith({ method, path }, body === undefined ? undefined : JSON.stringify(body));

  const send: Client['send'] = async (method, path, body) =>
    parseAnswer(await sendForText(method, path, body), `${method} ${path}`);

  const get: Client['get'] = (path) => send('GET', path);

  return {
    send,
    sendForText,
    get,
    async follow(path, after, signal, onText) {
      const more = { Accept: 'text/event-stream', ...(after === undefined ? {} : { 'Last-Event-ID': after }) };
      await exchangeWith({ method: 'GET', path, signal, onText }, undefined, more);
    },
    async connect(path, signal) {
      const { openWebSocket } = await import('./web-socket.ts');
      const place = await placeOf();
      const answer = await withFreshToken(
        async () => openWebSocket(place, { path, signal, headers: await headersFor(undefined) }),
        (each) => ('status' in each ? each.status : 101),
      );
      if ('status' in answer) {
        throw new RefusedError(refusalSentence(answer.status, answer.text, `GET ${path}`), answer.status);
      }
      return answer;
    },
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
