// Allocations over real HTTP. The search for a node is the conductor's: allocate.test.ts.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { allocationFromRow, allocationTable, assignNode } from '../src/store/allocations.ts';
import { getNode, type NodeChanges, updateNode } from '../src/store/nodes.ts';
import { startApi, type TestApi } from './api-fixture/server.ts';
import { callerNamed, OWNER } from './support/callers.ts';

const NODE = '0000000a-0000-4000-8000-000000000001';
const OTHER = '0000000a-0000-4000-8000-000000000002';
const NOBODY = '0000000a-0000-4000-8000-000000000063';
const INSTANCE = '000000ab-0000-4000-8000-000000000001';

let api: TestApi;

before(async () => {
  api = await startApi();
  for (const [uuid, name] of [
    [NODE, 'n1'],
    [OTHER, 'n2'],
  ]) {
    const body = { driver: 'fake-hardware', uuid, name, resource_class: 'rc' };
    assert.equal((await api.request('POST', '/v1/nodes', { body })).status, 201);
  }
});
after(() => api.close());
beforeEach(async () => {
  await setNode({
    provision_state: 'available',
    maintenance: false,
    instance_uuid: null,
    allocation_uuid: null,
    reservation: null,
    traits: [],
    instance_info: {},
  });
  await api.store.transaction((trx) => trx.deleteFrom('allocations').execute());
});

async function setNode(changes: NodeChanges): Promise<void> {
  await api.store.transaction(async (trx) => {
    await updateNode(trx, await getNode(trx, NODE), changes);
  });
}

const create = (body: Record<string, unknown>, version = 'latest') =>
  api.request('POST', '/v1/allocations', { body, version });

/** An allocation that found the node. */
async function active(body: Record<string, unknown> = {}): Promise<string> {
  const { uuid } = (await create({ resource_class: 'rc', ...body })).json;
  await api.store.transaction(async (trx) => {
    const row = await allocationTable.find(trx, uuid);
    assert.ok(row !== undefined);
    await assignNode(trx, allocationFromRow(row), await getNode(trx, NODE));
  });
  return uuid;
}

test('a new allocation is answered before a node is looked for', async () => {
  const asked = api.calls.allocations.length;
  const body = {
    resource_class: 'rc',
    name: 'a1',
    candidate_nodes: ['n1', OTHER],
    traits: ['CUSTOM_A'],
    extra: { k: 1 },
  };
  const { status, json, headers } = await create(body);
  assert.equal(status, 201);
  assert.equal(headers.get('location'), `${api.base}/v1/allocations/${json.uuid}`);
  assert.deepEqual(
    [json.state, json.node_uuid, json.last_error, json.owner, json.name, json.candidate_nodes, json.traits, json.extra],
    ['allocating', null, null, null, 'a1', [NODE, OTHER], ['CUSTOM_A'], { k: 1 }],
  );
  assert.equal(api.calls.allocations.length, asked + 1);
  assert.equal((await api.request('GET', '/v1/allocations/a1')).json.uuid, json.uuid);
});

test('what is wrong with a new allocation is refused', async () => {
  const { uuid } = (await create({ resource_class: 'rc', name: 'a1' })).json;
  const cases: readonly [Record<string, unknown>, number, string?][] = [
    [{}, 400],
    [{ resource_class: null }, 400],
    [{ resource_class: 5 }, 400],
    [{ resource_class: 'x'.repeat(81) }, 400],
    [{ resource_class: 'rc', name: 'a b' }, 400],
    [{ resource_class: 'rc', uuid: 'x' }, 400],
    [{ resource_class: 'rc', candidate_nodes: ['nope'] }, 400],
    [{ resource_class: 'rc', candidate_nodes: [NOBODY] }, 400],
    [{ resource_class: 'rc', candidate_nodes: 'x' }, 400],
    [{ resource_class: 'rc', traits: ['bad'] }, 400],
    [{ resource_class: 'rc', foo: 1 }, 400],
    [{ resource_class: 'rc', state: 'active' }, 400],
    [{ resource_class: 'rc', extra: 5 }, 400],
    [{ node: 'nope' }, 400],
    [{ node_uuid: NODE }, 400],
    [{ resource_class: 'rc', uuid }, 409],
    [{ resource_class: 'rc', name: 'a1' }, 409],
    [{ resource_class: 'rc', node: 'n1' }, 400, '1.57'],
    [{ resource_class: 'rc', owner: 'o' }, 406, '1.59'],
    [{ resource_class: 'rc' }, 405, '1.51'],
  ];
  for (const [body, expected, version] of cases) {
    const { status, text } = await create(body, version);
    assert.equal(status, expected, `${JSON.stringify(body)}: ${text}`);
  }
});

