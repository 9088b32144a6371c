// What nodes cost as they become more: a page of the list, one node, the power sync, the start, and memory.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Node } from '@wrought/contract';
import { openInstallation, type Process } from '../test/cluster/installation.ts';
import { fillNodes } from './support/fill-nodes.ts';
import { cpuMilliseconds, memory } from './support/process-figures.ts';
import { percentile } from './support/statistics.ts';
import { figure, type Row } from './support/table.ts';
import { inTemporaryDirectory } from './support/temporary.ts';

const SIZES = [1_000, 10_000, 100_000];
const SYNC_INTERVAL_SECONDS = 60;
const READS = 200;

async function milliseconds(server: Process, paths: readonly string[]): Promise<Float64Array> {
  const taken: number[] = [];
  for (const path of paths) {
    const begin = performance.now();
    const answer = await fetch(server.url + path, { headers: { 'X-OpenStack-Ironic-API-Version': 'latest' } });
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
    taken.push(performance.now() - begin);
  }
  return Float64Array.from(taken).sort();
}

async function measure(count: number): Promise<Row> {
  return inTemporaryDirectory('growth', async (directory) => {
    const site = await openInstallation('', directory);
    try {
      const database = join(directory, 'many.db');
      await mkdir(directory, { recursive: true });
      const settings = [
        `database.path=${database}`,
        `conductor.sync_power_state_interval=${SYNC_INTERVAL_SECONDS}`,
        'conductor.lease_duration_seconds=30',
      ];
      const first = await site.start('serve', 'all', settings);
      const [pattern] = await site.createNodes(first, 1);
      await site.end(first);
      await fillNodes(database, pattern as unknown as Node, count, (at) => ({
        address: `10.0.${at >> 8}.${at & 255}`,
      }));
      const begin = performance.now();
      const server = await site.start('serve', 'all', settings);
      const ready = performance.now() - begin;
      const names = Array.from({ length: READS }, (_, at) => `/v1/nodes/node-${(at * 997) % count}`);
      const one = await milliseconds(server, names);
      const { body: marker } = await site.call(server, 'GET', `/v1/nodes/node-${count >> 1}`);
      const page = await milliseconds(
        server,
        Array.from({ length: READS / 10 }, () => `/v1/nodes?limit=1000&marker=${marker.uuid}`),
      );
      const pids = [server.child.pid as number];
      const cpu = cpuMilliseconds(pids);
      await sleep(SYNC_INTERVAL_SECONDS * 1000);
      const perNode = (cpuMilliseconds(pids) - cpu) / count;
      return {
        nodes: String(count),
        'ready s': figure(ready / 1000),
        'GET one p50 ms': figure(percentile(one, 0.5)),
        'page of 1000 p50 ms': figure(percentile(page, 0.5)),
        'CPU ms/node and round': figure(perNode),
        'of one core': `${figure((perNode * count) / (SYNC_INTERVAL_SECONDS * 10))} %`,
        'resident MB': figure(memory(pids).residentMegabytes),
      };
    } finally {
      await site.close();
    }
  });
}

/** One row for each size; the power sync is read over a whole round on fakes. */
export async function growth(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const size of SIZES) rows.push(await measure(size));
  return rows;
}
