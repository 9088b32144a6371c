// Builds the HTTP application: authentication, version negotiation, routing, body limits, and errors in the forms clients know.
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { registeredError } from '@wrought/contract';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { allocationRoutes } from './allocations/index.ts';
import { type AuditLog, isAudited } from './audit/log.ts';
import { type Authenticator, isPublicRoute, isRamdiskRoute } from './auth/index.ts';
import { chassisRoutes } from './chassis/index.ts';
import { conductorRoutes } from './conductors/index.ts';
import { parseBody } from './core/body.ts';
import { allowOrigin } from './core/cors.ts';
import { FrameworkError } from './core/error-body.ts';
import { normalPath } from './core/path.ts';
import { readQuery } from './core/query.ts';
import { requireWebSocket } from './core/require-web-socket.ts';
import { write, writeError } from './core/respond.ts';
import type { Answer, ApiRequest, Route } from './core/route.ts';
import { checkIdent, refuseTooOld } from './core/route-checks.ts';
import { negotiate, ownHeaderMinor, versionHeaders } from './core/version.ts';
import { deployTemplateRoutes } from './deploy-templates/index.ts';
import { discoveryRoutes, rootDocument } from './discovery/index.ts';
import { driverRoutes } from './drivers/index.ts';
import { eventRoutes } from './events/index.ts';
import { readGetBody } from './get-body.ts';
import { answerHealth, HEALTH_PATH } from './health.ts';
import { inspectionRuleRoutes } from './inspection-rules/index.ts';
import { nodeRoutes } from './nodes/index.ts';
import { openapiRoutes } from './openapi/index.ts';
import { type Access, openAccess, restrictedAccess } from './policy/access.ts';
import { anonymousCaller, type Caller } from './policy/caller.ts';
import type { Policy } from './policy/policy.ts';
import { portgroupRoutes } from './portgroups/index.ts';
import { portRoutes } from './ports/index.ts';
import { ramdiskRoutes } from './ramdisk/index.ts';
import { runbookRoutes } from './runbooks/index.ts';
import { screenRoutes } from './screens/index.ts';
import type { Services } from './services.ts';
import { shardRoutes } from './shards/index.ts';
import { volumeRoutes } from './volumes/index.ts';
import { EVENTS_PATH } from './wrought/events.ts';
import { wroughtRoutes } from './wrought/index.ts';

/** What is known of a request before its route runs. */
interface Call {
  readonly requestId: string;
  readonly path: string;
  readonly jsonSuffix: boolean;
  /** Undefined until the version is negotiated. */
  minor: number | undefined;
  user: string | null;
  /** Who calls, where the policy tells callers apart. */
  caller: Caller | undefined;
  /** The caller's token of Keystone, where they have one. */
  token: string | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    call: Call;
  }
}

export interface ApiOptions extends Services {
  readonly authenticator: Pick<Authenticator, 'authenticate' | 'tellsCallersApart'>;
  readonly policy: Policy;
  readonly audit?: AuditLog;
  /** Through which listener a connection came; see `listenerKind`. */
  readonly listenerKind: (socket: Socket) => 'api' | 'ramdisk' | 'unix';
}

const allMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Every route of the API. */
export function allRoutes(services: Services): readonly Route[] {
  const described = [
    ...discoveryRoutes,
    ...nodeRoutes(services),
    ...portRoutes(services),
    ...portgroupRoutes(services),
    ...volumeRoutes(services),
    ...shardRoutes(services),
    ...allocationRoutes(services),
    ...runbookRoutes(services),
    ...inspectionRuleRoutes(services),
    ...eventRoutes(services),
    ...chassisRoutes(services),
    ...driverRoutes(services),
    ...conductorRoutes(services),
    ...deployTemplateRoutes(services),
    ...ramdiskRoutes(services),
    ...wroughtRoutes(services),
    ...screenRoutes(services),
  ];
  return [...described, ...openapiRoutes(described)];
}

/** No route has a schema of the framework; without its compilers the server needs some MiB less. */
function noSchemas(): never {
  throw new Error('A route declares a schema of the framework; the fields of the contract are what describes bodies.');
}

/**
 * Makes the application. After `await app.ready()`, `app.routing` is the listener for `openListeners`; tests may use
 * `app.listen` or `app.inject`.
 */
