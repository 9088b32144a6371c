// The whole life of nodes on the fake driver: enroll, manage, provide, deploy, delete, all nodes together, verb by verb.
import { setTimeout as sleep } from 'node:timers/promises';
import { getNodes } from './api-client.ts';
import type { Generator } from './generator.ts';
import type { LoadRequest } from './load.ts';
import { serverCpu } from './measure.ts';
import type { Server } from './subject.ts';

const CONNECTIONS = 8;
const RESOURCE_CLASS = 'bench-life-cycle';
const STEP_TIMEOUT_MILLISECONDS = 180_000;
const RETRY_PAUSE_MILLISECONDS = 50;

/** Asking how far the nodes are takes at most a fifth of the time, whatever one answer costs. */
const POLL_PAUSE_FACTOR = 4;
const POLL_PAUSE_LEAST_MILLISECONDS = 5;

const steps = [
  { verb: 'manage', reached: 'manageable' },
  { verb: 'provide', reached: 'available' },
  { verb: 'active', reached: 'active' },
  { verb: 'deleted', reached: 'available' },
] as const;

export interface LifeCycle {
  readonly nodes: number;
  readonly nodesPerSecond: number;
  readonly cpuMillisecondsPerNode: number;
  readonly databaseCpuMillisecondsPerNode: number;
  /** Requests that were refused (409, 503) and sent again. */
  readonly retries: number;
  readonly secondsByVerb: Readonly<Record<string, number>>;
}

/** Sends the requests; those that were refused again, until the time is over. Returns how many were sent twice. */
async function sendAll(server: Server, generator: Generator, requests: readonly LoadRequest[]): Promise<number> {
  const deadline = performance.now() + STEP_TIMEOUT_MILLISECONDS;
  let retries = 0;
  for (let remaining = requests; remaining.length > 0; ) {
    const result = await generator.run({
      host: server.host,
      port: server.port,
      mode: 'keep-alive',
      connections: CONNECTIONS,
      durationMilliseconds: STEP_TIMEOUT_MILLISECONDS,
      maxRequests: remaining.length,
      requests: remaining,
    });
    const refused = result.failed.flatMap((number) => remaining[number] ?? []);
    const statuses = Object.keys(result.failures);
    if (performance.now() > deadline || statuses.some((status) => status !== '409' && status !== '503')) {
      throw new Error(`${remaining[0]?.method} ${remaining[0]?.path} and others: ${JSON.stringify(result.failures)}`);
    }
    retries += refused.length;
    remaining = refused;
    if (remaining.length > 0) await sleep(RETRY_PAUSE_MILLISECONDS);
  }
  return retries;
}

async function waitForState(server: Server, state: string, count: number): Promise<void> {
  const deadline = performance.now() + STEP_TIMEOUT_MILLISECONDS;
  const path = `/v1/nodes?resource_class=${RESOURCE_CLASS}&limit=1000&fields=uuid,provision_state,last_error`;
  for (;;) {
    const begin = performance.now();
    const { nodes } = await getNodes(server, path);
    if (nodes.length === count && nodes.every(({ provision_state }) => provision_state === state)) return;
    const broken = nodes.find(
      ({ provision_state }) => provision_state?.endsWith('failed') || provision_state === 'error',
    );
    if (broken !== undefined) {
      throw new Error(`node ${broken.uuid} went to ${broken.provision_state}: ${broken.last_error}`);
    }
    const now = performance.now();
    if (now > deadline) throw new Error(`not all of ${count} nodes were ${state} in ${STEP_TIMEOUT_MILLISECONDS} ms`);
    await sleep(Math.max(POLL_PAUSE_LEAST_MILLISECONDS, (now - begin) * POLL_PAUSE_FACTOR));
  }
}

/** Creates nodes (unmeasured) and takes them through their life; throws when one of them fails. */
export async function lifeCycle(server: Server, generator: Generator, count: number): Promise<LifeCycle> {
  const body = JSON.stringify({ driver: 'fake-hardware', network_interface: 'noop', resource_class: RESOURCE_CLASS });
  await sendAll(
    server,
    generator,
    Array.from({ length: count }, () => ({ method: 'POST', path: '/v1/nodes', body })),
  );
  const { nodes } = await getNodes(server, `/v1/nodes?resource_class=${RESOURCE_CLASS}&limit=1000&fields=uuid`);
  const secondsByVerb: Record<string, number> = {};
  let retries = 0;
  const cpuBefore = serverCpu(server);
  const begin = performance.now();
  for (const { verb, reached } of steps) {
    const stepBegin = performance.now();
    retries += await sendAll(
      server,
      generator,
      nodes.map(({ uuid }) => ({
        method: 'PUT',
        path: `/v1/nodes/${uuid}/states/provision`,
        body: JSON.stringify({ target: verb }),
      })),
    );
    await waitForState(server, reached, count);
    secondsByVerb[verb] = (performance.now() - stepBegin) / 1000;
  }
  const seconds = (performance.now() - begin) / 1000;
  const cpuAfter = serverCpu(server);
  return {
    nodes: count,
    nodesPerSecond: count / seconds,
    cpuMillisecondsPerNode: (cpuAfter.all - cpuBefore.all) / count,
    databaseCpuMillisecondsPerNode: (cpuAfter.database - cpuBefore.database) / count,
    retries,
    secondsByVerb,
  };
}
