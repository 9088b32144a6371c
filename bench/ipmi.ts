// Benchmark of IPMI: the power of thousands of simulated BMCs, asked by the library, by ipmitool and by a whole server.
// Usage: node bench/ipmi.ts [--bmcs N] [--only library|ipmitool|server] [--output FILE]
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import type { Node } from '@wrought/contract';
import { createClient, getChassisStatus, type Session } from '@wrought/ipmi';
import { openInstallation } from '../test/cluster/installation.ts';
import { environmentLine } from './support/environment.ts';
import { fillNodes } from './support/fill-nodes.ts';
import { cpuMilliseconds, memory } from './support/process-figures.ts';
import { percentile } from './support/statistics.ts';
import { figure, type Row, table } from './support/table.ts';
import { inTemporaryDirectory } from './support/temporary.ts';

const PORT = 6230;
const SILENT_SHARES = [0, 0.05];
const REQUEST_MILLISECONDS = 10_000;
const IPMITOOL_CALLS = 48;
const IPMITOOL_AT_ONCE = 8;
const SYNC_INTERVAL_SECONDS = 60;
const LOOK_MILLISECONDS = 500;
const PATIENCE_MILLISECONDS = 180_000;
const credentials = { port: PORT, userName: 'admin', password: 'secret12', suites: [17] };

interface Place {
  readonly address: string;
  readonly isSilent: boolean;
}

/** Starts the BMCs in a process of their own. */
async function startBmcs(count: number, silentShare: number): Promise<{ child: ChildProcess; places: Place[] }> {
  const script = fileURLToPath(new URL('support/bmc-process.ts', import.meta.url));
  const child = fork(script, [String(count), String(silentShare)]);
  const [places] = (await once(child, 'message')) as [Place[]];
  return { child, places };
}

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
  for (const share of SILENT_SHARES) {
    const { child, places } = await startBmcs(count, share);
    const client = createClient();
    try {
      global.gc?.();
      const before = process.memoryUsage();
      const sessions = places.map(({ address, isSilent }) => ({
        session: client.session({ ...credentials, host: address, timeout: REQUEST_MILLISECONDS }),
        isSilent,
      }));
      for (const kind of ['a new session each', 'sessions reused']) {
        const { wall, failed, cpuPerBmc, p99 } = await askAll(sessions);
        global.gc?.();
        const now = process.memoryUsage();
        const kilobytes = (now.heapUsed + now.external - before.heapUsed - before.external) / 1024 / count;
        rows.push({
          [`${count} BMCs at once`]: `${share * 100} % silent, ${kind}`,
          'wall s': figure(wall / 1000),
          'healthy p99 ms': figure(p99),
          'healthy failed': String(failed),
          'CPU ms/BMC': figure(cpuPerBmc),
          'KB/session': figure(kilobytes),
        });
      }
    } finally {
      await client.close();
      child.disconnect();
    }
  }
  return rows;
}

async function ipmitool(): Promise<Row[]> {
  const { child, places } = await startBmcs(IPMITOOL_AT_ONCE, 0);
  const run = promisify(execFile);
  const call = (address: string) =>
    run('ipmitool', [
      ...['-I', 'lanplus', '-C', '17', '-H', address, '-p', String(PORT), '-U', 'admin', '-P', 'secret12'],
      ...['chassis', 'power', 'status'],
    ]);
  const rows: Row[] = [];
  try {
    for (const atOnce of [1, IPMITOOL_AT_ONCE]) {
      const cpu = cpuMilliseconds([process.pid]);
      const others = cpuMilliseconds([child.pid as number]);
      const begin = performance.now();
      for (let done = 0; done < IPMITOOL_CALLS; done += atOnce) {
        await Promise.all(places.slice(0, atOnce).map(({ address }) => call(address)));
      }
      const wall = performance.now() - begin;
      const simulator = cpuMilliseconds([child.pid as number]) - others;
      rows.push({
        'ipmitool, a process a call': `${atOnce} at a time`,
        'wall ms/call': figure(wall / IPMITOOL_CALLS),
        'calls/s': figure((IPMITOOL_CALLS * 1000) / wall),
        // The simulator is a child of this process, too.
        'CPU ms/call': figure((cpuMilliseconds([process.pid]) - cpu - simulator) / IPMITOOL_CALLS),
      });
    }
  } finally {
    child.disconnect();
  }
  return rows;
}