test('a node in use is allocated as it is, or not at all', async () => {
  const refused = await create({ node: 'n1' });
  assert.equal(refused.status, 409);
  assert.match(refused.message, /is in state "available"; only one that is "active"/);
  assert.deepEqual((await api.request('GET', '/v1/allocations')).json.allocations, [], 'nothing is left behind');
  await setNode({ provision_state: 'active', instance_uuid: INSTANCE, traits: ['CUSTOM_A'] });
  for (const body of [
    { node: 'n1', resource_class: 'other' },
    { node: 'n1', traits: ['CUSTOM_B'] },
    { node: 'n1', candidate_nodes: ['n2'] },
    { node: 'n1', uuid: NOBODY },
  ]) {
    assert.equal((await create(body)).status, 409, JSON.stringify(body));
  }
  const { status, json } = await create({ node: 'n1', name: 'bf', traits: ['CUSTOM_A'] });
  assert.equal(status, 201);
  assert.deepEqual([json.uuid, json.state, json.node_uuid, json.resource_class], [INSTANCE, 'active', NODE, 'rc']);
  const node = (await api.request('GET', `/v1/nodes/${NODE}`)).json;
  assert.deepEqual(
    [node.instance_uuid, node.allocation_uuid, node.instance_info.traits],
    [INSTANCE, INSTANCE, ['CUSTOM_A']],
  );
  assert.equal((await create({ node: 'n1', name: 'bf2' })).status, 409);
  await setNode({ reservation: 'other' });
  assert.equal((await create({ node: 'n1', name: 'bf3' })).status, 409);
});

test('name and extra of an allocation change', async () => {
  await create({ resource_class: 'rc', name: 'a1', extra: { k: 1 } });
  await create({ resource_class: 'rc', name: 'a2' });
  const patch = (body: unknown, version = 'latest') => api.request('PATCH', '/v1/allocations/a1', { body, version });
  const changed = await patch([{ op: 'add', path: '/extra/z', value: 1 }]);
  assert.deepEqual(changed.json.extra, { k: 1, z: 1 });
  for (const [body, expected, version] of [
    [[], 200],
    [[{ op: 'replace', path: '/name', value: 'a2' }], 409],
    [[{ op: 'replace', path: '/name', value: 'a b' }], 400],
    [[{ op: 'replace', path: '/resource_class', value: 'q' }], 400],
    [[{ op: 'replace', path: '/state', value: 'active' }], 400],
    [[{ op: 'remove', path: '/extra/nope' }], 400],
    [[{ op: 'replace', path: '/name', value: 'q' }], 405, '1.56'],
    [[{ op: 'remove', path: '/name' }], 200],
  ] as const) {
    const { status, text } = await patch(body, version);
    assert.equal(status, expected, `${JSON.stringify(body)}: ${text}`);
  }
  assert.equal((await patch([])).status, 404, 'its name is gone');
});

test('the allocation of a node is found and deleted through the node, too', async () => {
  const path = `/v1/nodes/${NODE}/allocation`;
  assert.equal((await api.request('GET', path)).status, 404);
  const uuid = await active({ name: 'a1' });
  assert.equal((await api.request('GET', path)).json.uuid, uuid);
  const chosen = await api.request('GET', '/v1/nodes/n1/allocation?fields=name');
  assert.deepEqual(Object.keys(chosen.json), ['name', 'links']);
  assert.equal((await api.request('GET', path, { version: '1.51' })).status, 404);
  await setNode({ provision_state: 'active' });
  assert.equal((await api.request('DELETE', path)).status, 409);
  assert.equal((await api.request('DELETE', '/v1/allocations/a1')).status, 409);
  await setNode({ provision_state: 'deploying', target_provision_state: 'active' });
  assert.equal((await api.request('DELETE', path)).status, 409);
  await setNode({ provision_state: 'available', target_provision_state: null, reservation: 'other' });
  assert.equal((await api.request('DELETE', path)).status, 409);
  await setNode({ reservation: null });
  assert.equal((await api.request('DELETE', path)).status, 204);
  assert.equal((await api.request('GET', `/v1/allocations/${uuid}`)).status, 404);
  const node = (await api.request('GET', `/v1/nodes/${NODE}`)).json;
  assert.deepEqual([node.instance_uuid, node.allocation_uuid, node.instance_info], [null, null, { traits: [] }]);
  await active();
  await setNode({ provision_state: 'active', maintenance: true });
  assert.equal((await api.request('DELETE', path)).status, 204, 'in maintenance always');
});

