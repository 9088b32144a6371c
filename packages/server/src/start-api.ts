// Starts the API's side of a process: who may call, the routes, and the sockets that they are reached through.
import { createApi } from './api/app.ts';
import { openAuditLog } from './api/audit/log.ts';
import { enforceAccessRules } from './api/auth/access-rules.ts';
import { createAuthenticator } from './api/auth/index.ts';
import { keystoneChallenge } from './api/auth/keystone.ts';
import { openPolicy } from './api/policy/open.ts';
import type { Config } from './config/index.ts';
import type { Doors } from './flows/doors.ts';
import { listenerKind, openListeners } from './listen.ts';
import type { ProcessParts } from './process-parts.ts';

/** Requests under way get this long to finish when the server stops. */
const REQUEST_GRACE_MILLISECONDS = 5_000;

export interface RunningApi {
  /** "http://HOST:PORT", "unix:PATH". */
  readonly urls: readonly string[];
  /** Takes a configuration that was read again. @throws Error when it can not be used; everything stays as it was then */
  reload(config: Config): Promise<void>;
}

/** Starts it over the doors to the conductor's side; resolves when requests are answered. */
export async function startApi(
  { config, log, store, metrics, tracing, opened }: ProcessParts,
  doors: Doors,
): Promise<RunningApi> {
  const authenticator = createAuthenticator(config(), (error) =>
    log.error({ err: error }, 'Callers can not prove who they are.'),
  );
  opened.push(() => authenticator.close());
  const policy = await openPolicy(config);
  const audit = openAuditLog(config(), (error) => log.error({ err: error }, 'The audit log can not be written.'));
  opened.push(() => audit.close());
  const stopping = new AbortController();
  const api = createApi({
    config,
    store,
    doors,
    authenticator,
    policy,
    audit,
    log,
    listenerKind,
    stopping: stopping.signal,
    currentTrace: () => tracing?.current() ?? null,
  });
  enforceAccessRules(api, {
    serviceType: config().keystone.service_type,
    challenge: keystoneChallenge(config().keystone),
  });
  metrics?.watchRequests(api);
  tracing?.watchRequests(api);
  await api.ready();
  const listeners = await openListeners(config(), (request, response) => api.routing(request, response));
  opened.push(() => listeners.close(REQUEST_GRACE_MILLISECONDS));
  opened.push(() => stopping.abort());
  return {
    urls: listeners.listeners.map(({ url }) => url),
    async reload(fresh) {
      listeners.reloadTls(fresh);
      authenticator.reload();
      await policy.reload(fresh);
      audit.reopen(fresh);
    },
  };
}
