// HTTP requests to the server and to image servers: one function, with the answer's body left as a stream.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

export type HttpRequest = {
  url: string;
  method?: 'GET' | 'POST' | 'HEAD';
  headers?: { [name: string]: string };
  body?: string;
  /** Longest silence: while connecting, before the answer's head, and between parts of its body. */
  idleTimeoutSeconds: number;
  /** The server's certificate is not checked. */
  insecure?: boolean;
  /** File of certificate authorities that replaces the built-in ones. */
  cafile?: string | null;
  /** Proxies by scheme, and hosts that are reached without one, as in the environment of many programs. */
  proxies?: { http?: string; https?: string };
  noProxy?: string;
};

export type HttpAnswer = { status: number; headers: http.IncomingHttpHeaders; body: http.IncomingMessage };

/** Redirects followed in a row; image servers hand out temporary addresses this way. */
const REDIRECTS_MAX = 5;
/** Longest text taken from an answer that is read into memory. */
const TEXT_MAX_BYTES = 64 * 1024 * 1024;

function agentOptions(request: HttpRequest): https.AgentOptions {
  const proxyEnv: { [name: string]: string } = {};
  if (request.proxies?.http !== undefined) proxyEnv.HTTP_PROXY = request.proxies.http;
  if (request.proxies?.https !== undefined) proxyEnv.HTTPS_PROXY = request.proxies.https;
  if (request.noProxy !== undefined) proxyEnv.NO_PROXY = request.noProxy;
  return {
    keepAlive: false,
    ...(Object.keys(proxyEnv).length === 0 ? {} : { proxyEnv }),
    ...(request.insecure === true ? { rejectUnauthorized: false } : {}),
    ...(request.cafile ? { ca: readFileSync(request.cafile) } : {}),
  };
}

function sendOnce(request: HttpRequest, url: URL): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const isTls = url.protocol === 'https:';
    if (!isTls && url.protocol !== 'http:') {
      reject(new Error(`${url.href}: only http and https URLs are understood`));
      return;
    }
    const options = agentOptions(request);
    const outgoing = (isTls ? https : http).request(url, {
      method: request.method ?? 'GET',
      headers: { connection: 'close', ...request.headers },
      agent: isTls ? new https.Agent(options) : new http.Agent(options),
    });
    outgoing.setTimeout(request.idleTimeoutSeconds * 1000, () => {
      outgoing.destroy(new Error(`nothing was heard for ${request.idleTimeoutSeconds} s`));
    });
    outgoing.on('response', (body) => resolve({ status: body.statusCode ?? 0, headers: body.headers, body }));
    outgoing.on('error', reject);
    outgoing.end(request.body);
  });
}

/** The reason in an error of a socket; errors of several tried addresses are joined. */
export function describeNetworkError(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(describeNetworkError).join('; ');
  }
  return error instanceof Error ? error.message || error.name : String(error);
}

/**
 * Sends a request and resolves when the head of the answer is there; redirects of GET and HEAD are followed.
 * The caller reads or destroys `body`.
 *
 * @throws Error naming the URL when the server cannot be reached.
 */
export async function sendRequest(request: HttpRequest): Promise<HttpAnswer> {
  let url = new URL(request.url);
  for (let redirects = 0; ; redirects += 1) {
    let answer: HttpAnswer;
    try {
      answer = await sendOnce(request, url);
    } catch (error) {
      throw new Error(`${request.method ?? 'GET'} ${url.href}: ${describeNetworkError(error)}`, { cause: error });
    }
    const { location } = answer.headers;
    const isRedirect = answer.status >= 300 && answer.status < 400 && location !== undefined;
    if (!isRedirect || request.method === 'POST') return answer;
    answer.body.destroy();
    if (redirects === REDIRECTS_MAX) throw new Error(`GET ${request.url}: more than ${REDIRECTS_MAX} redirects`);
    const next = new URL(location, url);
    // Credentials are for the server that was named, not for one it points to.
    if (next.host !== url.host && request.headers !== undefined) {
      const { authorization: _, Authorization: __, ...rest } = request.headers;
      request = { ...request, headers: rest };
    }
    url = next;
  }
}

/** Reads an answer's body as bytes, up to a limit. @throws Error when the body is longer. */
export async function readBody(answer: HttpAnswer, maxBytes = TEXT_MAX_BYTES): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer.body) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > maxBytes) {
      answer.body.destroy();
      throw new Error(`the answer is longer than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
