// The chaos harness: APIs and conductors on PostgreSQL with a fleet that is deployed without end, while everything is killed.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Effect,
  enrolFleet,
  fleetInstance,
  fleetSettings,
  freePort,
  seededRandom,
  startFleet,
} from '@wrought/lab';
import { startPostgres } from '../../packages/server/test/support/postgres-server.ts';
import { type Node, openInstallation } from '../cluster/installation.ts';
import { countTakeOvers, eventPlace, installAudit, setDatabaseClock } from './audit.ts';
import { startEventWitness } from './event-witness.ts';
import { faultsOn } from './faults.ts';
import { checkEvents, watchInvariants } from './invariants.ts';
import { startProxy } from './proxy.ts';
import { canMount, mountSmallDisk } from './small-disk.ts';
import { type Role, type Supervised, supervise } from './supervisor.ts';
import { callAny, startWorkload } from './workload.ts';

export interface ChaosOptions {
  readonly nodes: number;
  readonly seconds: number;
  readonly seed: number;
  readonly apis: number;
  readonly conductors: number;
  readonly say: (line: string) => void;
}

export interface ChaosReport {
  /** Faults that struck, by name. */
  readonly faults: Readonly<Record<string, number>>;
  /** Faults that met no process, as all of a kind were down just then. */
  readonly missed: number;
  readonly asked: Readonly<Record<string, number>>;
  readonly refused: Readonly<Record<string, number>>;
  readonly looks: { readonly api: number; readonly database: number };
  readonly effects: { readonly all: number; readonly imagesWritten: number; readonly writtenTwice: number };
  readonly events: {
    readonly told: number;
    readonly again: number;
    readonly batchesRefused: number;
    /** Changes of state of which each was seen to follow upon the one before. */
    readonly changes: number;
  };
  readonly takenOver: number;
  /** Seconds: work that was nobody's, a node on its way from one resting state to the next. */
  readonly longest: { readonly unowned: number; readonly onItsWay: number };
  readonly ends: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
  /** The logs of the processes, for a violation. */
  readonly logs: Readonly<Record<string, string>>;
}

const LEASE_SECONDS = 8;
const INVARIANT_LOOK_MILLISECONDS = 500;
/** How long nothing at all may happen, after the last fault, before what is left counts as stuck. */
const STUCK_SECONDS = 120;
/** Between faults: long enough that work goes on, short enough that it is always disturbed. */
const PAUSE_SECONDS = { least: 1.5, most: 4 };
/** The database keeps all that happened, beside a log of at most `max_wal_size`. */
const DATABASE_DISK_MEBIBYTES = 3072;
const PROCESS_DISK_MEBIBYTES = 64;

const settings = [
  ...fleetSettings,
  'conductor.max_concurrent_deploy=40',
  'conductor.max_concurrent_clean=40',
  'conductor.on_restart=resume',
  // An agent whose heartbeat got lost sends the next one soon.
  'api.ramdisk_heartbeat_timeout=15',
  'events.sinks=["webhook"]',
  'events.retry_maximum=5',
];

const resting = (node: Node) =>
  ['available', 'active', 'manageable', 'enroll'].includes(node.provision_state) && node.reservation === null;

/** Waits until nothing is left, or until what is left has not changed for so long that it is stuck. */
async function settle(left: () => Promise<string>): Promise<void> {
  let before = '';
  for (let since = performance.now(); performance.now() < since + STUCK_SECONDS * 1000; await sleep(500)) {
    const now = await left();
    if (now === '') {
      return;
    }
    since = now === before ? since : performance.now();
    before = now;
  }
}

