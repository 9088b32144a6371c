// Starts the conductor's side of a process: boot services, the listener for calls of other processes, lease, engine, periodic tasks.
import { createChangeRules } from './api/change-rules.ts';
import { type CallServer, createCallServer } from './cluster/call-server.ts';
import { internalUrl } from './cluster/join.ts';
import { type Conductor, createConductor } from './conductor.ts';
import type { BoundaryWatcher } from './flows/engine/context.ts';
import { readBuiltInRules } from './inspection/rules/load.ts';
import { listenOnAddress } from './listen.ts';
import { readTraits } from './network/traits/file.ts';
import type { ProcessParts } from './process-parts.ts';

/** The exit code of a process whose lease another one took: a supervisor starts it anew. */
const FENCED_EXIT_CODE = 75;

/** Calls under way get this long to finish when the process stops. */
const CALL_GRACE_MILLISECONDS = 5_000;

export interface RunningConductor {
  readonly hostname: string;
  readonly conductor: Conductor;
  /** Where other processes call it; null where there are none. */
  readonly internalUrl: string | null;
}

/** Starts it; work is taken up by `conductor.resume`, once heartbeats are answered. */
export async function startConductor(
  { config, log, store, cluster, boot, drivers, metrics, tracing, opened }: ProcessParts,
  watchBoundary: BoundaryWatcher | undefined,
): Promise<RunningConductor> {
  const { host: hostname } = config().conductor;
  let calls: { readonly server: CallServer; readonly url: string } | undefined;
  if (cluster !== undefined) {
    const server = createCallServer({ key: cluster.key, hostname, log });
    const bound = await listenOnAddress(server.server, config().cluster.listen, 'cluster.listen');
    // For a start that fails; in order it is closed before the conductor stops.
    opened.push(() => server.close(0));
    calls = { server, url: internalUrl(config(), bound) };
  }
  opened.push(() => boot.stop());
  // A mistake in them shows now and not with the first inspection.
  await readBuiltInRules(config().inspection_rules.built_in_rules);
  if (config().conductor.enable_trait_based_networking) {
    await readTraits(config().conductor.trait_based_networking_config_file);
  }
  const sensors = config().sensor_data.send_sensor_data
    ? (await import('./notify/sensor-sender.ts')).createSensorSender(config(), log)
    : undefined;
  opened.push(() => sensors?.stop());
  const conductor = await createConductor({
    store,
    config,
    log,
    drivers,
    boot: boot.environment,
    ...(sensors === undefined ? {} : { tellSensors: (event) => sensors.send(event) }),
    tellPower: boot.environment.cloud.hasNova
      ? async (updates, signal) => (await boot.environment.cloud.nova()).tellPower(updates, signal)
      : undefined,
    tellHosts: boot.environment.cloud.hasHostReports
      ? async (hosts, signal) => (await boot.environment.cloud.hostReporter()).report(hosts, signal)
      : undefined,
    changeRules: createChangeRules,
    watchBoundary,
    observer: metrics?.work,
    tracing,
    ...(cluster === undefined || calls === undefined ? {} : { cluster: { ...cluster, internalUrl: calls.url } }),
    onFenced: (error) => {
      log.fatal({ err: error }, 'This conductor was taken over; the process ends.');
      process.exit(FENCED_EXIT_CODE);
    },
  });
  opened.push(() => conductor.stop());
  // A call that is taken is one of a conductor that has its lease.
  opened.push(() => calls?.server.close(CALL_GRACE_MILLISECONDS));
  metrics?.watchRuns(store, hostname, log);
  boot.onEvidence((machine, evidence) => conductor.recordEvidence(machine, evidence));
  await boot.start();
  calls?.server.serve(conductor.doors);
  return { hostname, conductor, internalUrl: calls?.url ?? null };
}
