// The composition root: the only file that knows all rooms. Starts the server in the order in which its parts need each other.
import { createApi } from './api/app.ts';
import { openAuditLog } from './api/audit/log.ts';
import { enforceAccessRules } from './api/auth/access-rules.ts';
import { createAuthenticator } from './api/auth/index.ts';
import { keystoneChallenge } from './api/auth/keystone.ts';
import { createChangeRules } from './api/change-rules.ts';
import { openPolicy } from './api/policy/open.ts';
import { createBootServices } from './boot/services.ts';
import { createConductor } from './conductor.ts';
import { type Config, reloadConfig } from './config/index.ts';
import { lockDataDirectory } from './data-lock.ts';
import { loadDrivers } from './drivers/index.ts';
import type { BoundaryWatcher } from './flows/engine/context.ts';
import { readBuiltInRules } from './inspection/rules/load.ts';
import { listenerKind, openListeners } from './listen.ts';
import { createLog } from './log.ts';
import { openStore } from './store/store.ts';

/** Requests under way get this long to finish when the server stops. */
const REQUEST_GRACE_MILLISECONDS = 5_000;

/** The exit code of a process whose lease another one took: a supervisor starts it anew. */
const FENCED_EXIT_CODE = 75;

export interface ServerOptions {
  readonly config: Config;
  /** Told at the boundaries of every effect; for tests that end the process there. */
  readonly watchBoundary?: BoundaryWatcher;
}

export interface RunningServer {
  /** "http://HOST:PORT", "unix:PATH": where the API listens. */
  readonly urls: readonly string[];
  /** Finishes what runs, within the configured time, and gives everything back. */
  stop(): Promise<void>;
  /** Reads configuration, certificates and passwords again; what needs a restart, or can not be used, is logged. */
  reload(): Promise<void>;
}

/** Starts API and conductor in this process; resolves when requests are answered. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  let config = options.config;
  const currentConfig = () => config;
  const log = createLog(config);
  /** What has to be given back, the last one first. */
  const opened: (() => unknown)[] = [];
  async function closeAll(): Promise<void> {
    for (const close of opened.splice(0).reverse()) {
      await close();
    }
  }

  try {
    const lock = lockDataDirectory(config.dataDirectory);
    opened.push(() => lock.release());
    const { url, path, read_connections: readConnections } = config.database;
    const store = await openStore(url ?? path, { readConnections });
    opened.push(() => store.close());
    const boot = await createBootServices({ config: currentConfig, log });
    opened.push(() => boot.stop());
    // A mistake in them shows now and not with the first inspection.
    await readBuiltInRules(config.inspection_rules.built_in_rules);
    const drivers = await loadDrivers(config, boot.environment);
    const conductor = await createConductor({
      store,
      config: currentConfig,
      log,
      drivers,
      changeRules: createChangeRules,
      watchBoundary: options.watchBoundary,
      onFenced: (error) => {
        log.fatal({ err: error }, 'This conductor was taken over; the process ends.');
        process.exit(FENCED_EXIT_CODE);
      },
    });
    opened.push(() => conductor.stop());
    boot.onEvidence((address, evidence) => conductor.recordForAddress(address, evidence));
    await boot.start();

    const authenticator = createAuthenticator(config, (error) =>
      log.error({ err: error }, 'Callers can not prove who they are.'),
    );
    opened.push(() => authenticator.close());
    const policy = await openPolicy(currentConfig);
    const audit = openAuditLog(config, (error) => log.error({ err: error }, 'The audit log can not be written.'));
    opened.push(() => audit.close());
    const api = createApi({
      config: currentConfig,
      store,
      doors: conductor.doors,
      authenticator,
      policy,
      audit,
      log,
      listenerKind,
    });
    enforceAccessRules(api, {
      serviceType: config.keystone.service_type,
      challenge: keystoneChallenge(config.keystone),
    });
    await api.ready();
    const listeners = await openListeners(config, (request, response) => api.routing(request, response));
    opened.push(() => listeners.close(REQUEST_GRACE_MILLISECONDS));
    await conductor.resume();

    return {
      urls: listeners.listeners.map(({ url }) => url),
      stop: closeAll,
      async reload() {
        try {
          const reloaded = reloadConfig(config);
          // What can be refused comes first: a mistake in any of the files leaves everything as it was.
          listeners.reloadTls(reloaded.config);
          authenticator.reload();
          await policy.reload(reloaded.config);
          audit.reopen(reloaded.config);
          config = reloaded.config;
          log.level = config.log.level;
          log.info(
            { changed: reloaded.changed, needRestart: reloaded.needRestart },
            'The configuration was read again.',
          );
        } catch (error) {
          log.error({ err: error }, 'The configuration can not be used; the one read before stays in force.');
        }
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