/** Runs it; what it found is in the report. @throws what kept it from being run at all */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { nodes: total, say } = options;
  const random = seededRandom(options.seed, 'chaos');
  // Everything that was begun is ended, the last first, whichever of it fails.
  await using cleanUp = new AsyncDisposableStack();
  function disk(mebibytes: number) {
    const mounted = mountSmallDisk(mebibytes);
    cleanUp.defer(() => mounted.remove());
    return mounted;
  }
  const disks = canMount()
    ? { processes: disk(PROCESS_DISK_MEBIBYTES), database: disk(DATABASE_DISK_MEBIBYTES) }
    : undefined;
  if (disks === undefined) {
    say('Not root: no disk becomes full.');
  }
  const postgres = await startPostgres(disks?.database.directory);
  cleanUp.defer(() => postgres.remove());
  const database = await postgres.createDatabase();
  const proxy = await startProxy(postgres.directory);
  cleanUp.defer(() => proxy.close());
  const witness = await startEventWitness();
  cleanUp.defer(() => witness.close());
  const through = database.replace(encodeURIComponent(postgres.directory), encodeURIComponent(proxy.directory));
  const site = await openInstallation(through, disks?.processes.directory);
  cleanUp.defer(() => site.close());
  const processes: Supervised[] = [];
  cleanUp.defer(async () => {
    for (const process of processes) {
      process.present()?.child.kill('SIGCONT');
    }
    await Promise.all(processes.map((process) => process.stop()));
  });
  const apis = () => processes.filter(({ role }) => role === 'api').flatMap((each) => each.present()?.url ?? []);

  const sink = `events.webhook_url=${witness.url}`;
  async function begin(role: Role, first: number, last: number): Promise<void> {
    for (let index = first; index <= last; index += 1) {
      // Agents know the APIs by their addresses: one that comes back has the port that it had.
      const listen = role === 'api' ? [`api.listen=127.0.0.1:${await freePort()}`] : [];
      const given = [...settings, sink, ...listen];
      processes.push(await supervise(site, role, `${role}-${index}`, given, postgres.directory));
    }
  }
  await begin('api', 1, 1);
  // The schema is there now; whoever connects from here on asks the clock of the audit.
  await installAudit(database);
  proxy.cut();
  await begin('conductor', 1, options.conductors);
  await begin('api', 2, options.apis);

  const effects: Effect[] = [];
  const fleet = await startFleet({
    machines: total,
    seed: options.seed,
    apis: apis(),
    bootSeconds: { least: 0.2, most: 1 },
    stepSeconds: { least: 0.1, most: 0.6 },
    onEffect: (effect) => effects.push(effect),
  });
  cleanUp.defer(() => fleet.close());
  const firstEvent = await eventPlace(database, 'webhook');
  await enrolFleet(
    {
      async call<Body>(method: string, path: string, body?: unknown) {
        const answer = await callAny(apis(), method, path, body);
        if (answer === undefined || answer.status >= 300) {
          throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
        }
        return answer.body as Body;
      },
    },
    fleet,
  );
  say(`${total} nodes are enrolled; ${options.apis} APIs, ${options.conductors} conductors.`);

  const invariants = watchInvariants(database);
  cleanUp.defer(() => invariants.close());
  const watching = new AbortController();
  cleanUp.defer(() => watching.abort());
  const watch = (async () => {
    while (!watching.signal.aborted) {
      await invariants.look();
      await sleep(INVARIANT_LOOK_MILLISECONDS, undefined, { signal: watching.signal }).catch(() => {});
    }
  })();
  const workload = startWorkload(total, apis, fleetInstance(fleet), resting);
  cleanUp.defer(() => workload.finish());

  const faults = faultsOn({
    random,
    leaseSeconds: LEASE_SECONDS,
    processes,
    postgres,
    database,
    proxy,
    witness,
    disks,
  });
  const names = Object.keys(faults);
  const struck: Record<string, number> = {};
  let missed = 0;
  const end = performance.now() + options.seconds * 1000;
  while (performance.now() < end) {
    await sleep((PAUSE_SECONDS.least + random() * (PAUSE_SECONDS.most - PAUSE_SECONDS.least)) * 1000);
    const name = names[Math.floor(random() * names.length)] as string;
    say(`${Math.round((end - performance.now()) / 1000)} s left: ${name}`);
    if (await faults[name]?.()) {
      struck[name] = (struck[name] ?? 0) + 1;
    } else {
      missed += 1;
    }
  }
  // On a slow machine no node may be as far when the faults are over, and deployments are what this is about.
  await settle(async () => ((workload.asked.active ?? 0) > 0 ? '' : JSON.stringify(workload.asked)));
  await workload.finish();
  await setDatabaseClock(database, 0);
  say('No more faults; every node goes on to its goal.');
  await settle(async () => {
    const fields = 'fields=uuid,provision_state,reservation,last_error&limit=1000';
    const listed = await callAny(apis(), 'GET', `/v1/nodes?${fields}`);
    return listed?.status === 200
      ? JSON.stringify(listed.body.nodes.filter((node: Node) => !resting(node))).replace('[]', '')
      : 'no answer';
  });
  watching.abort();
  await watch;
  await invariants.atRest();
  await settle(async () => (await checkEvents(database, witness, firstEvent)).violations.join('\n'));
  const events = await checkEvents(database, witness, firstEvent);

  const ends: Record<string, number> = {};
  for (const process of processes) {
    for (const [how, count] of process.ends) {
      ends[`${process.role}: ${how}`] = (ends[`${process.role}: ${how}`] ?? 0) + count;
    }
  }
  const written = effects.filter(({ what }) => what === 'write_image').map(({ key }) => key);
  const writtenTwice = written.length - new Set(written).size;
  const { count, incomplete } = workload.looks();
  const { again, refused: batchesRefused } = witness.counts();
  return {
    faults: struck,
    missed,
    asked: workload.asked,
    refused: workload.refused,
    looks: { api: count, database: invariants.looks() },
    effects: { all: effects.length, imagesWritten: written.length, writtenTwice },
    events: { told: witness.told.size, again, batchesRefused, changes: events.changes },
    takenOver: await countTakeOvers(database),
    longest: { unowned: invariants.longestUnowned(), onItsWay: workload.longestOnItsWay() },
    ends,
    violations: [
      ...new Set(invariants.violations),
      ...events.violations,
      ...(writtenTwice > 0 ? [`${writtenTwice} images were written twice for one step`] : []),
      ...(incomplete > 0 ? [`${incomplete} of ${count} lists missed a node`] : []),
    ],
    logs: Object.fromEntries(processes.map((process) => [process.name, process.log()])),
  };
}
