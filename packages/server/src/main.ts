// The composition root: starts a process in the order in which its parts need each other, and stops it the other way round.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createBootServices } from './boot/services.ts';
import { clusterDoors } from './cluster/doors.ts';
import { joinCluster } from './cluster/join.ts';
import { watchMembers } from './cluster/watch.ts';
import { type Config, reloadConfig } from './config/index.ts';
import { lockDataDirectory } from './data-lock.ts';
import { createCatalog } from './drivers/catalog.ts';
import { loadDrivers } from './drivers/index.ts';
import { createAnswers } from './flows/answers.ts';
import type { Doors } from './flows/doors.ts';
import type { BoundaryWatcher } from './flows/engine/context.ts';
import { createNodeLocks } from './flows/locks.ts';
import { createLog } from './log.ts';
import { bothOfBmcCalls, bothOfStore } from './observers.ts';
import type { ProcessParts } from './process-parts.ts';
import { startApi } from './start-api.ts';
import { type RunningConductor, startConductor } from './start-conductor.ts';
import { openStore } from './store/store.ts';
import { StoreUnavailableError } from './store/unavailable.ts';

/** Pauses between two tries to start without a database. */
const FIRST_PAUSE_MILLISECONDS = 250;
const LONGEST_PAUSE_MILLISECONDS = 4_000;

/** What a process does: all of it, or one side where several processes share a PostgreSQL database. */
export type Role = 'all' | 'api' | 'conductor';

export interface ServerOptions {
  readonly config: Config;
  /** "all" unless given. */
  readonly role?: Role;
  /** Told at the boundaries of every effect; for tests that end the process there. */
  readonly watchBoundary?: BoundaryWatcher;
}

export interface RunningServer {
  /** Where the API listens: "http://HOST:PORT", "unix:PATH"; of a conductor without an API where it takes calls. */
  readonly urls: readonly string[];
  /** Finishes what runs, within the configured time, and gives everything back. */
  stop(): Promise<void>;
  /** Reads configuration, certificates and passwords again; what needs a restart, or can not be used, is logged. */
  reload(): Promise<void>;
}

/** The doors for the API: those of the conductor in this process, or of whichever conductor serves a node. */
function doorsOf(parts: ProcessParts, running: RunningConductor | undefined): Doors {
  const { config, log, store, cluster, drivers } = parts;
  const local = running === undefined ? undefined : { hostname: running.hostname, doors: running.conductor.doors };
  if (cluster === undefined) {
    if (local === undefined) {
      throw new Error('An API without a cluster needs the conductor in its own process.');
    }
    return local.doors;
  }
  const answers =
    local === undefined
      ? createAnswers(
          createCatalog(drivers, config()),
          cluster.members,
          createNodeLocks(store, config, config().conductor.host),
        )
      : { ...local.doors.call, ...local.doors.call.vendor };
  return clusterDoors({ ...cluster, store, log, answers, ...(local === undefined ? {} : { local }) });
}

/**
 * Starts a process of this role; resolves when requests are answered, or work is taken. A PostgreSQL server that is away is
 * waited for: it may be starting as well, and a supervisor that sees a process die again and again gives it up.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { url, wait_at_start: patienceSeconds } = options.config.database;
  const log = createLog(options.config);
  const end = performance.now() + patienceSeconds * 1000;
  for (let pause = FIRST_PAUSE_MILLISECONDS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS)) {
    try {
      return await startOnce(options, log);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || url === null || performance.now() + pause > end) {
        throw error;
      }
      log.warn({ reason: error.message, givesUpAfterSeconds: patienceSeconds }, 'The start waits for the database.');
      await sleep(pause);
    }
  }
}

async function startOnce(
  { role = 'all', watchBoundary, ...given }: ServerOptions,
  log: Logger,
): Promise<RunningServer> {
  let { config } = given;
  const currentConfig = () => config;
  const opened: (() => unknown)[] = [];
  async function closeAll(): Promise<void> {
    let failure: unknown;
    for (const close of opened.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        // The rest is given back all the same.
        log.error({ err: error }, 'A part of the server could not be stopped in order.');
        failure ??= error;
      }
    }
    if (failure !== undefined) {
      throw failure;
    }
  }

  try {
    const { url, path, read_connections: readConnections } = config.database;
    if (url === null && role !== 'all') {
      throw new Error(
        `A process that is ${role === 'api' ? 'only the API' : 'only a conductor'} shares a PostgreSQL database with others: set database.url. With SQLite one process does all, "wrought serve".`,
      );
    }
    const lock = lockDataDirectory(config.dataDirectory);
    opened.push(() => lock.release());
    const { listen } = config.metrics;
    const metrics = listen === null ? undefined : (await import('./metrics/index.ts')).createMetrics();
    const tracing =
      config.tracing.endpoint === null ? undefined : (await import('./tracing/index.ts')).createTracing(config, log);
    opened.push(() => tracing?.stop());
    const store = await openStore(url ?? path, {
      readConnections,
      observer: bothOfStore(metrics?.store, tracing?.store),
    });
    opened.push(() => store.close());
    const cluster = url === null ? undefined : await joinCluster(url, { store, config: currentConfig, log });
    opened.push(() => cluster?.close());
    const boot = await createBootServices({
      config: currentConfig,
      log,
      observeBmcCall: bothOfBmcCalls(metrics?.bmcCall, tracing?.bmcCall),
      watchBmcs: metrics?.watchBmcs,
    });
    const drivers = await loadDrivers(config, boot.environment);
    opened.push(() => Promise.all(drivers.map((driver) => driver.close?.())));
    const parts: ProcessParts = { config: currentConfig, log, store, cluster, boot, drivers, metrics, tracing, opened };
    const running = role === 'api' ? undefined : await startConductor(parts, watchBoundary);
    const api = role === 'conductor' ? undefined : await startApi(parts, doorsOf(parts, running));
    if (listen !== null && metrics !== undefined) {
      const address = await metrics.listen(listen);
      opened.push(() => metrics.close());
      log.info({ address }, 'Metrics are served.');
    }
    if (running !== undefined) {
      await running.conductor.resume();
      if (config.events.sinks.length > 0) {
        const { startDispatcher } = await import('./notify/dispatcher.ts');
        const dispatcher = startDispatcher({ store, config, log, onRefusal: metrics?.onRefusal });
        opened.push(() => dispatcher.stop());
      }
    } else if (cluster !== undefined) {
      const pollSeconds = config.cluster.poll_interval;
      const watch = watchMembers({ ...cluster, pollSeconds, log, onLook: async () => {} });
      opened.push(() => watch.stop());
    }

    return {
      urls: api?.urls ?? (running?.internalUrl == null ? [] : [running.internalUrl]),
      stop: closeAll,
      async reload() {
        try {
          const reloaded = reloadConfig(config);
          // What can be refused comes first: a mistake in any of the files leaves everything as it was.
          await api?.reload(reloaded.config);
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
    // What closing meets is logged; the reason is the first error.
    await closeAll().catch(() => {});
    throw error;
  }
}
