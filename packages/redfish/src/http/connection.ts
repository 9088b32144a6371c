// The connections to one BMC: requests with time-outs, retries where they do no harm, and redirections that stay there.
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { Client, type Dispatcher, Pool } from 'undici';
import { ClosedError, MalformedError, RedfishError, type RequestName, TimeoutError } from '../errors.ts';
import { pathOf, readAddress, type ServiceAddress } from './address.ts';
import { parseJson, readBody, type StreamBody } from './body.ts';
import { failureOf } from './failure.ts';
import { type ConnectionOptions, connectionDefaults } from './options.ts';
import { isSafe, isWorthRepeating, isWorthRetrying, readRetryAfter } from './retry.ts';
import { createConnector } from './tls.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
export type Headers = Readonly<Record<string, string>>;

export interface HttpRequest {
  readonly method: Method;
  /** Path and query. */
  readonly path: string;
  readonly headers?: Headers;
  /** Sent as JSON, unless it is a stream. */
  readonly body?: unknown;
  readonly stream?: StreamBody;
  /** For the operation with its retries. */
  readonly timeoutMilliseconds?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly request: RequestName;
  readonly status: number;
  /** Names in lower case; of several values the first. */
  readonly headers: Headers;
  readonly body: Buffer;
  /** The body, when it is JSON. */
  readonly json: unknown;
  readonly retryAfterSeconds: number | undefined;
}

/** An answer whose body goes on. */
export interface HttpStream {
  readonly request: RequestName;
  readonly status: number;
  readonly headers: Headers;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface Connection extends ServiceAddress {
  /** Our own address, once there was a connection. */
  localAddress(): string | undefined;
  /**
   * Sends a request; answers of any status are returned.
   *
   * @throws ConnectionError, TimeoutError, MalformedError, ClosedError, or the signal's reason.
   */
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** Opens an answer that goes on until the signal; the time-out is for its start. */
  stream(request: HttpRequest & { readonly signal: AbortSignal }): Promise<HttpStream>;
  /** Opens a connection for something else than these requests; it belongs to the caller. @throws ConnectionError */
  socket(request: RequestName): Promise<Socket>;
  close(): Promise<void>;
}

const redirections = new Set([301, 302, 303, 307, 308]);
const maximumRedirections = 3;

function plainHeaders(headers: Dispatcher.ResponseData['headers']): Headers {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) plain[name.toLowerCase()] = first;
  }
  return plain;
}

function bodyOf(request: HttpRequest): { readonly headers: Headers; readonly body: string | Readable | null } {
  if (request.stream !== undefined) {
    const { contentType, bytes, open } = request.stream;
    return { headers: { 'content-type': contentType, 'content-length': String(bytes) }, body: Readable.from(open()) };
  }
  if (request.body === undefined) return { headers: {}, body: null };
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(request.body) };
}

/**
 * Makes the connections to a BMC; none is opened before the first request.
 *
 * @throws RangeError for addresses and options that cannot be.
 */
