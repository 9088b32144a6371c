// Benchmark of scale: many deployments at once, the power sync with silent BMCs, several conductors on one database, more nodes.
// Usage: node bench/scale.ts [--only deployments|sync|ipmitool|conductors|growth] [--output FILE]
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fleetSettings } from '@wrought/lab';
import { startPostgres } from '../packages/server/test/support/postgres-server.ts';
import { type Installation, type Node, openInstallation, type Process } from '../test/cluster/installation.ts';
import { growth } from './growth.ts';
import type { Faults } from './support/machines-process.ts';
import { ipmiRound, powerRound } from './support/power-round.ts';
import { cpuMilliseconds, memory } from './support/process-figures.ts';
import { runScenarios, scenarioOptions } from './support/scenarios.ts';
import { percentile } from './support/statistics.ts';
import { figure, type Row } from './support/table.ts';

const DEPLOYMENTS = 1_000;
const LOOK_MILLISECONDS = 100;
const TIMEOUT_MILLISECONDS = 300_000;
const AT_ONCE = 16;

const SYNC_FAKES = 10_000;
const SYNC_IPMITOOL = 200;
const SYNC_INTERVAL_SECONDS = 60;
const FAULTS: readonly Faults[] = [{}, { silent: 0.01 }, { silent: 0.05 }];

const CONDUCTOR_NODES = 300;

async function each<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  const rest = [...items];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let item = rest.shift(); item !== undefined; item = rest.shift()) {
        await work(item);
      }
    }),
  );
}

async function verb(site: Installation, api: Process, nodes: readonly Node[], target: string): Promise<void> {
  await each(nodes, async ({ uuid }) => {
    const { status, body } = await site.call(api, 'PUT', `/v1/nodes/${uuid}/states/provision`, { target });
    if (status !== 202) throw new Error(`${target}: ${status} ${JSON.stringify(body)}`);
  });
}

/** Waits until all nodes are in a state, calling `onLook` with how long each look took. */
async function untilState(
  site: Installation,
  api: Process,
  state: string,
  onLook: (milliseconds: number) => void = () => {},
): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MILLISECONDS;
  for (;;) {
    const begin = performance.now();
    const { body } = await site.call(api, 'GET', '/v1/nodes?limit=1000&fields=uuid,provision_state,last_error');
    onLook(performance.now() - begin);
    const nodes = body.nodes as Node[];
    if (nodes.every(({ provision_state }) => provision_state === state)) return;
    const failed = nodes.find(({ provision_state }) => provision_state.endsWith('failed'));
    if (failed !== undefined) throw new Error(`a node failed: ${failed.last_error}`);
    if (performance.now() > deadline) throw new Error(`not all nodes were ${state} in time`);
    await sleep(LOOK_MILLISECONDS);
  }
}

async function makeAvailable(site: Installation, api: Process, count: number): Promise<Node[]> {
  const nodes: Node[] = [];
  await each([...Array(count).keys()], async () => {
    nodes.push(...(await site.createNodes(api, 1, { automated_clean: false })));
  });
  await verb(site, api, nodes, 'manage');
  await untilState(site, api, 'manageable');
  await verb(site, api, nodes, 'provide');
  await untilState(site, api, 'available');
  return nodes;
}

/** Every deployment is asked for at once; beside them one node is read over and over. */
async function deployments(): Promise<Row[]> {
  const postgres = await startPostgres();
  const rows: Row[] = [];
  try {
    for (const limit of [250, DEPLOYMENTS]) {
      const site = await openInstallation(await postgres.createDatabase());
      try {
        const api = await site.start('serve', 'all', [`conductor.max_concurrent_deploy=${limit}`]);
        const nodes = await makeAvailable(site, api, DEPLOYMENTS);
        const pids = [api.child.pid as number];
        const cpu = cpuMilliseconds(pids);
        const latencies: number[] = [];
        let isDone = false;
        const reading = (async () => {
          while (!isDone) {
            const begin = performance.now();
            await site.call(api, 'GET', `/v1/nodes/${nodes[0]?.uuid}`);
            latencies.push(performance.now() - begin);
            await sleep(5);
          }
        })();
        const begin = performance.now();
        await verb(site, api, nodes, 'active');
        await untilState(site, api, 'active');
        const seconds = (performance.now() - begin) / 1000;
        isDone = true;
        await reading;
        const sorted = Float64Array.from(latencies).sort();
        rows.push({
          [`${DEPLOYMENTS} deployments at once`]: `at most ${limit} under way`,
          'nodes/s': figure(DEPLOYMENTS / seconds),
          'CPU ms/node': figure((cpuMilliseconds(pids) - cpu) / DEPLOYMENTS),
          'GET node p50 ms': figure(percentile(sorted, 0.5)),
          'p99 ms': figure(percentile(sorted, 0.99)),
          'resident MB': figure(memory(pids).residentMegabytes),
        });
      } finally {
        await site.close();
      }
    }
  } finally {
    await postgres.remove();
  }
  return rows;
}

/** How long it takes until every healthy machine was looked at, with some silent BMCs among them. */
async function sync(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const faults of FAULTS) {
    rows.push(
      await powerRound({
        title: `${SYNC_FAKES} fakes`,
        machines: 'fleet',
        count: SYNC_FAKES,
        faults,
        intervalSeconds: SYNC_INTERVAL_SECONDS,
        driver: 'fleet',
        driverInfo: ({ address }) => ({ fleet_address: address }),
        settings: fleetSettings,
      }),
    );
  }
  return rows;
}

/** The same with a process of ipmitool for each look. */
async function ipmitool(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const faults of FAULTS) {
    rows.push(
      await powerRound({
        ...ipmiRound,
        title: `${SYNC_IPMITOOL} BMCs by ipmitool`,
        count: SYNC_IPMITOOL,
        faults,
        intervalSeconds: SYNC_INTERVAL_SECONDS,
        settings: [...ipmiRound.settings, 'ipmi.backend=ipmitool'],
      }),
    );
  }
  return rows;
}

/** Deployments with one, two and three conductors beside one API. */
async function conductors(): Promise<Row[]> {
  const postgres = await startPostgres();
  const rows: Row[] = [];
  try {
    for (const count of [1, 2, 3]) {
      const site = await openInstallation(await postgres.createDatabase());
      try {
        const api = await site.start('api', 'api');
        await Promise.all(
          Array.from({ length: count }, (_, index) => site.start('conductor', `conductor-${index + 1}`)),
        );
        const hosts = async () => (await site.call(api, 'GET', '/v1/drivers')).body.drivers[0]?.hosts.length;
        while ((await hosts()) !== count) await sleep(LOOK_MILLISECONDS);
        const nodes = await makeAvailable(site, api, CONDUCTOR_NODES);
        const begin = performance.now();
        await verb(site, api, nodes, 'active');
        await untilState(site, api, 'active');
        rows.push({
          [`${CONDUCTOR_NODES} deployments`]: `${count} conductors`,
          'nodes/s': figure((CONDUCTOR_NODES * 1000) / (performance.now() - begin)),
        });
      } finally {
        await site.close();
      }
    }
  } finally {
    await postgres.remove();
  }
  return rows;
}

const { values } = parseArgs({ options: scenarioOptions });
await runScenarios('Benchmark of scale.', { deployments, sync, ipmitool, conductors, growth }, values);
