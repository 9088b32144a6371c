// The conductor's side of the program: store, lease, engine, doors and periodic tasks, put together.

import type { OutgoingEvent } from '@wrought/contract';
import { createServedFolders } from './boot/served-folders.ts';
import type { ServerEnvironment } from './boot/services.ts';
import type { FencedError } from './cluster/fenced-error.ts';
import { type Members, soleMember } from './cluster/members.ts';
import { noWakeUps, type WakeUps } from './cluster/wake-up.ts';
import { fenceExpired, watchMembers } from './cluster/watch.ts';
import type { Config } from './config/index.ts';
import { createCatalog, type DriverCatalog } from './drivers/catalog.ts';
import type { Driver, Evidence, TaskLog } from './drivers/kit/index.ts';
import { createAllocator } from './flows/allocate.ts';
import { createBackground } from './flows/background.ts';
import { createCallDoor } from './flows/call.ts';
import type { ChangeRules, Doors } from './flows/doors.ts';
import type { BoundaryWatcher, EngineContext } from './flows/engine/context.ts';
import { createEngine } from './flows/engine/engine.ts';
import { fencedStore, holdLease } from './flows/engine/lease.ts';
import type { WorkObserver } from './flows/engine/observer.ts';
import { createTimelineWriter } from './flows/engine/timeline-writer.ts';
import { createNodeLocks } from './flows/locks.ts';
import { createSignalDoor } from './flows/signal.ts';
import { createStartDoor } from './flows/start.ts';
import { createVendorDoor } from './flows/vendor.ts';
import { bootRetry } from './periodic/boot-retry.ts';
import { callbackTimeouts } from './periodic/callback-timeouts.ts';
import { consoleExpiry } from './periodic/console-expiry.ts';
import { consoleRestore } from './periodic/console-restore.ts';
import { type HostTeller, hostReports } from './periodic/host-reports.ts';
import { housekeeping } from './periodic/housekeeping.ts';
import { imageCache } from './periodic/image-cache.ts';
import { localState } from './periodic/local-state.ts';
import { lostAllocations } from './periodic/lost-allocations.ts';
import { lostWork } from './periodic/lost-work.ts';
import { powerRecovery } from './periodic/power-recovery.ts';
import { powerSync } from './periodic/power-sync.ts';
import { type PowerTeller, powerUpdates } from './periodic/power-updates.ts';
import { sensorData } from './periodic/sensor-data.ts';
import { staleConductors } from './periodic/stale-conductors.ts';
import { switchPortRepair } from './periodic/switch-port-repair.ts';
import { startPeriodicTasks } from './periodic/task.ts';
import { vifRepair } from './periodic/vif-repair.ts';
import { fenceAllOthers } from './store/conductor-lease.ts';
import { findNode } from './store/nodes.ts';
import { nodeIdOfAddress } from './store/ports.ts';
import type { Store } from './store/store.ts';
import { StoreUnavailableError } from './store/unavailable.ts';
import type { Tracing } from './tracing/tracing.ts';

export interface ConductorOptions {
  readonly store: Store;
  readonly config: () => Config;
  readonly log: TaskLog;
  readonly drivers: readonly Driver[];
  /** What machines fetch from this one; absent where nothing is served. */
  readonly boot?: Pick<ServerEnvironment, 'bootFiles' | 'bootRecords' | 'fileCache'>;
  /** The rules of the API for changes of nodes and ports, made over the doors. */
  readonly changeRules: (given: {
    readonly store: Store;
    readonly config: () => Config;
    readonly doors: Doors;
  }) => ChangeRules;
  readonly watchBoundary?: BoundaryWatcher | undefined;
  readonly observer?: WorkObserver | undefined;
  readonly tracing?: Tracing | undefined;
  /** The other processes on the same database; absent: there are none. */
  readonly cluster?: {
    readonly members: Members;
    readonly wakeUps: WakeUps;
    /** Where this conductor takes calls. */
    readonly internalUrl: string;
  };
  /** Hands readings of sensors to whoever wants them. */
  readonly tellSensors?: (event: OutgoingEvent) => void;
  /** Tells the compute service of changes of power; absent where there is none. */
  readonly tellPower?: PowerTeller | undefined;
  /** Tells the network service which physical networks machines are on. */
  readonly tellHosts?: HostTeller | undefined;
  /** Called when another process took this conductor's place; the program exits. */
  readonly onFenced: (error: FencedError) => void;
}

