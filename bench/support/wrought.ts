// Wrought as it is started by hand: one process, SQLite, the fake driver.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, startChild } from '@wrought/lab';
import { walkPages } from './api-client.ts';
import type { Generator } from './generator.ts';
import { type Installation, type Server, type Subject, waitForAnswer } from './subject.ts';

const program = fileURLToPath(new URL('../../bin/wrought', import.meta.url));

const CREATE_CONNECTIONS = 8;
const POPULATE_TIMEOUT_MILLISECONDS = 120_000;

async function start(directory: string): Promise<Server> {
  const port = await freePort();
  const begin = performance.now();
  const args = ['serve', '--data-dir', join(directory, 'data'), '--listen', `127.0.0.1:${port}`];
  for (const value of [
    'api.auth=none',
    'drivers.enabled=["fake-hardware"]',
    // Both servers are measured without the periodic look at every node's power state.
    'conductor.sync_power_state_interval=0',
  ]) {
    args.push('--set', value);
  }
  const child = startChild('wrought', program, args, join(directory, 'wrought.log'));
  await waitForAnswer(port, '/v1', [child]);
  const readyMilliseconds = performance.now() - begin;
  await waitForAnswer(port, '/v1/drivers/fake-hardware', [child]);
  return {
    host: '127.0.0.1',
    port,
    serverPids: [child.pid],
    databasePids: [],
    readyMilliseconds,
    usableMilliseconds: performance.now() - begin,
    stop: () => child.stop(),
  };
}

async function populate(server: Server, generator: Generator, nodes: number): Promise<void> {
  const existing = await walkPages(server, '/v1/nodes?limit=1000&fields=uuid');
  const missing = nodes - existing.nodes.length;
  if (missing <= 0) return;
  const result = await generator.run({
    host: server.host,
    port: server.port,
    mode: 'keep-alive',
    connections: CREATE_CONNECTIONS,
    durationMilliseconds: POPULATE_TIMEOUT_MILLISECONDS,
    maxRequests: missing,
    requests: [{ method: 'POST', path: '/v1/nodes', body: '{"driver": "fake-hardware"}' }],
  });
  if (result.count !== missing || result.failed.length > 0) {
    throw new Error(`${missing} nodes were to be created: ${result.count} answers, ${JSON.stringify(result.failures)}`);
  }
}

export const wrought: Subject = {
  name: 'wrought',
  title: 'Wrought',
  modes: ['keep-alive', 'close'],
  async install(directory): Promise<Installation> {
    return { setupMilliseconds: 0, start: () => start(directory), populate, close: async () => undefined };
  },
};