export function createConnection(url: string, options: ConnectionOptions = {}): Connection {
  const address = readAddress(url);
  const set = { ...connectionDefaults, ...options };
  const connecting = new WeakSet<Error>();
  let localAddress: string | undefined;
  let isClosed = false;
  const connector = createConnector(set.tls ?? {}, set.connectTimeoutMilliseconds, (local) => {
    localAddress = local ?? localAddress;
  });
  const clientOptions: Client.Options = {
    keepAliveTimeout: set.keepAliveMilliseconds,
    keepAliveMaxTimeout: set.keepAliveMilliseconds,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (wanted, callback) =>
      connector(wanted, (error, socket) => {
        if (error !== null) {
          connecting.add(error);
          callback(error, null);
        } else if (socket !== null) callback(null, socket);
      }),
  };
  // One is enough for nearly every BMC, as its calls are made in turn; a pool takes 16 KB before its first request, and there are
  // thousands of BMCs.
  const first = new Client(address.origin, clientOptions);
  let others: Pool | undefined;
  const streams = new Set<Client>();

  function free(): Dispatcher {
    if (first.stats.size === 0 || set.maximumConnections === 1) return first;
    others ??= new Pool(address.origin, { ...clientOptions, connections: set.maximumConnections - 1 });
    return others;
  }

  const nameOf = ({ method, path }: HttpRequest): RequestName => ({ method, url: address.origin + path });

  function send(request: HttpRequest, signal: AbortSignal, by: Dispatcher): Promise<Dispatcher.ResponseData> {
    const { headers, body } = bodyOf(request);
    return by.request({
      method: request.method,
      path: request.path,
      headers: { ...headers, ...request.headers },
      body,
      signal,
    });
  }

  async function exchange(request: HttpRequest, signal: AbortSignal, attempt: number): Promise<HttpAnswer> {
    const name = nameOf(request);
    const started = performance.now();
    const report = (rest: { readonly status?: number; readonly error?: Error }) =>
      set.onExchange?.({
        method: request.method,
        path: request.path,
        milliseconds: performance.now() - started,
        attempt,
        ...rest,
      });
    try {
      const { statusCode: status, headers: raw, body: source } = await send(request, signal, free());
      const headers = plainHeaders(raw);
      const body = await readBody(name, source, headers['content-encoding'], set.maximumBodyBytes);
      // undici takes a connection for free only then; a request before it would open another one.
      await nextTurn();
      report({ status });
      const retryAfterSeconds = readRetryAfter(headers['retry-after']);
      return { request: name, status, headers, body, json: parseJson(body), retryAfterSeconds };
    } catch (thrown) {
      const error =
        signal.aborted || thrown instanceof RedfishError
          ? (thrown as Error)
          : failureOf(name, thrown, thrown instanceof Error && connecting.has(thrown));
      report({ error });
      throw error;
    }
  }

  /** Waits before another attempt; false when it would be too long. */
  async function waitFor(seconds: number | undefined, attempt: number, until: number, signal: AbortSignal) {
    const backOff = set.retryDelayMilliseconds * 2 ** (attempt - 1);
    const milliseconds = seconds === undefined ? backOff : seconds * 1000;
    if (milliseconds > set.maximumRetryAfterMilliseconds && seconds !== undefined) return false;
    if (performance.now() + milliseconds >= until) return false;
    await delay(milliseconds, undefined, { signal });
    return true;
  }

  async function withRetries(request: HttpRequest, until: number, signal: AbortSignal): Promise<HttpAnswer> {
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt >= set.maximumAttempts;
      try {
        const answer = await exchange(request, signal, attempt);
        if (isLast || !isWorthRetrying(request.method, answer)) return answer;
        if (!(await waitFor(answer.retryAfterSeconds, attempt, until, signal))) return answer;
      } catch (failure) {
        if (isLast || signal.aborted || !isWorthRepeating(request.method, failure)) throw failure;
        if (!(await waitFor(undefined, attempt, until, signal))) throw failure;
      }
    }
  }

  /** Where a redirection leads; undefined when the answer is none that can be followed. */
  function redirectionOf(request: HttpRequest, answer: HttpAnswer): string | undefined {
    const location = answer.headers.location;
    if (!redirections.has(answer.status) || location === undefined) return undefined;
    if (!isSafe(request.method) && answer.status !== 307 && answer.status !== 308) return undefined;
    const base = address.origin + request.path;
    if (!URL.canParse(location, base) || new URL(location, base).origin !== address.origin) {
      const found = `a redirection to ${JSON.stringify(location)}, another host, scheme or port`;
      throw new MalformedError(answer.request, 'Location', found, 'give that address, if it is the right one');
    }
    return pathOf(new URL(location, base).href, address.origin);
  }

  /** Runs work within the time-out, and names what ends it. */
  async function within<T>(request: HttpRequest, work: (signal: AbortSignal, until: number) => Promise<T>): Promise<T> {
    if (isClosed) throw new ClosedError(nameOf(request));
    request.signal?.throwIfAborted();
    const milliseconds = request.timeoutMilliseconds ?? set.timeoutMilliseconds;
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), milliseconds);
    const signal = request.signal === undefined ? deadline.signal : AbortSignal.any([request.signal, deadline.signal]);
    try {
      return await work(signal, performance.now() + milliseconds);
    } catch (error) {
      if (request.signal?.aborted) throw request.signal.reason;
      if (deadline.signal.aborted) throw new TimeoutError(nameOf(request), 'the answer', milliseconds);
      throw isClosed && !(error instanceof RedfishError) ? new ClosedError(nameOf(request)) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    ...address,
    localAddress: () => localAddress,

    request: (request) =>
      within(request, async (signal, until) => {
        let current = request;
        for (let redirection = 0; ; redirection++) {
          const answer = await withRetries(current, until, signal);
          const path = redirection < maximumRedirections ? redirectionOf(current, answer) : undefined;
          if (path === undefined) return answer;
          current = { ...current, path };
        }
      }),

    stream: (request) =>
      within(request, async (starting) => {
        const ending = new AbortController();
        const end = () => ending.abort(request.signal.reason);
        request.signal.addEventListener('abort', end, { once: true });
        const tooLate = () => ending.abort();
        starting.addEventListener('abort', tooLate, { once: true });
        // A connection of its own, as it goes on for days: no request waits behind it.
        const own = new Client(address.origin, clientOptions);
        streams.add(own);
        const isOver = () => {
          streams.delete(own);
          own.destroy();
        };
        try {
          const { statusCode: status, headers, body } = await send(request, ending.signal, own);
          body.once('close', isOver);
          // Nobody reads the body of a refusal.
          if (status >= 300) await body.dump();
          return { request: nameOf(request), status, headers: plainHeaders(headers), body };
        } catch (thrown) {
          request.signal.removeEventListener('abort', end);
          isOver();
          throw ending.signal.aborted
            ? thrown
            : failureOf(nameOf(request), thrown, thrown instanceof Error && connecting.has(thrown));
        } finally {
          starting.removeEventListener('abort', tooLate);
        }
      }),

    socket: (request) =>
      new Promise((resolve, reject) => {
        if (isClosed) {
          reject(new ClosedError(request));
          return;
        }
        const { protocol, hostname, port, host } = new URL(address.origin);
        const bare = hostname.replace(/^\[(.*)\]$/, '$1');
        const wanted = { protocol, hostname: bare, host, port: port || (protocol === 'https:' ? '443' : '80') };
        connector(wanted, (error, socket) => {
          if (socket === null) reject(failureOf(request, error, true));
          else resolve(socket);
        });
      }),

    async close() {
      isClosed = true;
      await Promise.all([first, others, ...streams].map((each) => each?.destroy()));
    },
  };
}