export interface Conductor {
  readonly doors: Doors;
  readonly catalog: DriverCatalog;
  /** Puts what was seen of a machine (a DHCP request, a boot file) into the timeline of its node. */
  recordEvidence(machine: { readonly address: string } | { readonly node: string }, evidence: Evidence): void;
  /** Goes on with what earlier processes left; called once the API can take heartbeats. */
  resume(): Promise<void>;
  /** One round of the power sync now, besides the periodic ones. */
  syncPower(): Promise<void>;
  /** One look at the nodes that a silent BMC put into maintenance. */
  recoverPower(): Promise<void>;
  /** One round of housekeeping now. */
  keepHouse(): Promise<void>;
  /** One look for what waited longer than it may now. */
  failOverdue(): Promise<void>;
  /** One look at the consoles that are to be open now. */
  restoreConsoles(): Promise<void>;
  /** One look at the graphical consoles that nobody looks at. */
  expireConsoles(): Promise<void>;
  /** Tells the compute service of what it does not know yet, now. */
  tellPower(): Promise<void>;
  /** Tells the network service where machines are, now. */
  tellHosts(): Promise<void>;
  /** One look for VIFs whose attachment or detachment was cut off, now. */
  repairVifs(): Promise<void>;
  /** One look at the ports of switches now. */
  repairSwitchPorts(): Promise<void>;
  /** One look for lost work now. */
  findLostWork(): Promise<void>;
  /** One round over the sensors of all machines now. */
  readSensors(): Promise<void>;
  /** One look for machines that have to be booted again. */
  retryBoots(): Promise<void>;
  /** Writes boot files that are missing on this machine, now. */
  restoreLocalState(): Promise<void>;
  /** Forgets conductors that have long been gone, now. */
  forgetStaleConductors(): Promise<void>;
  stop(): Promise<void>;
}