test('an allocation without a node is deleted at any time', async () => {
  await create({ resource_class: 'rc', name: 'a1' });
  assert.equal((await api.request('DELETE', '/v1/allocations/a1')).status, 204);
  assert.equal((await api.request('DELETE', '/v1/allocations/a1')).status, 404);
});

test('who takes the instance from a node ends its allocation', async () => {
  const uuid = await active();
  const remove = () => api.request('PATCH', `/v1/nodes/${NODE}`, { body: [{ op: 'remove', path: '/instance_uuid' }] });
  await setNode({ provision_state: 'active' });
  const refused = await remove();
  assert.equal(refused.status, 409);
  assert.ok(refused.message.includes(uuid), refused.message);
  await setNode({ provision_state: 'available' });
  const { json } = await remove();
  assert.deepEqual([json.instance_uuid, json.allocation_uuid], [null, null]);
  assert.equal((await api.request('GET', `/v1/allocations/${uuid}`)).status, 404);
});

test('lists show everything, narrowed and paged', async () => {
  const first = await active({ name: 'a1' });
  const second = (await create({ resource_class: 'other', owner: 'o' })).json.uuid;
  const cases: readonly [string, readonly string[]][] = [
    ['/v1/allocations', [first, second]],
    ['/v1/allocations?node=n1', [first]],
    ['/v1/allocations?resource_class=other', [second]],
    ['/v1/allocations?state=active', [first]],
    ['/v1/allocations?state=zz', []],
    ['/v1/allocations?owner=o', [second]],
    ['/v1/allocations?sort_key=name', [second, first]],
    [`/v1/allocations?marker=${first}`, [second]],
  ];
  for (const [path, uuids] of cases) {
    const { json, text } = await api.request('GET', path);
    assert.deepEqual(
      json.allocations?.map(({ uuid }: { uuid: string }) => uuid),
      uuids,
      `${path}: ${text}`,
    );
  }
  const page = await api.request('GET', '/v1/allocations?limit=1');
  assert.equal(page.json.next, `${api.base}/v1/allocations?sort_key=id&sort_dir=asc&limit=1&marker=${first}`);
  assert.deepEqual(page.json.allocations[0], (await api.request('GET', `/v1/allocations/${first}`)).json);
  for (const [path, status, version] of [
    [`/v1/allocations?node=${NOBODY}`, 400],
    ['/v1/allocations?detail=true', 400],
    ['/v1/allocations?sort_key=node_uuid', 400],
    ['/v1/allocations?marker=a1', 400],
    ['/v1/allocations?owner=o', 406, '1.59'],
    ['/v1/allocations', 404, '1.51'],
    ['/v1/allocations/detail', 404],
  ] as const) {
    assert.equal((await api.request('GET', path, { version: version ?? 'latest' })).status, status, path);
  }
});

test('a project allocates for itself, and sees its own', async () => {
  const restricted = await startApi({ caller: callerNamed });
  try {
    const post = (caller: string, body: object) =>
      restricted.request('POST', '/v1/allocations', { headers: { 'X-Caller': caller }, body });
    const own = await post('owner member', { resource_class: 'rc' });
    assert.deepEqual([own.status, own.json.owner], [201, OWNER]);
    assert.equal((await post('owner member', { resource_class: 'rc', owner: 'somebody' })).status, 403);
    assert.equal((await post('owner reader', { resource_class: 'rc' })).status, 403);
    const any = await post('system member', { resource_class: 'rc', owner: 'somebody' });
    assert.deepEqual([any.status, any.json.owner], [201, 'somebody']);
    const listed = async (caller: string, query = '') =>
      (await restricted.request('GET', `/v1/allocations${query}`, { headers: { 'X-Caller': caller } })).json;
    assert.equal((await listed('system reader')).allocations.length, 2);
    assert.equal((await listed('owner reader')).allocations.length, 1);
    assert.equal((await listed('foreign admin')).allocations.length, 0);
    assert.ok('error_message' in (await listed('owner reader', '?owner=somebody')));
  } finally {
    await restricted.close();
  }
});
