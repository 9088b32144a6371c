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
import { watchInvariants } from './invariants.ts';
import { startProxy } from './proxy.ts';
import { type Supervised, supervise } from './supervisor.ts';
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
  readonly faults: Readonly<Record<string, number>>;
  readonly asked: Readonly<Record<string, number>>;
  readonly refused: Readonly<Record<string, number>>;
  readonly looks: { readonly api: number; readonly database: number };
  readonly effects: { readonly all: number; readonly imagesWritten: number; readonly writtenTwice: number };
  readonly takenOver: number;
  readonly ends: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
  /** The logs of the processes, for a violation. */
  readonly logs: Readonly<Record<string, string>>;
}

const LEASE_SECONDS = 8;
const INVARIANT_LOOK_MILLISECONDS = 500;
const SETTLE_SECONDS = 180;
/** Between faults: long enough that work goes on, short enough that it is always disturbed. */
const PAUSE_SECONDS = { least: 1.5, most: 4 };

const settings = [
  ...fleetSettings,
  'conductor.max_concurrent_deploy=40',
  'conductor.max_concurrent_clean=40',
  'conductor.on_restart=resume',
  // An agent whose heartbeat got lost sends the next one soon.
  'api.ramdisk_heartbeat_timeout=15',
];

const resting = (node: Node) =>
  ['available', 'active', 'manageable', 'enroll'].includes(node.provision_state) && node.reservation === null;

/** Runs it; what it found is in the report, and nothing is thrown for it. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { nodes: total, say } = options;
  const random = seededRandom(options.seed, 'chaos');
  const postgres = await startPostgres();
  const direct = await postgres.createDatabase();
  const proxy = await startProxy(postgres.directory);
  const through = direct.replace(encodeURIComponent(postgres.directory), encodeURIComponent(proxy.directory));
  const site = await openInstallation(through);
  const effects: Effect[] = [];
  const faults: Record<string, number> = {};
  const processes: Supervised[] = [];
  const apis = () => processes.filter(({ role }) => role === 'api').flatMap((each) => each.present()?.url ?? []);

  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;
  const of = (role: Supervised['role']) => pick(processes.filter((each) => each.role === role));

  /** Each fault, and how to do it. */
  const injections: Readonly<Record<string, () => Promise<void>>> = {
    'conductor killed': async () => {
      of('conductor').present()?.child.kill('SIGKILL');
    },
    'API killed': async () => {
      of('api').present()?.child.kill('SIGKILL');
    },
    'conductor stopped in order': async () => {
      of('conductor').present()?.child.kill('SIGTERM');
    },
    'conductor asleep past its lease': async () => {
      const process = of('conductor').present();
      process?.child.kill('SIGSTOP');
      await sleep((LEASE_SECONDS + 3) * 1000);
      process?.child.kill('SIGCONT');
    },
    'conductor asleep for a moment': async () => {
      const process = of('conductor').present();
      process?.child.kill('SIGSTOP');
      await sleep(2_000);
      process?.child.kill('SIGCONT');
    },
    'connections to the database cut': async () => {
      proxy.cut();
    },
    'database crashed': async () => {
      await postgres.kill();
      await sleep(500 + random() * 1_500);
      await postgres.start();
    },
  };

  const invariants = watchInvariants(direct);
  let fleet: Awaited<ReturnType<typeof startFleet>> | undefined;
  try {
    for (let index = 1; index <= options.apis; index += 1) {
      // Agents know the APIs by their addresses: one that comes back has the port that it had.
      const listen = `api.listen=127.0.0.1:${await freePort()}`;
      processes.push(await supervise(site, 'api', `api-${index}`, [...settings, listen]));
    }
    for (let index = 1; index <= options.conductors; index += 1) {
      processes.push(await supervise(site, 'conductor', `conductor-${index}`, settings));
    }
    const addresses = apis();
    fleet = await startFleet({
      machines: total,
      seed: options.seed,
      apis: addresses,
      bootSeconds: { least: 0.2, most: 1 },
      stepSeconds: { least: 0.1, most: 0.6 },
      onEffect: (effect) => effects.push(effect),
    });
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
    const workload = startWorkload(total, apis, fleetInstance(fleet));
    const watching = new AbortController();
    const watch = (async () => {
      while (!watching.signal.aborted) {
        await invariants.look();
        await sleep(INVARIANT_LOOK_MILLISECONDS, undefined, { signal: watching.signal }).catch(() => {});
      }
    })();

    const end = performance.now() + options.seconds * 1000;
    while (performance.now() < end) {
      await sleep((PAUSE_SECONDS.least + random() * (PAUSE_SECONDS.most - PAUSE_SECONDS.least)) * 1000);
      const name = pick(Object.keys(injections));
      say(`${Math.round((end - performance.now()) / 1000)} s left: ${name}`);
      faults[name] = (faults[name] ?? 0) + 1;
      await injections[name]?.();
    }
    await workload.finish();
    say('No more faults; every node goes on to its goal.');
    const settled = performance.now() + SETTLE_SECONDS * 1000;
    while (performance.now() < settled) {
      const listed = await callAny(
        apis(),
        'GET',
        '/v1/nodes?fields=uuid,provision_state,reservation,last_error&limit=1000',
      );
      if (listed?.status === 200 && listed.body.nodes.length === total && listed.body.nodes.every(resting)) {
        break;
      }
      await sleep(500);
    }
    watching.abort();
    await watch;
    await invariants.atRest();
    const ends: Record<string, number> = {};
    for (const process of processes) {
      for (const [how, count] of process.ends) {
        ends[`${process.role}: ${how}`] = (ends[`${process.role}: ${how}`] ?? 0) + count;
      }
    }
    const written = effects.filter(({ what }) => what === 'write_image').map(({ key }) => key);
    const writtenTwice = written.length - new Set(written).size;
    const { count, incomplete } = workload.looks();
    return {
      faults,
      asked: workload.asked,
      refused: workload.refused,
      looks: { api: count, database: invariants.looks() },
      effects: { all: effects.length, imagesWritten: written.length, writtenTwice },
      takenOver: await countTakeOvers(direct),
      ends,
      violations: [
        ...new Set(invariants.violations),
        ...(writtenTwice > 0 ? [`${writtenTwice} images were written twice for one step`] : []),
        ...(incomplete > 0 ? [`${incomplete} of ${count} lists missed a node`] : []),
      ],
      logs: Object.fromEntries(processes.map((process) => [process.name, process.log()])),
    };
  } finally {
    await invariants.close();
    for (const process of processes) {
      process.present()?.child.kill('SIGCONT');
    }
    await Promise.all(processes.map((process) => process.stop()));
    await fleet?.close();
    await site.close();
    await proxy.close();
    await postgres.remove();
  }
}

async function countTakeOvers(url: string): Promise<number> {
  const { Client } = await import('pg');
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ count: string }>("select count(*) from journal where entry = 'recovered'");
  await client.end();
  return Number(rows[0]?.count ?? 0);
}
