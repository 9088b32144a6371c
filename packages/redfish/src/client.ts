// A client of one Redfish service: reads, changes and acts, with sessions, ETags and tasks taken care of.
import type { Socket } from 'node:net';
import { type ActionOptions, performAction } from './action.ts';
import { type MembersOptions, readMembers } from './collection.ts';
import { MalformedError, responseError } from './errors.ts';
import { isJson, type OddityListener } from './fields.ts';
import { pathOf } from './http/address.ts';
import { excerptOf, type StreamBody } from './http/body.ts';
import {
  createConnection,
  type Headers,
  type HttpAnswer,
  type HttpRequest,
  type HttpStream,
  type Method,
} from './http/connection.ts';
import type { ConnectionOptions } from './http/options.ts';
import { type Message, readMessages } from './messages.ts';
import { createPatcher } from './patch.ts';
import { type Behaviour, usualBehaviour } from './quirks/behaviour.ts';
import { Resource } from './resource.ts';
import { type AuthenticationMode, createAuthenticator, type SessionsPlace } from './session/authenticator.ts';
import { type TaskResult, type WaitOptions, waitForTask } from './task-wait.ts';

export interface ClientOptions extends ConnectionOptions {
  /** Host, address or URL; https unless it says http; a path is that of the service root. */
  readonly url: string;
  /** Without one only what is open to all can be read. */
  readonly userName?: string;
  readonly password?: string;
  /** Default 'auto'. */
  readonly authentication?: AuthenticationMode;
  /** What is done otherwise with this service, as `behaviourOf` gives it. */
  readonly behaviour?: Partial<Behaviour>;
  /** Is told what the service does otherwise than its schemas have it. */
  readonly onOddity?: OddityListener;
}