/** A whole server whose power sync looks at every BMC; all machines are switched on behind its back. */
async function server(count: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const share of SILENT_SHARES) {
    const row = await inTemporaryDirectory('ipmi', async (directory) => {
      const { child, places } = await startBmcs(count, share);
      const site = await openInstallation('', directory);
      try {
        const settings = [
          'drivers.enabled=["ipmi"]',
          `database.path=${join(directory, 'many.db')}`,
          `conductor.sync_power_state_interval=${SYNC_INTERVAL_SECONDS}`,
          'conductor.lease_duration_seconds=30',
          'conductor.power_state_sync_max_retries=1000',
          'conductor.force_power_state_during_sync=false',
          'ipmi.command_retry_timeout=10',
        ];
        const info = ({ address }: Place) => ({
          ipmi_address: address,
          ipmi_port: PORT,
          ipmi_username: credentials.userName,
          ipmi_password: credentials.password,
          ipmi_cipher_suite: '17',
        });
        const first = await site.start('serve', 'all', settings);
        const [pattern] = await site.createNodes(first, 1, { driver: 'ipmi' });
        await site.end(first);
        await fillNodes(join(directory, 'many.db'), pattern as unknown as Node, count, (at) =>
          info(places[at] as Place),
        );
        const running = await site.start('serve', 'all', settings);
        await sleep(SYNC_INTERVAL_SECONDS * 1000);
        const healthy = places.filter(({ isSilent }) => !isSilent).length;
        const pids = [running.child.pid as number];
        const cpu = cpuMilliseconds(pids);
        const simulatorCpu = cpuMilliseconds([child.pid as number]);
        const begin = performance.now();
        child.send('on');
        const noticed: number[] = [];
        while (noticed.length < healthy && performance.now() - begin < PATIENCE_MILLISECONDS) {
          await sleep(LOOK_MILLISECONDS);
          let on = 0;
          for (let path: string | undefined = '/v1/nodes?limit=1000&fields=uuid,power_state'; path !== undefined; ) {
            const { body } = await site.call(running, 'GET', path);
            on += (body.nodes as Node[]).filter(({ power_state }) => power_state === 'power on').length;
            path = body.next === undefined ? undefined : body.next.replace(running.url, '');
          }
          while (noticed.length < on) noticed.push((performance.now() - begin) / 1000);
        }
        const sorted = Float64Array.from(noticed).sort();
        const seconds = (performance.now() - begin) / 1000;
        return {
          [`${count} BMCs, a round is ${SYNC_INTERVAL_SECONDS} s`]: `${share * 100} % silent`,
          'noticed p50 s': figure(percentile(sorted, 0.5)),
          'last s': figure(percentile(sorted, 1)),
          'not noticed': String(healthy - noticed.length),
          'server CPU': `${figure((cpuMilliseconds(pids) - cpu) / (seconds * 10))} % of a core`,
          'simulator CPU': `${figure((cpuMilliseconds([child.pid as number]) - simulatorCpu) / (seconds * 10))} %`,
          'resident MB': figure(memory(pids).residentMegabytes),
        };
      } finally {
        await site.close();
        child.disconnect();
      }
    });
    rows.push(row);
  }
  return rows;
}

const { values } = parseArgs({
  options: {
    bmcs: { type: 'string', default: '10000' },
    only: { type: 'string' },
    output: { type: 'string' },
  },
});
const count = Number(values.bmcs);
const scenarios = { library: () => library(count), ipmitool, server: () => server(count) } as const;
console.log(`Benchmark of IPMI. ${environmentLine()}`);
const all: Record<string, Row[]> = {};
for (const [name, run] of Object.entries(scenarios)) {
  if (values.only === undefined || values.only === name) {
    const rows = await run();
    all[name] = rows;
    console.log(`\n${table(rows)}`);
  }
}
if (values.output !== undefined) writeFileSync(values.output, JSON.stringify(all, null, 2));
