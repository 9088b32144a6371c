// Writes answers and errors to the connection, with the headers that each kind carries.
import { isRegisteredError } from '@wrought/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { acceptWebSocket } from '../../websocket/upgrades.ts';
import type { ApiLog } from '../services.ts';
import { TooDeepError } from './body.ts';
import { FrameworkError, faultBody, frameworkBody, plainFaultBody } from './error-body.ts';
import { quirkyPath } from './quirky-path.ts';
import type { Answer } from './route.ts';
import { versionHeaders, versionLimitHeaders } from './version.ts';

type Headers = Readonly<Record<string, string>>;

/** Headers that every answer has. */
function requestIdHeaders(requestId: string): Headers {
  return { 'Openstack-Request-Id': requestId, 'X-Openstack-Request-Id': requestId };
}

/** Writes an answer as it is; the framework's own ways would add a charset to the Content-Type. */
export function write(reply: FastifyReply, requestId: string, answer: Answer, versions: Headers): void {
  const { status, body } = answer;
  const headers: Record<string, string | number> = { ...requestIdHeaders(requestId), ...versions, ...answer.headers };
  reply.hijack();
  reply.statusCode = status;
  if (answer.webSocket !== undefined) {
    answer.webSocket(() =>
      acceptWebSocket(reply.request.raw, reply.raw, { ...requestIdHeaders(requestId), ...versions }),
    );
    return;
  }
  if (answer.stream !== undefined) {
    headers['Content-Type'] = answer.contentType ?? 'application/json';
    reply.raw.writeHead(status, headers);
    answer.stream(reply.raw);
    return;
  }
  if (body === undefined) {
    if (status !== 204) {
      headers['Content-Length'] = 0;
    }
    reply.raw.writeHead(status, headers).end();
    return;
  }
  headers['Content-Type'] = answer.contentType ?? 'application/json';
  const pieces = typeof body === 'string' || body instanceof Uint8Array ? [body] : body;
  headers['Content-Length'] = pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
  const { raw } = reply;
  raw.writeHead(status, headers);
  if (reply.request.method === 'HEAD') {
    raw.end();
    return;
  }
  // All in one write of the socket.
  raw.cork();
  for (const piece of pieces.slice(0, -1)) {
    raw.write(piece);
  }
  raw.end(pieces.at(-1));
}

interface KnownFailure {
  readonly status: number;
  readonly message: string;
  readonly headers: Record<string, string>;
}

function known(error: unknown): KnownFailure | undefined {
  if (!isRegisteredError(error)) {
    return undefined;
  }
  const headers: Record<string, string> =
    error.retryAfterSeconds === undefined ? {} : { 'Retry-After': String(error.retryAfterSeconds) };
  return { status: error.status, message: error.message, headers };
}

/** Writes the answer to an error, whatever it is. What is not from the registry is logged and answered 500. */
export function writeError(request: FastifyRequest, reply: FastifyReply, error: unknown, log: ApiLog): void {
  const { call } = request;
  const versions = call.minor === undefined ? {} : versionHeaders(call.minor);
  if (error instanceof FrameworkError) {
    const body = quirkyPath(call.path)
      ? faultBody(error.status, error.message)
      : frameworkBody(error.status, error.message);
    const answer = { status: error.status, body, headers: error.headers };
    write(reply, call.requestId, answer, error.withVersionLimits ? versionLimitHeaders : {});
    return;
  }
  if (error instanceof TooDeepError) {
    write(reply, call.requestId, { status: 400, body: plainFaultBody(error.message) }, versions);
    return;
  }
  const failure = known(error);
  if (failure !== undefined) {
    const { status, message, headers } = failure;
    const body = status === 413 ? plainFaultBody(message) : faultBody(status, message);
    write(reply, call.requestId, { status, body, headers }, versions);
    return;
  }
  log.error({ err: error, requestId: call.requestId, method: request.method, path: call.path }, 'A request failed');
  const body = faultBody(
    500,
    `The server failed to answer request ${call.requestId}; its log says why under this request id.`,
  );
  write(reply, call.requestId, { status: 500, body }, versions);
}
