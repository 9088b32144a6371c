// Authentication by tokens of Keystone: X-Auth-Token says who calls, X-Service-Token which service calls for them.
import type { IncomingHttpHeaders } from 'node:http';
import type { Config } from '../../config/index.ts';
import { KeystoneUnavailableError, openConnection } from '../../openstack/keystone/connection.ts';
import { openSession } from '../../openstack/keystone/session.ts';
import { type Token, validateToken } from '../../openstack/keystone/token.ts';
import type { Caller } from '../policy/caller.ts';
import type { Authentication, Authenticator } from './index.ts';
import { createTokenCache, type Verdict } from './token-cache.ts';

/** The header that sends a caller to Keystone. */
export function keystoneChallenge({ www_authenticate_uri, auth_url }: Config['keystone']): {
  'WWW-Authenticate': string;
} {
  return { 'WWW-Authenticate': `Keystone uri="${www_authenticate_uri ?? auth_url ?? ''}"` };
}

/** When a client may ask again while Keystone is away. */
const RETRY_AFTER_SECONDS = 5;

/**
 * Makes the authenticator. It logs in at once, in the background: while Keystone is away the server runs and answers 503.
 * `onProblem` hears why Keystone does not answer, once until that changes.
 * @throws Error when keystone.cafile can not be read
 */
export function keystoneAuthenticator(settings: Config['keystone'], onProblem: (error: Error) => void): Authenticator {
  const connection = openConnection(settings);
  const session = openSession(settings, connection);
  const cache = createTokenCache<Caller>(settings.token_cache_time);
  const uri = settings.www_authenticate_uri ?? settings.auth_url ?? '';
  let isClosed = false;
  let lastProblem = '';

  function report(error: Error): void {
    if (!isClosed && error.message !== lastProblem) {
      lastProblem = error.message;
      onProblem(error);
    }
  }

  /** An expired token that is allowed is another question than one that is not, so it is remembered apart. */
  async function verdictOn(token: string, allowExpired: boolean): Promise<Verdict<Caller>> {
    if (!TOKEN.test(token)) {
      return { valid: false };
    }
    return cache.verdict(`${allowExpired} ${token}`, async () => {
      const found = await validateToken(session, token, { allowExpired });
      lastProblem = '';
      if (found === undefined) {
        return { valid: false };
      }
      const expiresAt = Date.parse(found.expires_at);
      if (allowExpired) {
        return { valid: true, known: callerOf(found), endsAt: Number.POSITIVE_INFINITY };
      }
      return expiresAt > Date.now() ? { valid: true, known: callerOf(found), endsAt: expiresAt } : { valid: false };
    });
  }

  function refused(message: string): Authentication {
    return { ok: false, status: 401, message, headers: keystoneChallenge(settings) };
  }

  async function identify(headers: IncomingHttpHeaders): Promise<Authentication> {
    const token = tokenIn(headers['x-auth-token']);
    if (token === undefined) {
      return refused(`This server asks for a token of Keystone (${uri}) in the header X-Auth-Token; there is none.`);
    }
    let allowExpired = false;
    const serviceToken = tokenIn(headers['x-service-token']);
    if (serviceToken !== undefined) {
      const service = await verdictOn(serviceToken, false);
      const isService =
        service.valid && settings.service_token_roles.some((role) => service.known.roles.includes(role));
      if (!service.valid || (settings.service_token_roles_required && !isService)) {
        return refused('The token in X-Service-Token is not valid, has ended, or is not one of a service.');
      }
      allowExpired = isService;
    }
    const verdict = await verdictOn(token, allowExpired);
    return verdict.valid
      ? { ok: true, user: verdict.known.user_id, caller: verdict.known, token }
      : refused(`The token in X-Auth-Token is not valid or has ended; ask Keystone (${uri}) for a new one.`);
  }

  session.warmUp().catch(report);
  return {
    tellsCallersApart: true,
    async authenticate(headers) {
      try {
        return await identify(headers);
      } catch (error) {
        if (!(error instanceof KeystoneUnavailableError)) {
          throw error;
        }
        report(error);
        const retry = { 'Retry-After': String(RETRY_AFTER_SECONDS) };
        return { ok: false, status: 503, message: `Who calls can not be found out. ${error.message}`, headers: retry };
      }
    },
    reload: () => cache.clear(),
    close() {
      isClosed = true;
      return connection.close();
    },
  };
}

/** What a token is made of; anything else is refused without asking. */
const TOKEN = /^[\x21-\x7e]+$/;

function tokenIn(header: string | string[] | undefined): string | undefined {
  const token = (Array.isArray(header) ? header.join(',') : (header ?? '')).trim();
  return token === '' ? undefined : token;
}

/** The caller as policy rules see them. */
function callerOf(token: Token): Caller {
  const { user, project, domain, system, roles = [], is_admin_project = true, application_credential } = token;
  const rules = application_credential?.access_rules;
  return {
    user_id: user.id,
    user_domain_id: user.domain.id,
    project_id: project?.id ?? null,
    project_name: project?.name ?? null,
    project_domain_id: project?.domain.id ?? null,
    domain_id: domain?.id ?? null,
    system_scope: system?.all === true ? 'all' : null,
    roles: roles.map(({ name }) => name),
    is_admin_project,
    is_public_api: false,
    ...(Array.isArray(rules) ? { access_rules: rules } : {}),
  };
}
