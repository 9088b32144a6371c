// Decides who a request comes from: a peer on the UNIX socket, a user with a password or a token, or anyone.
import type { IncomingHttpHeaders } from 'node:http';
import type { Config } from '../../config/index.ts';
import type { Caller } from '../policy/caller.ts';
import { ensureCredentials } from './first-start.ts';
import { type HtpasswdFile, openHtpasswdFile } from './htpasswd.ts';
import { keystoneAuthenticator } from './keystone.ts';
import { createPasswordVerifier } from './password-verifier.ts';

export { isPublicRoute, isRamdiskRoute } from './public-routes.ts';

export type Authentication =
  | {
      readonly ok: true;
      /** Who it is; null where `auth = "none"` asks nobody for a name. */
      readonly user: string | null;
      /** What the policy asks about; absent: everything is allowed (the UNIX socket, and where nobody is told apart). */
      readonly caller?: Caller;
      /** The token that proved it, with which other services can be asked in the caller's name. */
      readonly token?: string;
    }
  | {
      readonly ok: false;
      readonly status: 401 | 503;
      /** Text for the `error_message` of the answer. */
      readonly message: string;
      /** Headers of the answer. */
      readonly headers: Readonly<Record<string, string>>;
    };

export interface Connection {
  /** The request came over `api.unix_socket`, which only the owner of the data directory can open. */
  readonly isUnixSocket: boolean;
}

export interface Authenticator {
  /** Callers have roles and projects, so that the policy is asked; otherwise everybody who gets in may do everything. */
  readonly tellsCallersApart: boolean;
  /** Never throws for what a client sends. Public routes (`isPublicRoute`) are for the caller to leave out. */
  authenticate(headers: IncomingHttpHeaders, connection: Connection): Promise<Authentication>;
  /**
   * Reads the password file again; forgets what Keystone said of tokens.
   * @throws Error when the file can not be used; the passwords read before stay in force
   */
  reload(): void;
  close(): Promise<void>;
}

/** Who comes over the UNIX socket: the owner of the data directory, who may do everything. */
const socketOwner: Authentication = { ok: true, user: 'unix-socket' };

const challenge = { 'WWW-Authenticate': 'Basic realm="Baremetal API"' };

/**
 * Makes the authenticator that `api.auth` asks for; on first start this generates the password.
 * `onProblem` hears why a password file that changed while running can not be used, or why Keystone does not answer.
 * @throws Error when there is no usable password file, or keystone.cafile can not be read
 */
export function createAuthenticator(config: Config, onProblem: (error: Error) => void = () => {}): Authenticator {
  switch (config.api.auth) {
    case 'none':
      return {
        tellsCallersApart: false,
        authenticate: async () => ({ ok: true, user: null }),
        reload: () => {},
        close: async () => {},
      };
    case 'keystone':
      return exceptOnSocket(keystoneAuthenticator(config.keystone, onProblem));
    case 'http_basic':
      ensureCredentials(config);
      return exceptOnSocket(basicAuthenticator(openHtpasswdFile(config.api.http_basic_auth_user_file, onProblem)));
  }
}

function exceptOnSocket(authenticator: Authenticator): Authenticator {
  return {
    ...authenticator,
    authenticate: async (headers, connection) =>
      connection.isUnixSocket ? socketOwner : authenticator.authenticate(headers, connection),
  };
}

function basicAuthenticator(file: HtpasswdFile): Authenticator {
  const verifier = createPasswordVerifier();
  return {
    tellsCallersApart: false,
    async authenticate(headers) {
      const credentials = parseBasic(headers.authorization);
      if (credentials === undefined) {
        return refused('This server asks for HTTP basic authentication; the request has no usable credentials.');
      }
      const { user, password } = credentials;
      const verdict = await verifier.verify(user, password, file.hashes().get(user));
      switch (verdict) {
        case 'right':
          return { ok: true, user };
        case 'wrong':
          return refused('Wrong user name or password.');
        case 'busy': {
          const message = 'Too many passwords wait to be verified; try again in a second.';
          return { ok: false, status: 503, message, headers: { 'Retry-After': '1' } };
        }
      }
    },
    reload: () => file.reload(),
    close: async () => {},
  };
}

/** Reads an Authorization header (RFC 7617); undefined when it is absent, of another scheme, or malformed. */
export function parseBasic(header: string | undefined): { user: string; password: string } | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+=*) *$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) {
    return undefined;
  }
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon === -1 ? undefined : { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

function refused(message: string): Authentication {
  return { ok: false, status: 401, message, headers: challenge };
}
