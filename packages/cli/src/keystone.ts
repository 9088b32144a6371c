// Logs in at Keystone with the OS_* variables that OpenStack's clients know, and finds the server in its catalogue.
import {
  type CatalogEntry,
  type Credentials,
  endpointOf,
  identityUrl,
  loginBody,
  type NamedIn,
  type Scope,
} from '@wrought/server/identity-api';
import { CommandError } from './command-error.ts';
import { createExchange, type Incoming } from './exchange.ts';

export interface KeystoneLogin {
  /** The token; asked for once. @throws CommandError */
  token(): Promise<string>;
  /** Where the catalogue says that the server is. @throws CommandError */
  endpoint(): Promise<URL>;
  /** Forgets a token that the server refused; false when there is no way to get another one. */
  renew(): boolean;
}

interface Login {
  readonly token: string;
  readonly catalog: readonly CatalogEntry[];
}

/** The type of the server in catalogues. */
const serviceType = 'baremetal';

/**
 * The login that the environment describes; undefined when it has neither OS_AUTH_URL nor OS_TOKEN.
 * @throws CommandError that names the variable that is missing
 */
export function keystoneLogin(environment: NodeJS.ProcessEnv, ca: Buffer | undefined): KeystoneLogin | undefined {
  const set = (name: string) => environment[`OS_${name}`] || undefined;
  const authUrl = set('AUTH_URL');
  const givenToken = set('TOKEN');
  if (authUrl === undefined && givenToken === undefined) {
    return undefined;
  }
  if (authUrl !== undefined && !(URL.canParse(authUrl) && /^https?:/i.test(authUrl))) {
    throw new CommandError(`OS_AUTH_URL is "${authUrl}", which is not an http:// or https:// URL`);
  }
  const body = givenToken === undefined ? loginBody(...identityOf(set)) : undefined;
  let login: Promise<Login> | undefined;

  async function ask(method: 'GET' | 'POST', path: string, headers: Record<string, string>): Promise<Incoming> {
    if (authUrl === undefined) {
      throw new CommandError(
        'OS_AUTH_URL is not set, so the server is not known; set it, or name the server with --url',
      );
    }
    const exchange = createExchange({ kind: 'url', url: new URL(identityUrl(authUrl)), ca }, 'Keystone');
    const payload = method === 'POST' ? JSON.stringify(body) : undefined;
    const type: Record<string, string> = payload === undefined ? {} : { 'Content-Type': 'application/json' };
    const answer = await exchange(
      { method, path, headers: { Accept: 'application/json', ...type, ...headers } },
      payload,
    );
    if (answer.status >= 400) {
      const remedy = answer.status === 401 ? 'check the OS_* variables' : 'check OS_AUTH_URL';
      throw new CommandError(
        `Keystone at ${authUrl} answered ${method} ${path} with status ${answer.status}; ${remedy}`,
      );
    }
    return answer;
  }

  async function logIn(): Promise<Login> {
    if (givenToken !== undefined) {
      const { text } = await ask('GET', '/auth/catalog', { 'X-Auth-Token': givenToken });
      return { token: givenToken, catalog: parse(text).catalog ?? [] };
    }
    const { headers, text } = await ask('POST', '/auth/tokens', {});
    const token = headers['x-subject-token'];
    if (typeof token !== 'string') {
      throw new CommandError(`Keystone at ${authUrl} gave no token; check OS_AUTH_URL`);
    }
    return { token, catalog: parse(text).token?.catalog ?? [] };
  }

  function current(): Promise<Login> {
    login ??= logIn().catch((error: unknown) => {
      // Keystone may answer a command that tries again.
      login = undefined;
      throw error;
    });
    return login;
  }

  return {
    token: async () => givenToken ?? (await current()).token,
    async endpoint() {
      const { catalog } = await current();
      const region = set('REGION_NAME');
      const kind = (set('INTERFACE') ?? set('ENDPOINT_TYPE') ?? 'public').replace(/URL$/, '');
      const found = endpointOf(catalog, { type: serviceType, interface: kind, region });
      if (found === undefined) {
        throw new CommandError(
          `the catalogue of Keystone has no ${kind} endpoint of type "${serviceType}"` +
            `${region === undefined ? '' : ` in region ${region}`}; name the server with --url` +
            `${catalog.length === 0 ? ', or set OS_PROJECT_NAME or OS_SYSTEM_SCOPE: the token is for nothing, so it comes without one' : ''}`,
        );
      }
      return new URL(found);
    },
    renew() {
      login = undefined;
      return givenToken === undefined;
    },
  };
}

function parse(text: string): { catalog?: readonly CatalogEntry[]; token?: { catalog?: readonly CatalogEntry[] } } {
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError('the answer of Keystone is not JSON; check OS_AUTH_URL');
  }
}

type Read = (name: string) => string | undefined;

/** Credentials and scope of the variables. @throws CommandError */
function identityOf(set: Read): [Credentials, Scope | undefined] {
  const need = (name: string, besides: string): string => {
    const value = set(name);
    if (value === undefined) {
      throw new CommandError(`OS_${name} is not set, which Keystone needs besides ${besides}`);
    }
    return value;
  };
  const id = set('APPLICATION_CREDENTIAL_ID');
  if (id !== undefined) {
    const secret = need('APPLICATION_CREDENTIAL_SECRET', 'OS_APPLICATION_CREDENTIAL_ID');
    return [{ kind: 'application credential', id, secret }, undefined];
  }
  const user = {
    ...named(set, 'USER'),
    name: set('USER_ID') === undefined ? need('USERNAME', 'OS_AUTH_URL') : undefined,
  };
  const password = need('PASSWORD', 'the user');
  return [{ kind: 'password', user, password }, scopeOf(set)];
}

function scopeOf(set: Read): Scope | undefined {
  const systemScope = set('SYSTEM_SCOPE');
  if (systemScope !== undefined) {
    if (systemScope !== 'all') {
      throw new CommandError(`OS_SYSTEM_SCOPE is "${systemScope}"; allowed: all`);
    }
    return { kind: 'system' };
  }
  const project = named(set, 'PROJECT');
  if (project.id !== undefined || project.name !== undefined) {
    return { kind: 'project', project };
  }
  const domain = { id: set('DOMAIN_ID'), name: set('DOMAIN_NAME') };
  return domain.id === undefined && domain.name === undefined ? undefined : { kind: 'domain', domain };
}

function named(set: Read, what: 'USER' | 'PROJECT'): NamedIn {
  return {
    id: set(`${what}_ID`),
    name: set(`${what}_NAME`),
    domainId: set(`${what}_DOMAIN_ID`),
    domainName: set(`${what}_DOMAIN_NAME`) ?? set('DEFAULT_DOMAIN'),
  };
}