export interface CallOptions {
  /** For the call with its retries. */
  readonly timeoutMilliseconds?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface GetOptions extends CallOptions {
  /** Only these properties, where the service can select (`$select`); otherwise all. */
  readonly select?: readonly string[];
}

export interface SendOptions extends CallOptions {
  readonly headers?: Headers;
  readonly body?: unknown;
  readonly stream?: StreamBody;
}

/** What a service answers to a change. */
export interface Answer {
  readonly request: HttpAnswer['request'];
  readonly status: number;
  readonly headers: Headers;
  /** The body, when it is an object. */
  readonly resource: Resource | undefined;
  /** Path of Location: the resource that was made, or the monitor of a task (202). */
  readonly location: string | undefined;
  readonly messages: readonly Message[];
  readonly retryAfterSeconds: number | undefined;
}

export interface Client {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly rootPath: string;
  readonly onOddity: OddityListener;
  /** May be changed when it turns out what kind of service it is; see `adoptQuirks`. */
  behaviour: Behaviour;
  /** The service root, read once. */
  root(options?: CallOptions & { readonly fresh?: boolean }): Promise<Resource>;
  /** Reads a resource; the path may be a link of another one. */
  get(path: string, options?: GetOptions): Promise<Resource>;
  /** Reads all members of a collection: every page, in one request where the service can expand. */
  members(path: string, options?: MembersOptions): Promise<Resource[]>;
  /** Sends any request with our credentials; answers that are errors throw. */
  send(method: Method, path: string, options?: SendOptions): Promise<Answer>;
  /**
   * Changes properties. The ETag goes along; when it no longer holds the resource is read again, once.
   *
   * @param target a resource that was read, or the path of one, which is then read for its ETag.
   */
  patch(target: Resource | string, body: object, options?: CallOptions): Promise<Answer>;
  post(path: string, body: object, options?: CallOptions): Promise<Answer>;
  delete(path: string, options?: CallOptions): Promise<Answer>;
  /**
   * Performs an action, such as `ComputerSystem.Reset`.
   *
   * @throws UnsupportedError when the resource has no such action, or does not allow a value.
   */
  action(resource: Resource, name: string, body?: object, options?: ActionOptions): Promise<Answer>;
  /**
   * Waits for the task that an answer began, if it began one.
   *
   * @param begun an answer, or the path of a task or its monitor, as `taskPath` gives it.
   * @throws TaskError when it fails, TimeoutError when it takes too long.
   */
  task(begun: Answer | string, options?: WaitOptions): Promise<TaskResult>;
  /** Opens an answer that goes on, such as a stream of events. */
  stream(path: string, headers: Headers, signal: AbortSignal): Promise<HttpStream>;
  /**
   * Opens a connection of its own for another protocol at the same service, such as a WebSocket, with what its request has to say
   * of who we are. It belongs to the caller.
   *
   * @throws ConnectionError, or as a login fails.
   */
  connect(path: string): Promise<{ readonly socket: Socket; readonly headers: Headers }>;
  /** Ends the session at the service, then the connections. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const defaultSessions = 'SessionService/Sessions';

/**
 * Makes a client; nothing is sent before the first call.
 *
 * @throws RangeError for an address or options that cannot be.
 */
export function createClient(options: ClientOptions): Client {
  const { url, userName, password, authentication = 'auto', onOddity = () => {} } = options;
  const connection = createConnection(url, options);
  const { origin, rootPath } = connection;
  const credentials = userName === undefined ? undefined : { userName, password: password ?? '' };
  let knownRoot: Resource | undefined;

  /** The service root is open to all (DSP0266, "Protocol details"); undefined where it is not. */
  async function openRoot(): Promise<Resource | undefined> {
    if (knownRoot !== undefined) return knownRoot;
    const answer = await connection.request({ method: 'GET', path: rootPath });
    if (answer.status === 200 && isJson(answer.json)) {
      knownRoot = new Resource(answer.json, rootPath, origin, answer.headers.etag, onOddity);
    }
    return knownRoot;
  }

  async function sessionsPlace(): Promise<SessionsPlace> {
    const root = await openRoot();
    const service = root?.link('SessionService');
    const fromService = service === undefined ? undefined : `${service.replace(/\/$/, '')}/Sessions`;
    const path = root?.object('Links')?.link('Sessions') ?? fromService;
    return { path: path ?? rootPath + defaultSessions, isOffered: path !== undefined || root === undefined };
  }

  const authenticator = createAuthenticator(connection, credentials, authentication, sessionsPlace, onOddity);

  /** Runs a request with our credentials; a session that the service forgot is made anew, once. */
  async function authenticated<T extends { readonly status: number }>(
    request: HttpRequest,
    run: (request: HttpRequest) => Promise<T>,
  ): Promise<T> {
    const attempt = async () => {
      const ticket = await authenticator.ticket();
      return { ticket, answer: await run({ ...request, headers: { ...request.headers, ...ticket.headers } }) };
    };
    const first = await attempt();
    if (first.answer.status !== 401 || !authenticator.refused(first.ticket)) return first.answer;
    return (await attempt()).answer;
  }

  const common = { accept: 'application/json', 'odata-version': '4.0' };

  /** Compressed answers weaken ETags, so they are not wanted; some services insist on compressing some of them. */
  async function perform(request: HttpRequest): Promise<HttpAnswer> {
    const send = (headers: Headers) =>
      authenticated({ ...request, headers: { ...common, ...headers, ...request.headers } }, (each) =>
        connection.request(each),
      );
    const answer = await send({ 'accept-encoding': 'identity' });
    return answer.status === 406 && request.method === 'GET' ? send({}) : answer;
  }

  function orThrow(answer: HttpAnswer): HttpAnswer {
    const { request, status, json, body, retryAfterSeconds } = answer;
    if (status >= 200 && status < 300) return answer;
    const excerpt = json === undefined ? excerptOf(body) : undefined;
    throw responseError(request, { status, messages: readMessages(json), retryAfterSeconds, excerpt });
  }

  const local = (path: string): string => {
    const found = pathOf(path, origin);
    if (found === undefined) throw new RangeError(`"${path}" is no path of a resource`);
    return found;
  };

  const client: Client = {
    origin,
    rootPath,
    onOddity,
    behaviour: { ...usualBehaviour, ...options.behaviour },

    async root(call = {}) {
      if (knownRoot !== undefined && call.fresh !== true) return knownRoot;
      knownRoot = await client.get(rootPath, call);
      return knownRoot;
    },

    async get(path, { select, ...call } = {}) {
      const target = local(path);
      const canSelect =
        select !== undefined &&
        (await client.root(call)).object('ProtocolFeaturesSupported')?.boolean('SelectQuery') === true;
      const query = canSelect ? `${target.includes('?') ? '&' : '?'}$select=${select.join(',')}` : '';
      const answer = orThrow(await perform({ method: 'GET', path: target + query, ...call }));
      if (!isJson(answer.json)) {
        const found = excerptOf(answer.body);
        throw new MalformedError(answer.request, 'the answer', found === undefined ? 'empty' : `no JSON: ${found}`);
      }
      return new Resource(answer.json, target, origin, answer.headers.etag, onOddity);
    },

    members: (path, call) => readMembers(client, local(path), call),

    async send(method, path, call = {}) {
      const target = local(path);
      const answer = orThrow(await perform({ method, path: target, ...call }));
      const { request, status, headers, json, retryAfterSeconds } = answer;
      const location = headers.location === undefined ? undefined : pathOf(headers.location, origin);
      const named =
        isJson(json) && typeof json['@odata.id'] === 'string' ? pathOf(json['@odata.id'], origin) : undefined;
      const resource = isJson(json)
        ? new Resource(json, named ?? location ?? target, origin, headers.etag, onOddity)
        : undefined;
      return { request, status, headers, resource, location, messages: readMessages(json), retryAfterSeconds };
    },

    patch: (target, body, call) => patcher(target, body, call),
    post: (path, body, call) => client.send('POST', path, { ...call, body }),
    delete: (path, call) => client.send('DELETE', path, call),
    action: (resource, name, body = {}, call = {}) => performAction(client, resource, name, body, call),
    task: (begun, call) => waitForTask(client, begun, call),

    async connect(path) {
      const { headers } = await authenticator.ticket();
      return { socket: await connection.socket({ method: 'GET', url: origin + local(path) }), headers };
    },

    async stream(path, headers, signal) {
      const request = { method: 'GET', path: local(path), headers, signal } as const;
      const stream = await authenticated(request, (each) => connection.stream({ ...each, signal }));
      if (stream.status >= 200 && stream.status < 300) return stream;
      throw responseError(stream.request, { status: stream.status, messages: [] });
    },

    async close() {
      await authenticator.close();
      await connection.close();
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
  const patcher = createPatcher(client);
  return client;
}
