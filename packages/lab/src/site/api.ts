// A small client of the server's API over its UNIX socket, for the demo and the tests.
import { type IncomingMessage, request } from 'node:http';

const requestTimeoutMilliseconds = 60_000;

export interface ApiAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  /** Parsed JSON; undefined when there is no body. */
  body: unknown;
}

/** An answer outside 2xx, with the server's sentence. */
export class ApiError extends Error {
  readonly status: number;

  constructor(method: string, path: string, status: number, message: string) {
    super(`${method} ${path} was answered ${status}: ${message}`);
    this.name = 'ApiError';
    this.status = status;
  }
}

export interface ApiClient {
  /** Sends a request in microversion 1.115 and returns whatever is answered. */
  ask(method: string, path: string, body?: unknown): Promise<ApiAnswer>;
  /** The same, but throws ApiError unless the answer is 2xx; resolves with the body. */
  call<Body = unknown>(method: string, path: string, body?: unknown): Promise<Body>;
}

/** The sentence of an error body, which is JSON text inside JSON. */
function errorSentence(body: unknown): string {
  const text = (body as { error_message?: unknown } | undefined)?.error_message;
  if (typeof text !== 'string') return JSON.stringify(body);
  try {
    const inner = JSON.parse(text) as { faultstring?: string; description?: string };
    return inner.faultstring ?? inner.description ?? text;
  } catch {
    // Not JSON: the text is the sentence itself.
    return text;
  }
}

/** Makes a client; the socket need not exist yet. */
export function createApiClient(socketPath: string): ApiClient {
  async function ask(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = request({
        socketPath,
        method,
        path,
        headers: {
          'X-OpenStack-Ironic-API-Version': '1.115',
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        signal: AbortSignal.timeout(requestTimeoutMilliseconds),
      });
      outgoing.on('error', reject);
      outgoing.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          const parsed: unknown = text === '' ? undefined : JSON.parse(text);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parsed });
        });
      });
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
  return {
    ask,
    async call<Body>(method: string, path: string, body?: unknown) {
      const answer = await ask(method, path, body);
      if (answer.status < 200 || answer.status > 299) {
        throw new ApiError(method, path, answer.status, errorSentence(answer.body));
      }
      return answer.body as Body;
    },
  };
}