export function createApi(options: ApiOptions): FastifyInstance {
  const { log } = options;
  const app = fastify({
    exposeHeadRoutes: false,
    logger: false,
    genReqId: () => `req-${randomUUID()}`,
    rewriteUrl: (raw) => rewrite(raw.url ?? '/', raw.headers['x-openstack-ironic-api-version']),
    routerOptions: { maxParamLength: 2000 },
    bodyLimit: options.config().api.max_json_body_size * 1024,
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    frameworkErrors: (error, request, reply) => {
      // Such as a path with malformed percent signs, met before any hook.
      request.call ??= newCall(request);
      writeError(request, reply, new FrameworkError(400, error.message), log);
    },
  });
  app.decorateRequest('call');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      done(null, readBody(request, body as Buffer, options.config().api.max_json_body_depth));
    } catch (error) {
      done(error as Error);
    }
  });
  app.addHook('onRequest', (request, reply) => admit(request, reply, options));
  app.setErrorHandler((error, request, reply) => {
    writeError(request, reply, translated(error, request, options), log);
  });
  app.setNotFoundHandler((request, reply) => {
    writeError(request, reply, new FrameworkError(404, `There is nothing at ${request.call.path}.`), log);
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { requestId, path, user, caller } = request.call;
    const { method } = request;
    const { statusCode: status } = reply;
    if (isAudited({ method, status })) {
      options.audit?.record({
        method,
        path,
        status,
        requestId,
        user,
        project: caller?.project_id ?? null,
        roles: caller?.roles ?? [],
        address: request.raw.socket.remoteAddress,
        agent: request.headers['user-agent'],
      });
    }
    log.debug({ requestId, method, path, user, status }, 'Answered a request');
    done();
  });
  addRoutes(app, allRoutes(options), options);
  return app;
}

function rewrite(url: string, ownHeader: string | string[] | undefined): string {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const minor = ownHeaderMinor({ 'x-openstack-ironic-api-version': ownHeader });
  const normal = normalPath(path, minor).path;
  return mark < 0 ? normal : normal + url.slice(mark);
}

function newCall(request: FastifyRequest): Call {
  const url = request.originalUrl;
  const mark = url.indexOf('?');
  const { path, jsonSuffix } = normalPath(mark < 0 ? url : url.slice(0, mark), ownHeaderMinor(request.headers));
  return { requestId: request.id, path, jsonSuffix, minor: undefined, user: null, caller: undefined, token: null };
}

/** Everything that happens before routing counts: who asks, through which door, and in which version. */
async function admit(request: FastifyRequest, reply: FastifyReply, options: ApiOptions): Promise<void> {
  const call = newCall(request);
  request.call = call;
  allowOrigin(request.raw, reply.raw, options.config());
  const kind = options.listenerKind(request.raw.socket);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (isRead && request.originalUrl.split('?')[0] === HEALTH_PATH && options.config().healthcheck.enabled) {
    await answerHealth(request, reply, options);
    return;
  }
  if (request.method === 'OPTIONS' && call.path !== '/') {
    write(reply, call.requestId, { status: 200 }, {});
    return;
  }
  if (kind === 'ramdisk' && !isRamdiskRoute(call.path) && call.path !== '/' && call.path !== '/v1') {
    throw new FrameworkError(404, 'This listener serves only what agents call (api.ramdisk_listen).');
  }
  if (!isPublicRoute(call.path)) {
    const authentication = await options.authenticator.authenticate(request.headers, { isUnixSocket: kind === 'unix' });
    if (!authentication.ok) {
      throw new FrameworkError(authentication.status, authentication.message, { headers: authentication.headers });
    }
    call.user = authentication.user;
    call.caller = authentication.caller;
    call.token = authentication.token ?? null;
  }
  const minor = negotiate(request.headers);
  checkAccept(request, call.path);
  call.minor = minor;
  if (call.path === '/') {
    const answer = { status: 200, body: rootDocument(baseOf(request, options)) };
    write(reply, call.requestId, answer, versionHeaders(minor));
  }
}

/** Every answer is JSON, but for the stream of events; a client that accepts none is told so. */
function checkAccept({ headers: { accept } }: FastifyRequest, path: string): void {
  if (accept === undefined || accept === '' || /(^|[\s,])(application\/(json|\*)|\*\/\*)/i.test(accept)) {
    return;
  }
  if (path === EVENTS_PATH && /(^|[\s,])text\/(event-stream|\*)/i.test(accept)) {
    return;
  }
  throw new FrameworkError(406, `This server answers application/json only, which "${accept}" leaves out.`);
}

function readBody(request: FastifyRequest, body: Buffer, maximumDepth: number): unknown {
  const contentType = request.headers['content-type'];
  if (body.length > 0 && (contentType === undefined || contentType.startsWith('application/x-www-form-urlencoded'))) {
    throw registeredError('Invalid', {
      reason: `The request body is read as JSON, so its Content-Type can not be ${contentType ?? 'left out'}; send application/json.`,
    });
  }
  return parseBody(body, maximumDepth);
}

