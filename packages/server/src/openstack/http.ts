// JSON over HTTP to a service of the cloud: verified certificates, bounded time, and failures that name the URL and the reason.
import { readFileSync } from 'node:fs';
import type { Agent, Dispatcher } from 'undici';
import { networkReason } from '../boot/web.ts';

/** Requests to a service at a time; others wait for their turn, within the same time-out. */
const MOST_CONNECTIONS = 16;

/** What is read of an answer; a page of ports, or a token with a large catalogue, has some hundred KiB. */
const LONGEST_ANSWER_BYTES = 8 * 1024 * 1024;

export interface HttpSettings {
  /** As messages name it: "Neutron". */
  readonly service: string;
  /** The section of the configuration that holds these options. */
  readonly section: string;
  readonly cafile: string | null;
  readonly insecure: boolean;
  readonly timeoutSeconds: number;
  /** The option that holds the time. */
  readonly timeoutOption: string;
}

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface JsonAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed; undefined when there is none. */
  readonly body: unknown;
}

/** There was no answer, or none that can be read; the same request may work in a while. */
export class NoAnswerError extends Error {
  /** The service never got the request, so that nothing can have come of it. */
  readonly wasNeverSent: boolean;

  constructor(message: string, wasNeverSent: boolean) {
    super(message);
    this.name = 'NoAnswerError';
    this.wasNeverSent = wasNeverSent;
  }
}

export interface JsonHttp {
  /** Redirections are answers like others: the headers hold a token, which goes to no other host. @throws NoAnswerError */
  ask(
    method: HttpMethod,
    url: string,
    headers: Readonly<Record<string, string>>,
    body?: object,
    abortSignal?: AbortSignal,
  ): Promise<JsonAnswer>;
  close(): Promise<void>;
}

/** Prepares connections. @throws Error when the CA file can not be read */
export function openHttp(settings: HttpSettings): JsonHttp {
  const { service, insecure, cafile, timeoutSeconds } = settings;
  const milliseconds = timeoutSeconds * 1000;
  const options = {
    connections: MOST_CONNECTIONS,
    connect: {
      timeout: milliseconds,
      ...(insecure ? { rejectUnauthorized: false } : {}),
      ...(cafile === null ? {} : { ca: readCa(cafile, settings.section) }),
    },
    maxResponseSize: LONGEST_ANSWER_BYTES,
  };
  let agent: Agent | undefined;
  return {
    async ask(method, url, headers, body, abortSignal) {
      let text: string;
      let answer: Dispatcher.ResponseData;
      // Loaded with the first request, so that servers without such services do without.
      const undici = await import('undici');
      agent ??= new undici.Agent(options);
      const limit = AbortSignal.timeout(milliseconds);
      try {
        answer = await undici.request(url, {
          method,
          dispatcher: agent,
          signal: abortSignal === undefined ? limit : AbortSignal.any([limit, abortSignal]),
          headers: {
            Accept: 'application/json',
            ...headers,
            ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        text = await answer.body.text();
      } catch (error) {
        abortSignal?.throwIfAborted();
        const why = limit.aborted
          ? `no answer within ${timeoutSeconds} seconds (${settings.section}.${settings.timeoutOption})`
          : networkReason(error);
        throw new NoAnswerError(`${service} can not be reached: ${method} ${url}: ${why}.`, wasNeverSent(error));
      }
      return { status: answer.statusCode, headers: answer.headers, body: parse(text, service, `${method} ${url}`) };
    },
    close: async () => agent?.destroy(),
  };
}

const CODES_BEFORE_SENDING: ReadonlySet<string | undefined> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function wasNeverSent(error: unknown): boolean {
  if (error instanceof AggregateError) {
    return error.errors.length > 0 && error.errors.every(wasNeverSent);
  }
  return error instanceof Error && CODES_BEFORE_SENDING.has((error as NodeJS.ErrnoException).code);
}

function parse(text: string, service: string, what: string): unknown {
  if (text === '') {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    // A proxy in between answers with a page of its own while the service is away.
    throw new NoAnswerError(
      `${service} can not be reached: ${what} was answered with something else than JSON.`,
      false,
    );
  }
}

function readCa(file: string, section: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(
      `${section}.cafile: ${file} can not be read (${error instanceof Error ? error.message : String(error)}); allowed: a PEM file, or empty text for the CAs of the system`,
    );
  }
}
