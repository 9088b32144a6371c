// Asks web servers for kernels, images and checksum files: time-outs, certificates and errors that name URL and reason.
import { readFile } from 'node:fs/promises';
import type { Agent, Dispatcher } from 'undici';
import type { Config } from '../config/index.ts';

const MOST_REDIRECTIONS = 5;

export interface WebOptions {
  /** true: the CAs of the system, a path: this CA file, false: not at all. */
  readonly verifyCa: boolean | string;
  readonly timeoutSeconds: number;
  /** Value of the Authorization header. */
  readonly authorization?: string;
}

export interface Head {
  /** Bytes; null when the server does not tell. */
  readonly contentLength: number | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
}

export function webOptions(config: Config): WebOptions {
  return { verifyCa: config.image.webserver_verify_ca, timeoutSeconds: config.image.webserver_connection_timeout };
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

async function agentFor({ verifyCa, timeoutSeconds }: WebOptions): Promise<Agent> {
  const { Agent } = await httpClient();
  const milliseconds = timeoutSeconds * 1000;
  const connect = {
    timeout: milliseconds,
    ...(verifyCa === false ? { rejectUnauthorized: false } : {}),
    ...(typeof verifyCa === 'string' ? { ca: await readFile(verifyCa, 'utf8') } : {}),
  };
  return new Agent({ connect, headersTimeout: milliseconds, bodyTimeout: milliseconds });
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

/** Sends a request and follows redirections; the caller closes the agent once it has the body. */
async function ask(
  method: 'GET' | 'HEAD',
  url: string,
  options: WebOptions,
  agent: Agent,
): Promise<Dispatcher.ResponseData> {
  const { request } = await httpClient();
  let target = url;
  for (let hop = 0; hop <= MOST_REDIRECTIONS; hop += 1) {
    const isSameOrigin = new URL(target).origin === new URL(url).origin;
    const headers = options.authorization !== undefined && isSameOrigin ? { authorization: options.authorization } : {};
    let response: Dispatcher.ResponseData;
    try {
      response = await request(target, { method, dispatcher: agent, headers });
    } catch (error) {
      throw new Error(`${method} ${shownUrl(target)} failed: ${networkReason(error)}`);
    }
    const { statusCode } = response;
    const location = response.headers.location;
    if (statusCode >= 300 && statusCode < 400 && typeof location === 'string') {
      await response.body.dump();
      target = new URL(location, target).href;
      if (!/^https?:$/.test(new URL(target).protocol)) {
        throw new Error(`${method} ${shownUrl(url)} was redirected to ${shownUrl(target)}, which is not http or https`);
      }
      continue;
    }
    if (statusCode !== 200) {
      await response.body.dump();
      throw new Error(`${method} ${shownUrl(target)} was answered with status ${statusCode}`);
    }
    return response;
  }
  throw new Error(`${method} ${shownUrl(url)} was redirected more than ${MOST_REDIRECTIONS} times`);
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