async function bodyOfGet(request: FastifyRequest, options: ApiOptions): Promise<unknown> {
  const { max_json_body_size: limit, max_json_body_depth: depth } = options.config().api;
  return readBody(request, await readGetBody(request.raw, limit), depth);
}

/** Errors of the framework in the terms of the registry. */
function translated(error: unknown, request: FastifyRequest, options: ApiOptions): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE': {
      const option = limitOption(request.routeOptions.config as RouteConfig);
      return registeredError('BodyTooLarge', { limit_kib: options.config().api[option], option });
    }
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return registeredError('Invalid', {
        reason: `The header Content-Type has the invalid value "${request.headers['content-type'] ?? ''}"; send application/json.`,
      });
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_BAD_URL':
      return new FrameworkError(400, (error as Error).message);
    default:
      return error;
  }
}

interface RouteConfig {
  readonly bodyLimitOf?: Route['bodyLimit'];
}

function limitOption({ bodyLimitOf }: RouteConfig) {
  return bodyLimitOf === undefined ? 'max_json_body_size' : (`max_json_body_size_${bodyLimitOf}` as const);
}

const HOST = /^[\w.:[\]-]+$/;

/** What links begin with. The Host header goes into answers as it is, so it may hold nothing but a host and a port. */
function baseOf(request: FastifyRequest, options: ApiOptions): string {
  const endpoint = options.config().api.public_endpoint;
  if (endpoint !== null) {
    return endpoint.replace(/\/$/, '');
  }
  const { host = '' } = request.headers;
  return `${request.protocol}://${HOST.test(host) ? host : 'localhost'}`;
}

function addRoutes(app: FastifyInstance, routes: readonly Route[], options: ApiOptions): void {
  const methodsByPath = Map.groupBy(routes, (route) => route.path);
  for (const [path, routesOfPath] of methodsByPath) {
    for (const route of routesOfPath) {
      const config: RouteConfig = route.bodyLimit === undefined ? {} : { bodyLimitOf: route.bodyLimit };
      app.route({
        method: route.method,
        url: path,
        config,
        bodyLimit: options.config().api[limitOption(config)] * 1024,
        handler: (request, reply) => serve(request, reply, route, options),
      });
    }
    const allowed = routesOfPath.map(({ method }) => method as string).sort();
    app.route({
      method: allMethods.filter((method) => !allowed.includes(method)),
      url: path,
      // The body of a method that does not exist is nobody's.
      bodyLimit: options.config().api.max_json_body_size * 1024,
      handler: (request) => {
        const headers: Record<string, string> = path === '/v1' ? {} : { Allow: allowed.join(', ') };
        throw new FrameworkError(405, `The method ${request.method} is not allowed here.`, { headers });
      },
    });
  }
}

/** What the caller may do: everything where callers are not told apart. */
function accessOf(call: Call, route: Route, { authenticator, policy }: ApiOptions): Access {
  const isOpen = !authenticator.tellsCallersApart || (call.caller === undefined && !isPublicRoute(call.path));
  return isOpen ? openAccess : restrictedAccess(policy, call.caller ?? anonymousCaller, route.policy);
}

async function serve(request: FastifyRequest, reply: FastifyReply, route: Route, options: ApiOptions): Promise<void> {
  const { call } = request;
  const minor = call.minor ?? 1;
  if (route.since !== undefined && minor < route.since) {
    refuseTooOld(route, minor);
  }
  const params = request.params as Readonly<Record<string, string>>;
  checkIdent(params);
  const access = accessOf(call, route, options);
  const apiRequest: ApiRequest = {
    minor,
    params,
    query: readQuery(request.query as Record<string, unknown>, route.query === undefined ? [] : route.query),
    body: route.readsGetBody === true ? await bodyOfGet(request, options) : request.body,
    base: baseOf(request, options),
    requester: {
      requestId: call.requestId,
      user: call.user,
      project: access.project,
      trace: options.currentTrace?.() ?? null,
    },
    access,
    userToken: call.token,
    lastEventId: request.headers['last-event-id']?.toString(),
    requireWebSocket: () => requireWebSocket(request.raw, options.config()),
    jsonSuffix: call.jsonSuffix,
  };
  if (typeof route.policy === 'object' && 'rule' in route.policy) {
    access.require(route.policy.rule);
  }
  const answer: Answer = await route.handle(apiRequest);
  if (route.policy !== 'anyone' && !access.wasAsked) {
    throw new Error(`${route.method} ${route.path} answered without asking the policy.`);
  }
  write(reply, call.requestId, answer, versionHeaders(minor));
}