/** Takes the lease and makes the conductor; nothing runs before `resume`. */
export async function createConductor(options: ConductorOptions): Promise<Conductor> {
  const { config, log } = options;
  const catalog = createCatalog(options.drivers, config());
  const { conductor, cluster } = config();
  const lease = await holdLease({
    store: options.store,
    log,
    hostname: conductor.host,
    conductorGroup: conductor.conductor_group,
    drivers: catalog.names,
    internalUrl: options.cluster?.internalUrl ?? null,
    durationSeconds: conductor.lease_duration_seconds,
    marginSeconds: conductor.lease_safety_margin_seconds,
    renewEverySeconds: conductor.heartbeat_interval,
    onFenced: options.onFenced,
  });
  const store = fencedStore(options.store, lease);
  const { hostname } = lease;
  const members =
    options.cluster?.members ??
    soleMember({ hostname, conductorGroup: conductor.conductor_group, drivers: catalog.names });
  const wakeUps = options.cluster?.wakeUps ?? noWakeUps;
  if (options.cluster === undefined) {
    await store.transaction((trx) => fenceAllOthers(trx, hostname));
  }
  await members.refresh();
  wakeUps.tell();
  const timeline = createTimelineWriter(store, log, () => config().timeline.max_entries_per_node);
  const locks = createNodeLocks(store, config, lease.hostname);
  const context: EngineContext = {
    store,
    config,
    log,
    lease,
    members,
    wake: () => wakeUps.tell(),
    timeline,
    locks,
    interfacesOf: (node) => catalog.interfacesOf(node),
    watchBoundary: options.watchBoundary,
    observer: options.observer,
    tracing: options.tracing,
    // The doors are made over this context, and the rules over the doors.
    changeRules: {
      node: (node, values) => changeRules.node(node, values),
      port: (port, node, values) => changeRules.port(port, node, values),
    },
  };
  const engine = createEngine(context);
  const allocator = createAllocator(context);
  const background = createBackground(log, () => config().conductor.workers_pool_size);
  const doors: Doors = {
    start: { ...createStartDoor(context, engine), allocate: (id) => allocator.begin(id) },
    call: createCallDoor(context, catalog, createVendorDoor(context, catalog, background)),
    signal: createSignalDoor(context, engine),
  };
  const changeRules = options.changeRules({ store, config, doors });
  await locks.releaseAbandoned();
  const powerSyncTask = powerSync(context);
  const powerRecoveryTask = powerRecovery(context);
  const housekeepingTask = housekeeping(context);
  const lostWorkTask = lostWork(engine, locks, conductor.check_provision_state_interval);
  const sensorDataTask = sensorData(context, options.tellSensors ?? (() => {}));
  const bootRetryTask = bootRetry(context);
  const localStateTask = localState(
    context,
    options.boot?.bootRecords,
    options.boot && createServedFolders(options.boot.bootFiles),
  );
  const staleConductorsTask = staleConductors(context);
  const consoleTask = consoleRestore(context);
  const consoleExpiryTask = consoleExpiry(context, doors.start);
  const vifRepairTask = vifRepair(context);
  const switchPortRepairTask = switchPortRepair(context);
  const hostReportsTask = hostReports(context, options.tellHosts);
  const powerUpdatesTask = powerUpdates(context, options.tellPower);
  const periodic = startPeriodicTasks(
    [
      callbackTimeouts(engine, conductor.check_provision_state_interval),
      powerSyncTask,
      powerRecoveryTask,
      housekeepingTask,
      lostWorkTask,
      lostAllocations(allocator, conductor.check_allocations_interval),
      bootRetryTask,
      sensorDataTask,
      localStateTask,
      staleConductorsTask,
      consoleTask,
      consoleExpiryTask,
      vifRepairTask,
      switchPortRepairTask,
      hostReportsTask,
      powerUpdatesTask,
      ...(options.boot === undefined ? [] : [imageCache(options.boot.fileCache, config)]),
    ],
    log,
  );
  const isSole = options.cluster === undefined;
  const adoptions = new AbortController();
  let restoring: Promise<void> = Promise.resolve();

  /** Goes on with what was left; machines that wait for it find their files here as soon as they can be written. */
  async function takeOver(): Promise<void> {
    const taken = await engine.takeOver(({ node }) => isSole || members.ownerOf(node) === hostname);
    if (taken > 0) {
      restoring = restoring
        .then(() => localStateTask.run(adoptions.signal))
        .catch((error: unknown) => {
          if (!adoptions.signal.aborted) {
            log.error({ err: error }, 'Boot files could not be looked after; the next look does it.');
          }
        });
    }
  }

  let watch: ReturnType<typeof watchMembers> | undefined;
  return {
    doors,
    catalog,
    recordEvidence(machine, evidence) {
      const found =
        'node' in machine
          ? findNode(store.read, machine.node).then((node) => node?.id)
          : nodeIdOfAddress(store.read, machine.address);
      found
        .then((nodeId) => {
          if (nodeId !== undefined) {
            timeline.add(nodeId, evidence);
          }
        })
        .catch((error: unknown) => log.error({ err: error, ...machine }, 'Boot evidence could not be recorded.'));
    },
    async resume() {
      try {
        await takeOver();
        await engine.admit();
        await allocator.resumeAll();
      } catch (error) {
        if (isSole || !(error instanceof StoreUnavailableError)) {
          throw error;
        }
        // The lease is kept meanwhile, and the looks from here on take up the rest.
        log.warn({ reason: error.message }, 'What was left is taken up when the database is back.');
      }
      watch =
        options.cluster === undefined
          ? undefined
          : watchMembers({
              members,
              wakeUps,
              pollSeconds: cluster.poll_interval,
              log,
              async onLook() {
                const fenced = await fenceExpired(store, hostname);
                if (fenced.length > 0) {
                  log.warn({ conductors: fenced }, 'Conductors did not renew their leases; their work is taken over.');
                  await members.refresh();
                  wakeUps.tell();
                }
                await takeOver();
                await engine.admit();
                await locks.releaseAbandoned();
              },
            });
    },
    syncPower: () => powerSyncTask.run(),
    recoverPower: () => powerRecoveryTask.run(),
    keepHouse: () => housekeepingTask.run(),
    failOverdue: () => engine.failOverdue(),
    restoreConsoles: () => consoleTask.run(),
    expireConsoles: () => consoleExpiryTask.run(),
    repairVifs: () => vifRepairTask.run(),
    repairSwitchPorts: () => switchPortRepairTask.run(),
    tellHosts: () => hostReportsTask.run(),
    tellPower: () => powerUpdatesTask.run(),
    findLostWork: () => lostWorkTask.run(),
    readSensors: () => sensorDataTask.run(),
    retryBoots: () => bootRetryTask.run(),
    restoreLocalState: () => localStateTask.run(),
    forgetStaleConductors: () => staleConductorsTask.run(),
    async stop() {
      await watch?.stop();
      adoptions.abort();
      await Promise.all([periodic.stop(), restoring]);
      await allocator.stop();
      const seconds = config().conductor.graceful_shutdown_timeout;
      await Promise.all([engine.stop(seconds), background.stop(seconds)]);
      await timeline.flush();
      await lease.release();
      wakeUps.tell();
    },
  };
}
