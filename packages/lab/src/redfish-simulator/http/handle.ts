// One request from its arrival to its answer: faults, who asks, the resource, what is done with it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RedfishBmc } from '../bmc.ts';
import type { Answer, Body, Call, Route } from '../types.ts';
import { authenticate, checkRole, isPublic } from './authenticate.ts';
import { checkIfMatch, etagOf } from './etag.ts';
import { metadata } from './metadata.ts';
import { answerOf, Problem, problem } from './problem.ts';
import { applyQuery } from './query.ts';
import { parseJson, readBody } from './read-body.ts';

const writers = { PATCH: 'patch', POST: 'post', DELETE: 'delete' } as const;
const retryAfterSeconds = 2;

/** The path as routes have it: without slash at the end, percent signs decoded. */
function pathOf(pathname: string): string {
  const path = pathname.replace(/\/+$/, '');
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) throw problem(400, 'ResourceNotFound', 'resource', path);
    throw error;
  }
}

/** Methods of a route, as the header Allow has them. */
const allowOf = (route: Route): string =>
  [
    ...(route.get === undefined && route.stream === undefined && route.reply === undefined ? [] : ['GET', 'HEAD']),
    ...Object.entries(writers).flatMap(([method, key]) => (route[key] === undefined ? [] : [method])),
  ].join(', ');

/** A resource with its id; undefined: there is none. */
export function read(bmc: RedfishBmc, path: string): Body | undefined {
  const found = bmc.tree.find(path.replace(/#.*$/, ''));
  const at = path.replace(/\/+$/, '');
  const body = found?.route.get?.({ bmc, path: at, parameters: found.parameters });
  return body === undefined ? undefined : { '@odata.id': path, ...body };
}

function send(response: ServerResponse, { status, body, headers = {} }: Answer, isHead: boolean): void {
  const text = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'OData-Version': '4.0',
    'Cache-Control': 'no-cache',
    ...(text === undefined
      ? { ...(status === 204 || status === 304 ? {} : { 'Content-Length': 0 }) }
      : { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': text.length }),
    ...headers,
  });
  response.end(isHead ? undefined : text);
}

function answerRead(bmc: RedfishBmc, path: string, url: URL, request: IncomingMessage, allow: string): Answer {
  const plain = read(bmc, path);
  if (plain === undefined) throw problem(404, 'ResourceNotFound', 'resource', path);
  const { fault, model } = bmc;
  const isSpoilt = (fault?.name === 'missing' || fault?.name === 'mistyped') && bmc.suffers(fault.name);
  const body = isSpoilt && fault !== undefined ? fault.spoil(plain) : plain;
  const etag = etagOf(bmc, body);
  const headers = { Allow: allow, ...(etag === undefined ? {} : { ETag: etag }) };
  if (etag !== undefined && request.headers['if-none-match'] === etag) return { status: 304, headers };
  const tagged = etag !== undefined && model.etags.inBody ? { ...body, '@odata.etag': etag } : body;
  const result =
    url.search === ''
      ? applyPaging(bmc, tagged, path)
      : applyQuery(model, tagged, path, url.searchParams, bmc.settings.pageSize, (each) => read(bmc, each));
  return { status: 200, body: result, headers };
}

const noQuery = new URLSearchParams();
const applyPaging = (bmc: RedfishBmc, body: Body, path: string): Body =>
  bmc.settings.pageSize === undefined
    ? body
    : applyQuery(bmc.model, body, path, noQuery, bmc.settings.pageSize, () => undefined);

async function answerWrite(
  bmc: RedfishBmc,
  method: keyof typeof writers,
  found: { readonly route: Route; readonly call: Omit<Call, 'body' | 'raw' | 'contentType'> },
  request: IncomingMessage,
): Promise<Answer> {
  const { route, call } = found;
  const writer = route[writers[method]];
  const allow = allowOf(route);
  if (writer === undefined) throw new Problem(405, [{ key: 'OperationNotAllowed' }], { Allow: allow });
  const raw = await readBody(request);
  const contentType = request.headers['content-type'] ?? '';
  const isJson = contentType === '' || /\bjson\b/i.test(contentType);
  const present = route.get?.(call);
  if (route.get !== undefined && present === undefined) throw problem(404, 'ResourceNotFound', 'resource', call.path);
  if (method === 'PATCH' && present !== undefined) {
    checkIfMatch(bmc, request.headers['if-match'], { '@odata.id': call.path, ...present });
  }
  const answer = await writer({ ...call, raw, contentType, body: isJson ? parseJson(raw) : {} });
  if (answer !== undefined) return answer;
  if (method !== 'PATCH') return { status: 204 };
  // DSP0266, 7.8: the resource as it is after the change.
  return answerRead(bmc, call.path, new URL(call.path, bmc.url), request, allow);
}

async function answer(
  bmc: RedfishBmc,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Answer | undefined> {
  const { method = 'GET' } = request;
  const url = new URL(request.url ?? '/', bmc.url);
  const path = pathOf(url.pathname);
  const who = isPublic(method, path) ? undefined : authenticate(bmc, request.headers);
  if (who !== undefined) checkRole(who, method, path);
  if (path === '/redfish/v1/$metadata') {
    response.writeHead(200, { 'Content-Type': 'application/xml', 'OData-Version': '4.0' }).end(metadata(bmc.model));
    return undefined;
  }
  const found = bmc.tree.find(path);
  if (found === undefined) throw problem(404, 'ResourceNotFound', 'resource', path);
  const { route, parameters } = found;
  const allow = allowOf(route);
  if (method === 'GET' || method === 'HEAD') {
    if (route.stream !== undefined) {
      route.stream({ bmc, path, parameters }, response);
      return undefined;
    }
    if (route.reply !== undefined) return route.reply({ bmc, path, parameters });
    if (route.get === undefined) throw new Problem(405, [{ key: 'OperationNotAllowed' }], { Allow: allow });
    return answerRead(bmc, path, url, request, allow);
  }
  if (!(method in writers)) throw new Problem(405, [{ key: 'OperationNotAllowed' }], { Allow: allow });
  const call = { bmc, path, parameters, userName: who?.userName, from: request.socket.remoteAddress };
  return answerWrite(bmc, method as keyof typeof writers, { route, call }, request);
}

/** Answers a request, as far as the fault of the service lets it. */
export async function handle(bmc: RedfishBmc, request: IncomingMessage, response: ServerResponse): Promise<void> {
  bmc.counts.requests += 1;
  if (bmc.fault?.name === 'silent') {
    bmc.counts.faults += 1;
    return;
  }
  if (bmc.fault !== undefined && bmc.suffers('slow')) await sleep(bmc.fault.lateness(), undefined, { ref: false });
  const isHead = request.method === 'HEAD';
  try {
    if (bmc.suffers('error')) throw problem(500, 'InternalError');
    if (bmc.suffers('unavailable')) {
      const seconds = String(retryAfterSeconds);
      throw new Problem(503, [{ key: 'ServiceTemporarilyUnavailable', args: [seconds] }], { 'Retry-After': seconds });
    }
    const result = await answer(bmc, request, response);
    if (result !== undefined) send(response, result, isHead);
  } catch (error) {
    if (request.destroyed && !request.complete) return;
    if (!(error instanceof Problem)) bmc.settings.log(`${bmc.name} ${request.method} ${request.url}: ${String(error)}`);
    const known = error instanceof Problem ? error : problem(500, 'InternalError');
    send(response, answerOf(bmc.model, known), isHead);
  }
}
