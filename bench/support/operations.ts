// The loads that are measured: for each operation its requests and how many run side by side.
import { setTimeout as sleep } from 'node:timers/promises';
import { getNodes } from './api-client.ts';
import type { ConnectionMode } from './load.ts';
import type { Work } from './measure.ts';
import type { Server } from './subject.ts';

/** Requests for one node: enough at once to keep every worker of either server busy. */
const NODE_CONNECTIONS = 8;
/** Long lists: one for each core. */
const LIST_CONNECTIONS = 2;

const DURATION_MILLISECONDS = 2_000;
const WARM_UP_MILLISECONDS = 400;

/** Created nodes would make the database grow from round to round of a fast server. */
const MAX_CREATED = 2_000;

const SETTLE_POLL_MILLISECONDS = 20;
const SETTLE_TIMEOUT_MILLISECONDS = 120_000;

async function powerSettled(server: Server): Promise<void> {
  const deadline = performance.now() + SETTLE_TIMEOUT_MILLISECONDS;
  while (performance.now() < deadline) {
    const { nodes } = await getNodes(server, '/v1/nodes?limit=1000&fields=uuid,target_power_state');
    if (nodes.every(({ target_power_state }) => target_power_state === null)) return;
    await sleep(SETTLE_POLL_MILLISECONDS);
  }
  throw new Error(`power actions were not done ${SETTLE_TIMEOUT_MILLISECONDS} ms after the last was accepted`);
}

/** The operations on a server that holds these nodes, in the order in which they run. */
export function operations(server: Server, mode: ConnectionMode, uuids: readonly string[]): readonly Work[] {
  const steady = { mode, durationMilliseconds: DURATION_MILLISECONDS, warmUpMilliseconds: WARM_UP_MILLISECONDS };
  const target = mode === 'close' ? 'power off' : 'power on';
  return [
    {
      ...steady,
      operation: 'GET node',
      connections: NODE_CONNECTIONS,
      requests: uuids.map((uuid) => ({ method: 'GET', path: `/v1/nodes/${uuid}` })),
    },
    {
      ...steady,
      operation: 'list 1000',
      connections: LIST_CONNECTIONS,
      requests: [{ method: 'GET', path: '/v1/nodes?limit=1000' }],
    },
    {
      ...steady,
      operation: 'detail 1000',
      connections: LIST_CONNECTIONS,
      requests: [{ method: 'GET', path: '/v1/nodes/detail?limit=1000' }],
    },
    {
      ...steady,
      operation: 'PATCH',
      connections: NODE_CONNECTIONS,
      requests: uuids.map((uuid) => ({
        method: 'PATCH',
        path: `/v1/nodes/${uuid}`,
        body: '[{"op": "add", "path": "/extra/bench", "value": $COUNT}]',
      })),
    },
    {
      operation: 'power',
      mode,
      connections: NODE_CONNECTIONS,
      durationMilliseconds: DURATION_MILLISECONDS,
      // Once a node: none waits for another's lock.
      maxRequests: uuids.length,
      requests: uuids.map((uuid) => ({
        method: 'PUT',
        path: `/v1/nodes/${uuid}/states/power`,
        body: JSON.stringify({ target }),
      })),
      settle: () => powerSettled(server),
    },
    {
      operation: 'create',
      mode,
      connections: NODE_CONNECTIONS,
      durationMilliseconds: DURATION_MILLISECONDS,
      maxRequests: MAX_CREATED,
      requests: [{ method: 'POST', path: '/v1/nodes', body: '{"driver": "fake-hardware"}' }],
    },
  ];
}
