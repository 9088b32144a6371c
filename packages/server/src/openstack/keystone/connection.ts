// The way to Keystone over HTTP: verified certificates, bounded time, and failures that name the URL and the reason.
import { readFileSync } from 'node:fs';
import type { Agent, Dispatcher } from 'undici';
import { networkReason } from '../../boot/web.ts';
import type { Config } from '../../config/index.ts';

/** Keystone did not answer as it should; the same request may work in a while. */
export class KeystoneUnavailableError extends Error {}

/** Requests to Keystone at a time; others wait for their turn, within the same time-out. */
const MOST_CONNECTIONS = 16;

/** What is read of an answer; a token with a large catalogue has some hundred KiB. */
const LONGEST_ANSWER_BYTES = 8 * 1024 * 1024;

export interface KeystoneAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed; undefined when there is none. */
  readonly body: unknown;
}

export interface KeystoneConnection {
  /** @throws KeystoneUnavailableError when there is no answer, or none that can be read */
  ask(method: 'GET' | 'POST', url: string, headers: Record<string, string>, body?: object): Promise<KeystoneAnswer>;
  close(): Promise<void>;
}

/** Prepares the connection. @throws Error when keystone.cafile can not be read */
export function openConnection({ cafile, insecure, timeout }: Config['keystone']): KeystoneConnection {
  const milliseconds = timeout * 1000;
  const options = {
    connections: MOST_CONNECTIONS,
    connect: {
      timeout: milliseconds,
      ...(insecure ? { rejectUnauthorized: false } : {}),
      ...(cafile === null ? {} : { ca: readCa(cafile) }),
    },
    maxResponseSize: LONGEST_ANSWER_BYTES,
  };
  let agent: Agent | undefined;
  return {
    async ask(method, url, headers, body) {
      let text: string;
      let answer: Dispatcher.ResponseData;
      // Loaded with the first request, so that servers without Keystone do without.
      const undici = await import('undici');
      agent ??= new undici.Agent(options);
      try {
        answer = await undici.request(url, {
          method,
          dispatcher: agent,
          signal: AbortSignal.timeout(milliseconds),
          headers: {
            Accept: 'application/json',
            ...headers,
            ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        text = await answer.body.text();
      } catch (error) {
        throw new KeystoneUnavailableError(`Keystone can not be reached: ${method} ${url}: ${reason(error, timeout)}.`);
      }
      return { status: answer.statusCode, headers: answer.headers, body: parse(text, `${method} ${url}`) };
    },
    close: async () => agent?.destroy(),
  };
}

function reason(error: unknown, timeoutSeconds: number): string {
  return error instanceof Error && error.name === 'TimeoutError'
    ? `no answer within ${timeoutSeconds} seconds (keystone.timeout)`
    : networkReason(error);
}

function parse(text: string, what: string): unknown {
  if (text === '') {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    // A proxy in between answers with a page of its own while Keystone is away.
    throw new KeystoneUnavailableError(
      `Keystone can not be reached: ${what} was answered with something else than JSON.`,
    );
  }
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(
      `keystone.cafile: ${file} can not be read (${error instanceof Error ? error.message : String(error)}); allowed: a PEM file, or empty text for the CAs of the system`,
    );
  }
}
