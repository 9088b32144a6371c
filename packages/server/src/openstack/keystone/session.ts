// The server's own login at Keystone: one token, renewed before it ends and when it is refused, and the catalogue it brings.

import type { Config } from '../../config/index.ts';
import { type KeystoneAnswer, type KeystoneConnection, KeystoneUnavailableError } from './connection.ts';
import { type CatalogEntry, type Credentials, endpointOf, identityUrl, loginBody, type Scope } from './identity-api.ts';

/** A token is renewed so long before its end, so that it does not end on its way. */
const RENEWAL_MARGIN_MILLISECONDS = 60_000;

/** What a login gave. */
export interface Login {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly renewAt: number;
  readonly catalog: readonly CatalogEntry[];
}

export interface KeystoneSession {
  /** The present login, a new one when it is about to end. @throws KeystoneUnavailableError */
  login(): Promise<Login>;
  /** A login after a service refused the token of this one. @throws KeystoneUnavailableError */
  loginAfter(refused: Login): Promise<Login>;
  /**
   * Asks Keystone with the server's token; `path` begins behind "/v3".
   * @throws KeystoneUnavailableError when Keystone does not answer or does not accept the server's user
   */
  get(path: string, headers: Record<string, string>): Promise<KeystoneAnswer>;
  /** Logs in when that has not been done. @throws KeystoneUnavailableError */
  warmUp(): Promise<void>;
}

/** Makes the session; it logs in with the first request. */
export function openSession(settings: Config['keystone'], connection: KeystoneConnection): KeystoneSession {
  const authUrl = identityUrl(settings.auth_url ?? '');
  let login: Promise<Login> | undefined;

  async function logIn(): Promise<Login> {
    const url = `${authUrl}/auth/tokens`;
    const { status, headers, body } = await connection.ask('POST', url, {}, loginBody(...identityOf(settings)));
    const token = headers['x-subject-token'];
    const content = (body as { token?: { expires_at?: unknown; catalog?: readonly CatalogEntry[] } } | undefined)
      ?.token;
    const expiresAt = Date.parse(String(content?.expires_at));
    if (status !== 201 || typeof token !== 'string' || Number.isNaN(expiresAt)) {
      throw new KeystoneUnavailableError(
        status === 401
          ? `Keystone refuses the user of this server (POST ${url}: 401); check the credentials in section [keystone].`
          : `Keystone did not log this server in: POST ${url} was answered with status ${status}.`,
      );
    }
    return { token, renewAt: expiresAt - RENEWAL_MARGIN_MILLISECONDS, catalog: content?.catalog ?? [] };
  }

  /** Logs in; those who come meanwhile share it, and a failed login is forgotten. */
  function begin(): Promise<Login> {
    const fresh = logIn();
    login = fresh;
    fresh.catch(() => {
      login = login === fresh ? undefined : login;
    });
    return fresh;
  }

  async function current(): Promise<Login> {
    const known = login;
    if (known !== undefined && (await known).renewAt > Date.now()) {
      return known;
    }
    // Another request may have begun a login while this one waited.
    return login === known ? begin() : current();
  }

  function identityEndpoint({ catalog }: Login): string {
    const region = settings.region_name ?? undefined;
    const found = endpointOf(catalog, { type: 'identity', interface: settings.interface, region });
    return found === undefined ? authUrl : identityUrl(found);
  }

  async function attempt(path: string, headers: Record<string, string>, used: Login): Promise<KeystoneAnswer> {
    return connection.ask('GET', identityEndpoint(used) + path, { ...headers, 'X-Auth-Token': used.token });
  }

  async function loginAfter(refused: Login): Promise<Login> {
    const present = await current();
    return present === refused ? begin() : present;
  }

  return {
    login: current,
    loginAfter,
    async warmUp() {
      await current();
    },
    async get(path, headers) {
      const first = await current();
      const answer = await attempt(path, headers, first);
      if (answer.status !== 401) {
        return answer;
      }
      // The token was revoked, or the keys of Keystone were changed: once more with a new one.
      const second = await loginAfter(first);
      const again = await attempt(path, headers, second);
      if (again.status === 401) {
        throw new KeystoneUnavailableError(
          `Keystone does not accept the token that it gave this server (GET ${identityEndpoint(second)}${path.replace(/\?.*/, '')}: 401).`,
        );
      }
      return again;
    },
  };
}

/** The credentials of the configuration, whose rules make sure that they are whole. */
function identityOf(settings: Config['keystone']): [Credentials, Scope?] {
  const { application_credential_id: id, application_credential_secret: secret } = settings;
  if (id !== null) {
    return [{ kind: 'application credential', id, secret: secret ?? '' }];
  }
  return [
    {
      kind: 'password',
      user: { name: settings.username ?? '', domainName: settings.user_domain_name },
      password: settings.password ?? '',
    },
    {
      kind: 'project',
      project: { name: settings.project_name ?? '', domainName: settings.project_domain_name },
    },
  ];
}
