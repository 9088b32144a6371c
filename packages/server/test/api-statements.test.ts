// How many statements a request costs: always the same, however many rows there are.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { insertNode } from '../src/store/nodes.ts';
import { insertPort } from '../src/store/port-list.ts';
import { startApi, type TestApi } from './api-fixture/server.ts';
import { countStatements } from './support/counting-store.ts';

const FEW = 3;
const MANY = 1000;
/** The UUID of the second node. */
const NODE = '5b0e6f7c-9a3c-4f0e-8d7a-1f2c3b4a5d6e';

let api: TestApi;
let count: ReturnType<typeof countStatements>;
const rows = { nodes: 0 };

before(async () => {
  api = await startApi({ set: ['api.max_limit=1000'] });
  count = countStatements(api.store);
});
after(() => api.close());

/** Nodes with a port, traits and a chassis each, up to this number. */
async function fillUpTo(wanted: number): Promise<void> {
  await api.store.transaction(async (trx) => {
    for (; rows.nodes < wanted; rows.nodes += 1) {
      const at = rows.nodes;
      const node = await insertNode(trx, {
        uuid: at === 1 ? NODE : randomUUID(),
        name: `node-${at}`,
        driver: 'fake-hardware',
        provision_state: 'available',
        traits: ['CUSTOM_A', 'CUSTOM_B'],
      });
      const address = `52:54:00:00:${Buffer.from([at >> 8]).toString('hex')}:${Buffer.from([at & 255]).toString('hex')}`;
      await insertPort(trx, { uuid: randomUUID(), node_id: node.id, address, name: `port-${at}` });
    }
  });
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** Most statements that it may take. */
  readonly most: number;
  /** The list in the answer, which has to hold every row. */
  readonly list?: string;
}

const requests: readonly Request[] = [
  { method: 'GET', path: '/v1/nodes', list: 'nodes', most: 1 },
  { method: 'GET', path: '/v1/nodes/detail', list: 'nodes', most: 1 },
  {
    method: 'GET',
    path: '/v1/nodes?sort_key=name&fields=uuid,traits,driver_info,chassis_uuid',
    list: 'nodes',
    most: 1,
  },
  { method: 'GET', path: '/v1/ports', list: 'ports', most: 1 },
  { method: 'GET', path: '/v1/ports/detail', list: 'ports', most: 1 },
  { method: 'GET', path: '/v1/nodes/node-1', most: 1 },
  { method: 'GET', path: `/v1/nodes/${NODE}/ports`, list: 'ports', most: 2 },
  { method: 'PATCH', path: '/v1/nodes/node-1', body: [{ op: 'add', path: '/extra/a', value: 1 }], most: 5 },
  { method: 'POST', path: '/v1/nodes', body: { driver: 'fake-hardware' }, most: 3 },
];

/** Statements of each request; what they make is taken away again, so that each list has `wanted` rows. */
async function measure(wanted: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { method, path, body, list } of requests) {
    counts[`${method} ${path}`] = await count(async () => {
      const { status, json, text } = await api.request(method, path, body === undefined ? {} : { body });
      assert.ok(status < 300, `${method} ${path}: ${text}`);
      if (list !== undefined) {
        assert.equal(json[list].length, path.endsWith('/ports') && path !== '/v1/ports' ? 1 : wanted);
      }
      if (method === 'POST') {
        rows.nodes += 1;
      }
    });
  }
  return counts;
}

test('a request costs as many statements with a thousand rows as with a few', async () => {
  await fillUpTo(FEW);
  const few = await measure(FEW);
  await api.store.transaction((trx) => trx.deleteFrom('nodes').where('name', 'is', null).execute());
  rows.nodes = FEW;
  await fillUpTo(MANY);
  const many = await measure(MANY);
  assert.deepEqual(many, few);
  for (const { method, path, most } of requests) {
    const cost = many[`${method} ${path}`] ?? 0;
    assert.ok(cost > 0 && cost <= most, `${method} ${path} takes ${cost} statements; at most ${most} are wanted`);
  }
});
