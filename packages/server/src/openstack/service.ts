// A service of the cloud as this server uses it: found in the catalogue, asked with a token, again where that is safe.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/index.ts';
import { type HttpMethod, type JsonAnswer, NoAnswerError, openHttp } from './http.ts';
import { KeystoneUnavailableError } from './keystone/connection.ts';
import { endpointOf } from './keystone/identity-api.ts';
import type { KeystoneSession, Login } from './keystone/session.ts';

/** Requests that may be made again are made so often. */
const MOST_TRIES = 3;
const FIRST_PAUSE_MILLISECONDS = 500;

/** What a proxy says while the service behind it is away. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

/** A service refused a request, or there was no answer; the message says which request, and what came back. */
export class OpenStackError extends Error {
  /** Null when there was no answer, or when the request was not even sent. */
  readonly status: number | null;
  /** The service's name for what is wrong, such as "MacAddressInUse". */
  readonly type: string | null;

  constructor(message: string, status: number | null = null, type: string | null = null) {
    super(message);
    this.name = 'OpenStackError';
    this.status = status;
    this.type = type;
  }
}

export interface ServiceRequest {
  readonly method: HttpMethod;
  /** Begins behind the URL of the endpoint: "/v2.0/ports". */
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Token of the user in whose name it is asked; that of this server goes along as the service's. */
  readonly userToken?: string | null;
  readonly abortSignal?: AbortSignal;
}

export interface Service {
  /** Resolves with an answer of success. @throws OpenStackError */
  request(request: ServiceRequest): Promise<JsonAnswer>;
  close(): Promise<void>;
}

export interface ServiceOptions {
  /** As messages name it: "Neutron". */
  readonly name: string;
  readonly section: 'neutron' | 'nova';
  readonly config: Config;
  readonly timeoutSeconds: number;
  readonly timeoutOption: string;
  readonly session: KeystoneSession;
}

/** Makes the client of a service; it asks nobody before the first request. @throws Error when its CA file can not be read */
export function openService(options: ServiceOptions): Service {
  const { name, section, config, session, timeoutSeconds, timeoutOption } = options;
  const settings = config[section];
  const hasKeystone = settings.auth_type === 'keystone';
  const region = settings.region_name ?? config.keystone.region_name ?? undefined;
  const http = openHttp({
    service: name,
    section,
    cafile: settings.cafile ?? config.keystone.cafile,
    insecure: settings.insecure,
    timeoutSeconds,
    timeoutOption,
  });

  /** Where requests and tokens go: to what the operator wrote, or to what Keystone said, and nowhere else. */
  function endpoint(login: Login | undefined): string {
    if (settings.endpoint_override !== null) {
      return settings.endpoint_override.replace(/\/+$/, '');
    }
    for (const kind of settings.valid_interfaces) {
      const found = endpointOf(login?.catalog ?? [], { type: settings.service_type, interface: kind, region });
      if (found !== undefined) {
        return found;
      }
    }
    const where = region === undefined ? '' : ` in region ${region}`;
    throw new OpenStackError(
      `The catalogue of Keystone has no endpoint of type "${settings.service_type}" (${settings.valid_interfaces.join(', ')})${where}: enter ${name} there, or set ${section}.endpoint_override.`,
    );
  }

  async function login(): Promise<Login | undefined> {
    return hasKeystone ? session.login() : undefined;
  }

  function headersOf({ headers = {}, userToken }: ServiceRequest, used: Login | undefined): Record<string, string> {
    if (used === undefined) {
      return { ...headers };
    }
    return userToken == null
      ? { ...headers, 'X-Auth-Token': used.token }
      : { ...headers, 'X-Auth-Token': userToken, 'X-Service-Token': used.token };
  }

  async function attempt(request: ServiceRequest): Promise<JsonAnswer> {
    const ask = (used: Login | undefined) =>
      http.ask(
        request.method,
        endpoint(used) + request.path,
        headersOf(request, used),
        request.body,
        request.abortSignal,
      );
    const used = await login();
    const answer = await ask(used);
    // The token of the server was revoked, or ended on its way: once more with a new one.
    return answer.status === 401 && used !== undefined ? ask(await session.loginAfter(used)) : answer;
  }

  /** The answer, or the error of the last try. */
  async function tried(request: ServiceRequest): Promise<JsonAnswer> {
    const mayRepeat = request.method !== 'POST';
    for (let tries = 1; ; tries += 1) {
      const isLast = tries >= MOST_TRIES;
      try {
        const answer = await attempt(request);
        if (isLast || !mayRepeat || !PASSING_STATUSES.has(answer.status)) {
          return answer;
        }
      } catch (error) {
        if (error instanceof KeystoneUnavailableError) {
          throw new OpenStackError(error.message);
        }
        if (!(error instanceof NoAnswerError)) {
          throw error;
        }
        if (isLast || !(mayRepeat || error.wasNeverSent)) {
          throw new OpenStackError(error.message);
        }
      }
      await sleep(FIRST_PAUSE_MILLISECONDS * 2 ** (tries - 1), undefined, { signal: request.abortSignal });
    }
  }

  return {
    async request(request) {
      const answer = await tried(request);
      if (answer.status < 200 || answer.status >= 300) {
        throw refusal(name, section, request, answer);
      }
      return answer;
    },
    close: () => http.close(),
  };
}

function refusal(name: string, section: string, request: ServiceRequest, { status, body }: JsonAnswer): OpenStackError {
  const { type, message } = faultOf(body);
  const path = request.path.replace(/\?.*/, '');
  const what = `${name} answered ${request.method} ${path} with status ${status}`;
  const why = message === null ? '' : `: ${type === null ? '' : `${type}: `}${message.trim()}`;
  const remedy =
    status === 401 || status === 403
      ? request.userToken == null
        ? ` Look at the user in section [keystone] and at its roles.`
        : ` The token of the caller was used.`
      : status >= 300 && status < 400
        ? ` Redirections are not followed, for they would carry the token to another host: set ${section}.endpoint_override.`
        : '';
  return new OpenStackError(`${what}${why}${/[.!]$/.test(why) ? '' : '.'}${remedy}`, status, type);
}

/** What services say of an error: `{NeutronError: {type, message}}`, `{badRequest: {message}}`, `{error: {title, message}}`. */
function faultOf(body: unknown): { readonly type: string | null; readonly message: string | null } {
  const fault = typeof body === 'object' && body !== null ? Object.values(body)[0] : undefined;
  if (typeof fault === 'string') {
    return { type: null, message: fault };
  }
  const { type, message } = (fault ?? {}) as { type?: unknown; message?: unknown };
  return {
    type: typeof type === 'string' ? type : null,
    message: typeof message === 'string' ? message : null,
  };
}
