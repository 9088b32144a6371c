// Benchmark of IPMI: the power of thousands of simulated BMCs, asked by the library, by ipmitool and by a whole server.
// Usage: node bench/ipmi.ts [--bmcs N] [--only library|ipmitool|server] [--output FILE]
import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import { createClient, getChassisStatus, type Session } from '@wrought/ipmi';
import { collectGarbage } from './support/collect-garbage.ts';
import { bmcUser, type Faults, namesOf, startMachines } from './support/machines-process.ts';
import { ipmiRound, powerRound } from './support/power-round.ts';
import { cpuMilliseconds } from './support/process-figures.ts';
import { runScenarios, scenarioOptions } from './support/scenarios.ts';
import { percentile } from './support/statistics.ts';
import { figure, type Row } from './support/table.ts';

const FAULTS: readonly Faults[] = [{}, { silent: 0.05 }];
const REQUEST_MILLISECONDS = 10_000;
const IPMITOOL_CALLS = 48;
const IPMITOOL_AT_ONCE = 8;
const SYNC_INTERVAL_SECONDS = 60;
const credentials = { ...bmcUser, suites: [17] };

/** Asks every BMC once, all at the same time. */
async function askAll(sessions: readonly { session: Session; isSilent: boolean }[]) {
  const cpu = process.cpuUsage();
  const begin = performance.now();
  const latencies: number[] = [];
  let failed = 0;
  await Promise.all(
    sessions.map(async ({ session, isSilent }) => {
      const asked = performance.now();
      try {
        await getChassisStatus(session);
        latencies.push(performance.now() - asked);
      } catch (error) {
        if (!isSilent) failed += 1;
        if (!(error instanceof Error)) throw error;
      }
    }),
  );
  const wall = performance.now() - begin;
  const { user, system } = process.cpuUsage(cpu);
  const sorted = Float64Array.from(latencies).sort();
  return { wall, failed, cpuPerBmc: (user + system) / 1000 / sessions.length, p99: percentile(sorted, 0.99) };
}

async function library(count: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const faults of FAULTS) {
    const { places, end } = await startMachines('bmc', count, faults);
    const client = createClient();
    try {
      collectGarbage();
      const before = process.memoryUsage();
      const sessions = places.map(({ address, fault }) => ({
        session: client.session({ ...credentials, host: address, timeout: REQUEST_MILLISECONDS }),
        isSilent: fault === 'silent',
      }));
      for (const kind of ['a new session each', 'sessions reused']) {
        const { wall, failed, cpuPerBmc, p99 } = await askAll(sessions);
        collectGarbage();
        const now = process.memoryUsage();
        const kilobytes = (now.heapUsed + now.external - before.heapUsed - before.external) / 1024 / count;
        rows.push({
          [`${count} BMCs at once`]: `${namesOf(faults)}, ${kind}`,
          'wall s': figure(wall / 1000),
          'healthy p99 ms': figure(p99),
          'healthy failed': String(failed),
          'CPU ms/BMC': figure(cpuPerBmc),
          'KB/session': figure(kilobytes),
        });
      }
    } finally {
      await client.close();
      end();
    }
  }
  return rows;
}

async function ipmitool(): Promise<Row[]> {
  const { pids, places, end } = await startMachines('bmc', IPMITOOL_AT_ONCE, {});
  const run = promisify(execFile);
  const call = (address: string) =>
    run('ipmitool', [
      ...[
        '-I',
        'lanplus',
        '-C',
        '17',
        '-H',
        address,
        '-p',
        String(bmcUser.port),
        '-U',
        bmcUser.userName,
        '-P',
        bmcUser.password,
      ],
      ...['chassis', 'power', 'status'],
    ]);
  const rows: Row[] = [];
  try {
    for (const atOnce of [1, IPMITOOL_AT_ONCE]) {
      const cpu = cpuMilliseconds([process.pid]);
      const others = cpuMilliseconds(pids);
      const begin = performance.now();
      for (let done = 0; done < IPMITOOL_CALLS; done += atOnce) {
        await Promise.all(places.slice(0, atOnce).map(({ address }) => call(address)));
      }
      const wall = performance.now() - begin;
      const simulator = cpuMilliseconds(pids) - others;
      rows.push({
        'ipmitool, a process a call': `${atOnce} at a time`,
        'wall ms/call': figure(wall / IPMITOOL_CALLS),
        'calls/s': figure((IPMITOOL_CALLS * 1000) / wall),
        // The simulator is a child of this process, too.
        'CPU ms/call': figure((cpuMilliseconds([process.pid]) - cpu - simulator) / IPMITOOL_CALLS),
      });
    }
  } finally {
    end();
  }
  return rows;
}

/** A whole server whose power sync looks at every BMC. */
async function server(count: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const faults of FAULTS) {
    rows.push(
      await powerRound({
        ...ipmiRound,
        title: `${count} BMCs`,
        count,
        faults,
        intervalSeconds: SYNC_INTERVAL_SECONDS,
      }),
    );
  }
  return rows;
}

const { values } = parseArgs({ options: { bmcs: { type: 'string', default: '10000' }, ...scenarioOptions } });
const count = Number(values.bmcs);
await runScenarios(
  'Benchmark of IPMI.',
  { library: () => library(count), ipmitool, server: () => server(count) },
  values,
);
