// How many statements a request costs: always the same, however many rows there are.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startApi, type TestApi } from './api-fixture/server.ts';
import { callerNamed } from './support/callers.ts';
import { countStatements } from './support/counting-store.ts';
import { fillUp, SECOND } from './support/many-rows.ts';

const FEW = 3;
const MANY = 1000;

let api: TestApi;
const counter = countStatements();

before(async () => {
  api = await startApi({ set: ['api.max_limit=1000'], caller: callerNamed, watchStore: counter.watch });
});
after(() => api.close());

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** Most statements that it may take. */
  readonly most: number;
  /** The list in the answer. */
  readonly list?: string;
  /** How many rows the list has to hold; all when absent. */
  readonly length?: number;
}

const describe = (value: string) => [{ op: 'add', path: '/description', value }];
const extra = [{ op: 'add', path: '/extra/a', value: 1 }];

/** A list in brief and in detail, one of its objects, and a change of that one. */
function resource(path: string, list: string, patch: unknown, detail = `${path}?detail=true`): readonly Request[] {
  return [
    { method: 'GET', path, list, most: 1 },
    { method: 'GET', path: detail, list, most: 1 },
    { method: 'GET', path: `${path}/${SECOND}`, most: 1 },
    { method: 'PATCH', path: `${path}/${SECOND}`, body: patch, most: 7 },
    { method: 'GET', path: `${path}?limit=1&marker=${SECOND}`, list, length: 1, most: 2 },
  ];
}

const node = `/v1/nodes/${SECOND}`;
const fields = 'uuid,traits,driver_info,chassis_uuid';

const requests: readonly Request[] = [
  ...resource('/v1/nodes', 'nodes', extra, '/v1/nodes/detail'),
  { method: 'GET', path: `/v1/nodes?sort_key=name&fields=${fields}`, list: 'nodes', most: 1 },
  { method: 'GET', path: '/v1/nodes/node-1', most: 1 },
  ...resource('/v1/ports', 'ports', extra, '/v1/ports/detail'),
  ...resource('/v1/portgroups', 'portgroups', extra, '/v1/portgroups/detail'),
  ...resource('/v1/volume/connectors', 'connectors', extra),
  ...resource('/v1/volume/targets', 'targets', extra),
  ...resource('/v1/chassis', 'chassis', extra, '/v1/chassis/detail'),
  ...resource('/v1/deploy_templates', 'deploy_templates', extra),
  ...resource('/v1/runbooks', 'runbooks', extra),
  ...resource('/v1/inspection_rules', 'inspection_rules', describe('small ones')),
  { method: 'GET', path: '/v1/allocations', list: 'allocations', most: 1 },
  {
    method: 'GET',
    path: '/v1/allocations?resource_class=gold&fields=uuid,node_uuid,traits',
    list: 'allocations',
    most: 1,
  },
  { method: 'GET', path: `/v1/allocations/${SECOND}`, most: 1 },
  { method: 'PATCH', path: `/v1/allocations/${SECOND}`, body: extra, most: 6 },
  { method: 'GET', path: `${node}/ports`, list: 'ports', length: 1, most: 2 },
  { method: 'GET', path: `${node}/portgroups`, list: 'portgroups', length: 1, most: 2 },
  { method: 'GET', path: `/v1/portgroups/${SECOND}/ports`, list: 'ports', length: 1, most: 2 },
  { method: 'GET', path: `${node}/volume/connectors`, list: 'connectors', length: 1, most: 2 },
  { method: 'GET', path: `${node}/volume/targets`, list: 'targets', length: 1, most: 2 },
  { method: 'GET', path: `${node}/allocation`, most: 2 },
  { method: 'GET', path: `${node}/history`, list: 'history', most: 2 },
  { method: 'GET', path: `${node}/history?detail=true`, list: 'history', most: 2 },
  { method: 'GET', path: `${node}/firmware`, list: 'firmware', most: 2 },
  { method: 'GET', path: `/v1/chassis/${SECOND}/nodes`, list: 'nodes', most: 2 },
  { method: 'GET', path: '/v1/shards', list: 'shards', length: 1, most: 1 },
  { method: 'POST', path: '/v1/nodes', body: { driver: 'fake-hardware', name: 'made' }, most: 3 },
  { method: 'DELETE', path: '/v1/nodes/made', most: 20 },
];

/** What the owner of all nodes may read. */
const ofOwner = requests.filter(
  ({ method, path }) => method === 'GET' && /^.v1.(nodes|ports|portgroups|volume|allocations|runbooks)/.test(path),
);

/** Statements of each request; lists have to hold `rows` rows. */
async function measure(caller: string, asked: readonly Request[], rows: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const headers = { 'X-Caller': caller };
  for (const { method, path, body, list, length = rows } of asked) {
    counts[`${method} ${path}`] = await counter.during(async () => {
      const { status, json, text } = await api.request(method, path, {
        headers,
        ...(body === undefined ? {} : { body }),
      });
      assert.ok(status < 300, `${method} ${path}: ${text}`);
      if (list !== undefined) {
        assert.equal(json[list].length, length, path);
      }
    });
  }
  return counts;
}

test('a request costs as many statements with a thousand rows as with a few', async () => {
  const measureAll = async (rows: number) => ({
    admin: await measure('system admin', requests, rows),
    owner: await measure('owner reader', ofOwner, rows),
  });
  await fillUp(api.store, 0, FEW);
  const few = await measureAll(FEW);
  await fillUp(api.store, FEW, MANY);
  const many = await measureAll(MANY);
  assert.deepEqual(many, few);
  for (const { method, path, most } of requests) {
    const cost = many.admin[`${method} ${path}`] ?? 0;
    assert.ok(cost > 0 && cost <= most, `${method} ${path} takes ${cost} statements; at most ${most} are wanted`);
  }
});
