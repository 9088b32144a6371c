// Benchmark of Redfish: power and health of thousands of simulated services, asked by the library, by sushy and by a whole server.
// Usage: node bench/redfish.ts [--services N] [--only library|sushy|server] [--output FILE]
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Client, createClient, readSystem } from '@wrought/redfish';
import { collectGarbage } from './support/collect-garbage.ts';
import { bmcUser, type Faults, namesOf, startMachines } from './support/machines-process.ts';
import { powerRound, redfishRound } from './support/power-round.ts';
import { runScenarios, scenarioOptions } from './support/scenarios.ts';
import { percentile } from './support/statistics.ts';
import { figure, type Row } from './support/table.ts';

const FAULTS: readonly Faults[] = [{}, { silent: 0.05 }, { slow: 0.05 }];
/** For the server also what many real BMCs are like. */
const SERVER_FAULTS: readonly Faults[] = [...FAULTS, { slow: 1 }];
const REQUEST_MILLISECONDS = 10_000;
/** Requests under way: as many as a power sync has that must look at all within seconds. */
const AT_ONCE = 64;
/** What is measured one after the other, and over how many seconds it is spread; 0 for as fast as it goes. */
const LOOKS = [
  ['connections and sessions made', 0],
  ['connections and sessions kept', 0],
  ['kept, asked evenly over 20 s', 20],
] as const;
const SUSHY_SERVICES = 500;
const SYNC_INTERVAL_SECONDS = 60;

interface Service {
  readonly client: Client;
  readonly isHealthy: boolean;
}

/**
 * Asks every service once for power and health: evenly over so many seconds, or, with 0, as fast as it goes with AT_ONCE under way.
 * A silent or slow one begins when it is its turn and then waits beside the others, as the power sync of the server has it.
 */
async function askAll(services: readonly Service[], overSeconds: number) {
  const cpu = process.cpuUsage();
  const begin = performance.now();
  const latencies: number[] = [];
  let failed = 0;
  const ask = async ({ client, isHealthy }: Service) => {
    const asked = performance.now();
    try {
      const system = readSystem(await client.get('/redfish/v1/Systems/1', { select: ['Id', 'PowerState', 'Status'] }));
      if (system.powerState === undefined || system.status.health === undefined) throw new Error('told nothing');
      if (isHealthy) latencies.push(performance.now() - asked);
    } catch (error) {
      if (isHealthy) failed += 1;
      if (!(error instanceof Error)) throw error;
    }
  };
  const left = services.entries();
  const others: Promise<void>[] = [];
  const askInTurn = async () => {
    for (const [index, service] of left) {
      const early = begin + (overSeconds * 1000 * index) / services.length - performance.now();
      if (early > 0) await sleep(early);
      if (service.isHealthy) await ask(service);
      else others.push(ask(service));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, askInTurn));
  const wall = performance.now() - begin;
  await Promise.all(others);
  const { user, system } = process.cpuUsage(cpu);
  const sorted = Float64Array.from(latencies).sort();
  return {
    wall,
    failed,
    cpuPerService: (user + system) / 1000 / services.length,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
  };
}

async function library(count: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const faults of FAULTS) {
    const { places, end } = await startMachines('redfish', count, faults);
    const resident = () => {
      collectGarbage();
      return process.memoryUsage().rss;
    };
    const before = resident();
    const services = places.map(({ address, fault }) => ({
      isHealthy: fault === null,
      client: createClient({
        url: address,
        userName: bmcUser.userName,
        password: bmcUser.password,
        tls: { trust: 'any-certificate' },
        timeoutMilliseconds: REQUEST_MILLISECONDS,
        maximumAttempts: 1,
        keepAliveMilliseconds: 600_000,
      }),
    }));
    try {
      for (const [kind, overSeconds] of LOOKS) {
        const { wall, failed, cpuPerService, p50, p99 } = await askAll(services, overSeconds);
        rows.push({
          [`${count} services, ${AT_ONCE} at a time`]: `${namesOf(faults)}, ${kind}`,
          'wall s': figure(wall / 1000),
          'healthy p50 ms': figure(p50),
          'healthy p99 ms': figure(p99),
          'healthy failed': String(failed),
          'CPU ms/service': figure(cpuPerService),
          // Of the first only: the process keeps for the next ones what these gave back.
          'resident KB/service': rows.length < LOOKS.length ? figure((resident() - before) / 1024 / count) : '',
        });
      }
    } finally {
      await Promise.all(services.map(({ client }) => client.close()));
      end();
    }
  }
  return rows;
}

/** Debian's python3-sushy, with its sessions kept, in one process of its own. */
async function sushy(): Promise<Row[]> {
  const { places, end } = await startMachines('redfish', SUSHY_SERVICES, {});
  try {
    const script = fileURLToPath(new URL('support/sushy-power.py', import.meta.url));
    // An environment that names authorities would win over the word that certificates are not checked.
    const { REQUESTS_CA_BUNDLE: _, CURL_CA_BUNDLE: __, ...env } = process.env;
    const stdout = execFileSync('/usr/bin/python3', ['-W', 'ignore', script, bmcUser.userName, bmcUser.password], {
      input: places.map(({ address }) => address).join('\n'),
      encoding: 'utf8',
      env,
    });
    const told = JSON.parse(stdout) as { kind: string; wall: number; cpu: number }[];
    return told.map(({ kind, wall, cpu }) => ({
      [`sushy, ${SUSHY_SERVICES} services one after the other`]: kind,
      'wall s': figure(wall),
      'wall ms/service': figure((wall * 1000) / SUSHY_SERVICES),
      'CPU ms/service': figure((cpu * 1000) / SUSHY_SERVICES),
    }));
  } finally {
    end();
  }
}

/** A whole server whose power sync looks at every service. */
async function server(count: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const faults of SERVER_FAULTS) {
    rows.push(
      await powerRound({
        ...redfishRound,
        title: `${count} Redfish services`,
        count,
        faults,
        // Slow ones take several rounds until each has its session, which is five answers.
        roundsBefore: faults.slow === 1 ? 5 : 1,
        intervalSeconds: SYNC_INTERVAL_SECONDS,
      }),
    );
  }
  return rows;
}

const { values } = parseArgs({ options: { services: { type: 'string', default: '10000' }, ...scenarioOptions } });
const count = Number(values.services);
await runScenarios(
  'Benchmark of Redfish.',
  { library: () => library(count), sushy, server: () => server(count) },
  values,
);
