// Asks web servers (for kernels, images and checksum files, or just to tell them something): time-outs, certificates and errors
// that name URL and reason.
import { readFile } from 'node:fs/promises';
import type { Dispatcher } from 'undici';
import type { Config } from '../config/index.ts';
import { type AddressGuard, addressGuard } from './address-guard.ts';

const MOST_REDIRECTIONS = 5;

export interface WebOptions {
  /** Where the URL is a user's: which addresses it may lead to. Null: the operator wrote it. */
  readonly guard: AddressGuard | null;
  /** true: the CAs of the system, a path: this CA file, false: not at all. */
  readonly verifyCa: boolean | string;
  readonly timeoutSeconds: number;
  /** Value of the Authorization header. */
  readonly authorization?: string;
  /** More headers; like Authorization they go to the server of the first URL only, not to where it redirects to. */
  readonly headers?: Readonly<Record<string, string>>;
  /** URL of the proxy to go through. */
  readonly proxy?: string;
  /** Ends the request early. */
  readonly abortSignal?: AbortSignal;
}

/** Why a request did not succeed; the message names method and URL as well. */
export class WebError extends Error {
  /** What went wrong, as the end of a sentence and without the URL. */
  readonly reason: string;
  /** The status that came back; null when there was no answer. */
  readonly statusCode: number | null;

  constructor(request: string, reason: string, statusCode: number | null = null) {
    super(`${request} ${reason}`);
    this.name = 'WebError';
    this.reason = reason;
    this.statusCode = statusCode;
  }
}

export interface Head {
  /** Bytes; null when the server does not tell. */
  readonly contentLength: number | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** Options for URLs that users name. */
export function webOptions(config: Config): WebOptions {
  const { webserver_verify_ca: verifyCa, webserver_connection_timeout: timeoutSeconds } = config.image;
  return { guard: addressGuard(config), verifyCa, timeoutSeconds };
}

/** The URL without user and password, for messages. */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) {
    return url;
  }
  const shown = new URL(url);
  if (shown.username !== '' || shown.password !== '') {
    shown.username = '***';
    shown.password = '';
  }
  return shown.href;
}

/** Loaded with the first request: it is a tenth of the program, and a server that only answers does without. */
const httpClient = () => import('undici');

/** @throws WebError */
function checkAddress(method: string, url: string, guard: AddressGuard | null): void {
  try {
    guard?.checkUrl(url);
  } catch (error) {
    throw new WebError(`${method} ${shownUrl(url)}`, `failed: ${networkReason(error)}`);
  }
}

/** How a TLS connection decides whom it trusts. @throws Error when the CA file can not be read */
export async function tlsTrust(
  verifyCa: WebOptions['verifyCa'],
): Promise<{ readonly ca?: string; readonly rejectUnauthorized?: false }> {
  if (typeof verifyCa === 'string') {
    return { ca: await readFile(verifyCa, 'utf8') };
  }
  return verifyCa ? {} : { rejectUnauthorized: false };
}

async function agentFor({ guard, verifyCa, timeoutSeconds, proxy }: WebOptions): Promise<Dispatcher> {
  const { Agent, ProxyAgent } = await httpClient();
  const milliseconds = timeoutSeconds * 1000;
  if (proxy !== undefined) {
    checkAddress('CONNECT', proxy, guard);
  }
  const connect = {
    timeout: milliseconds,
    ...(await tlsTrust(verifyCa)),
    ...(guard === null ? {} : { lookup: guard.lookup }),
  };
  const limits = { headersTimeout: milliseconds, bodyTimeout: milliseconds };
  return proxy === undefined
    ? new Agent({ connect, ...limits })
    : new ProxyAgent({ uri: proxy, requestTls: connect, proxyTls: connect, ...limits });
}

/** The innermost reason of a network error, such as "connect ECONNREFUSED 10.99.0.1:80". */
export function networkReason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return networkReason(error.errors[0]);
  }
  if (error instanceof Error) {
    return error.cause instanceof Error ? networkReason(error.cause) : error.message;
  }
  return String(error);
}

const isOk = (statusCode: number): boolean => statusCode === 200;
const isAnySuccess = (statusCode: number): boolean => statusCode >= 200 && statusCode < 300;

/** Sends a request and follows redirections; the caller closes the agent once it has the body. */
async function ask(
  method: 'GET' | 'HEAD',
  url: string,
  options: WebOptions,
  agent: Dispatcher,
  isGood = isOk,
): Promise<Dispatcher.ResponseData> {
  const { request } = await httpClient();
  const signal = options.abortSignal ?? null;
  let target = url;
  for (let hop = 0; hop <= MOST_REDIRECTIONS; hop += 1) {
    const isSameOrigin = new URL(target).origin === new URL(url).origin;
    const authorization = options.authorization === undefined ? {} : { authorization: options.authorization };
    const headers = isSameOrigin ? { ...options.headers, ...authorization } : {};
    checkAddress(method, target, options.guard);
    let response: Dispatcher.ResponseData;
    try {
      response = await request(target, { method, dispatcher: agent, headers, signal });
    } catch (error) {
      throw new WebError(`${method} ${shownUrl(target)}`, `failed: ${networkReason(error)}`);
    }
    const { statusCode } = response;
    const location = response.headers.location;
    if (statusCode >= 300 && statusCode < 400 && typeof location === 'string') {
      await response.body.dump();
      if (!URL.canParse(location, target)) {
        throw new WebError(
          `${method} ${shownUrl(target)}`,
          `was redirected to ${JSON.stringify(location)}, which is no URL`,
          statusCode,
        );
      }
      target = new URL(location, target).href;
      if (!/^https?:$/.test(new URL(target).protocol)) {
        throw new WebError(
          `${method} ${shownUrl(url)}`,
          `was redirected to ${shownUrl(target)}, which is not http or https`,
        );
      }
      continue;
    }
    if (!isGood(statusCode)) {
      await response.body.dump();
      throw new WebError(`${method} ${shownUrl(target)}`, `was answered with status ${statusCode}`, statusCode);
    }
    return response;
  }
  throw new WebError(`${method} ${shownUrl(url)}`, `was redirected more than ${MOST_REDIRECTIONS} times`);
}

/**
 * Asks for the headers of a file.
 * @throws Error naming URL and reason; anything but status 200 is one
 */
export async function headUrl(url: string, options: WebOptions): Promise<Head> {
  const agent = await agentFor(options);
  try {
    const { headers, body } = await ask('HEAD', url, options, agent);
    await body.dump();
    const text = (name: string) => (typeof headers[name] === 'string' ? headers[name] : null);
    const length = text('content-length');
    return {
      contentLength: length !== null && /^\d+$/.test(length) ? Number(length) : null,
      etag: text('etag'),
      lastModified: text('last-modified'),
    };
  } finally {
    await agent.destroy();
  }
}

/**
 * Makes a GET request for its own sake: the body of the answer is not looked at.
 * @returns the status, one of success
 * @throws WebError
 */
export async function visitUrl(url: string, options: WebOptions): Promise<number> {
  const agent = await agentFor(options);
  try {
    const { statusCode } = await ask('GET', url, options, agent, isAnySuccess);
    return statusCode;
  } finally {
    await agent.destroy();
  }
}

/**
 * Sends a text and drops the answer; only a status of success is one, and redirections are not followed.
 * @throws WebError
 */
export async function sendUrl(method: 'POST' | 'PUT', url: string, body: string, options: WebOptions): Promise<void> {
  checkAddress(method, url, options.guard);
  const agent = await agentFor(options);
  const { request } = await httpClient();
  const shown = `${method} ${shownUrl(url)}`;
  const authorization = options.authorization === undefined ? {} : { authorization: options.authorization };
  try {
    const signal = options.abortSignal ?? null;
    const response = await request(url, {
      method,
      dispatcher: agent,
      headers: { ...options.headers, ...authorization },
      body,
      signal,
    }).catch((error: unknown) => {
      throw new WebError(shown, `failed: ${networkReason(error)}`);
    });
    await response.body.dump();
    if (!isAnySuccess(response.statusCode)) {
      throw new WebError(shown, `was answered with status ${response.statusCode}`, response.statusCode);
    }
  } finally {
    await agent.destroy();
  }
}

/**
 * Downloads a file piece by piece.
 * @throws Error naming URL and reason
 */
export async function* fetchUrl(url: string, options: WebOptions): AsyncGenerator<Buffer> {
  const agent = await agentFor(options);
  try {
    const { body } = await ask('GET', url, options, agent);
    for await (const chunk of body) {
      yield chunk as Buffer;
    }
  } finally {
    await agent.destroy();
  }
}

/**
 * Downloads a small text.
 * @throws Error naming URL and reason, also when it is longer than `maxBytes`
 */
export async function fetchText(url: string, options: WebOptions, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of fetchUrl(url, options)) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new Error(`${shownUrl(url)} is longer than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
