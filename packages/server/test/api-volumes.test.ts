// Volume connectors and targets over real HTTP.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { getNode, type NodeChanges, updateNode } from '../src/store/nodes.ts';
import { startApi, type TestApi } from './api-fixture/server.ts';

const NODE = '0000000a-0000-4000-8000-000000000001';
const OTHER = '0000000a-0000-4000-8000-000000000002';
const NOBODY = '0000000a-0000-4000-8000-000000000063';

let api: TestApi;
let connector: string;
let target: string;

before(async () => {
  api = await startApi();
});
after(() => api.close());
beforeEach(async () => {
  for (const uuid of [NODE, OTHER]) {
    await api.request('PUT', `/v1/nodes/${uuid}/maintenance`, { body: {} });
    await api.request('DELETE', `/v1/nodes/${uuid}`);
    const name = uuid === NODE ? 'n1' : 'n2';
    const { status } = await api.request('POST', '/v1/nodes', { body: { driver: 'fake-hardware', uuid, name } });
    assert.equal(status, 201);
  }
  await setNode({ power_state: 'power off' });
  connector = (await create('connectors', { type: 'iqn', connector_id: 'iqn.a' })).json.uuid;
  target = (
    await create('targets', {
      volume_type: 'iscsi',
      boot_index: 0,
      volume_id: 'v1',
      properties: { auth_password: 'x' },
    })
  ).json.uuid;
});

async function setNode(changes: NodeChanges, uuid = NODE): Promise<void> {
  await api.store.transaction(async (trx) => {
    await updateNode(trx, await getNode(trx, uuid), changes);
  });
}

const create = (what: string, body: Record<string, unknown>) =>
  api.request('POST', `/v1/volume/${what}`, { body: { node_uuid: NODE, ...body } });
const replace = (path: string, value: unknown) => [{ op: 'replace', path, value }];

test('a connector and a target are shown whole; secrets of a target are hidden', async () => {
  const { json, headers } = await create('connectors', { type: 'zz', connector_id: 'q', extra: { a: 1 } });
  assert.deepEqual([json.type, json.connector_id, json.node_uuid, json.extra], ['zz', 'q', NODE, { a: 1 }]);
  assert.equal(headers.get('location'), `${api.base}/v1/volume/connectors/${json.uuid}`);
  assert.equal(json.links[0].href, headers.get('location'));
  const shown = await api.request('GET', `/v1/volume/targets/${target}`);
  assert.deepEqual(shown.json.properties, { auth_password: '******' });
  const detailed = await api.request('GET', '/v1/volume/targets?detail=true');
  assert.deepEqual(detailed.json.targets, [shown.json]);
});

test('what is wrong with new connectors and targets is refused', async () => {
  const volume = { volume_type: 'iscsi', boot_index: 1, volume_id: 'v2' };
  const cases: readonly [string, Record<string, unknown>, number][] = [
    ['connectors', {}, 400],
    ['connectors', { type: 'iqn', connector_id: 'iqn.a' }, 409],
    ['connectors', { type: 'ip', connector_id: 'iqn.a' }, 201],
    ['connectors', { type: 'iqn', connector_id: 'b', node_uuid: NOBODY }, 400],
    ['connectors', { type: 'iqn', connector_id: 'b', uuid: connector }, 409],
    ['connectors', { type: 'iqn', connector_id: 'b', foo: 1 }, 400],
    ['connectors', { type: 'x'.repeat(33), connector_id: 'b' }, 400],
    ['targets', {}, 400],
    ['targets', { ...volume, boot_index: 0 }, 409],
    ['targets', { ...volume, boot_index: '1' }, 400],
    ['targets', { ...volume, volume_id: 'x'.repeat(37) }, 400],
    ['targets', { ...volume, uuid: target }, 409],
    ['targets', { ...volume, boot_index: -1 }, 201],
    ['targets', { ...volume, boot_index: 0, node_uuid: OTHER }, 201],
  ];
  for (const [what, body, expected] of cases) {
    const { status, text } = await create(what, body);
    assert.equal(status, expected, `${what} ${JSON.stringify(body)}: ${text}`);
  }
});

test('connectors and targets change while the machine is off', async () => {
  const patch = (path: string, body: unknown) => api.request('PATCH', `/v1/volume/${path}`, { body });
  const changed = await patch(`connectors/${connector}`, replace('/connector_id', 'iqn.b'));
  assert.equal(changed.json.connector_id, 'iqn.b');
  const kept = await patch(`targets/${target}`, [{ op: 'add', path: '/properties/x', value: 1 }]);
  assert.deepEqual(kept.json.properties, { auth_password: '******', x: 1 });
  for (const [path, body, expected] of [
    [`connectors/${connector}`, [{ op: 'remove', path: '/type' }], 400],
    [`connectors/${connector}`, replace('/uuid', NOBODY), 400],
    [`connectors/${connector}`, replace('/node_uuid', NODE), 200],
    [`connectors/${connector}`, replace('/node_uuid', NOBODY), 400],
    // The power state of the other node is not known.
    [`connectors/${connector}`, replace('/node_uuid', OTHER), 400],
    [`targets/${target}`, replace('/boot_index', '3'), 400],
    [`connectors/${NOBODY}`, [], 404],
    ['connectors/nope', [], 400],
  ] as const) {
    assert.equal((await patch(path, body)).status, expected, `${path} ${JSON.stringify(body)}`);
  }
  await create('targets', { volume_type: 'iscsi', boot_index: 1, volume_id: 'v2' });
  assert.equal((await patch(`targets/${target}`, replace('/boot_index', 1))).status, 409);
  await setNode({ power_state: 'power off' }, OTHER);
  assert.equal((await patch(`connectors/${connector}`, replace('/node_uuid', OTHER))).json.node_uuid, OTHER);
  await setNode({ power_state: 'power on' });
  const refused = await patch(`targets/${target}`, replace('/volume_id', 'v9'));
  assert.equal(refused.status, 400);
  assert.match(refused.message, /Power it off first/);
  await setNode({ power_state: null });
  assert.equal((await patch(`targets/${target}`, replace('/volume_id', 'v9'))).status, 400);
  await setNode({ power_state: 'power off', reservation: 'other' });
  assert.equal((await patch(`targets/${target}`, replace('/volume_id', 'v9'))).status, 409);
  await setNode({ reservation: null });
});

test('they are deleted while nothing can be using them', async () => {
  const remove = async (path: string) => (await api.request('DELETE', `/v1/volume/${path}`)).status;
  await setNode({ power_state: 'power on', provision_state: 'active' });
  assert.equal(await remove(`targets/${target}`), 400);
  await setNode({ provision_state: 'available' });
  assert.equal(await remove(`targets/${target}`), 400);
  await setNode({ provision_state: 'manageable' });
  assert.equal(await remove(`targets/${target}`), 204);
  assert.equal(await remove(`targets/${target}`), 404);
  await setNode({ power_state: 'power off', provision_state: 'active' });
  assert.equal(await remove(`connectors/${connector}`), 204);
});

test('lists: of all, of a node, paged', async () => {
  const second = (await create('connectors', { node_uuid: OTHER, type: 'ip', connector_id: '192.0.2.1' })).json.uuid;
  const cases: readonly [string, readonly string[]][] = [
    ['/v1/volume/connectors', [connector, second]],
    ['/v1/volume/connectors/', [connector, second]],
    ['/v1/volume/connectors?node=n2', [second]],
    ['/v1/volume/connectors?sort_key=type', [second, connector]],
    [`/v1/volume/connectors?marker=${connector}`, [second]],
    ['/v1/volume/targets', [target]],
    [`/v1/nodes/${NODE}/volume/connectors`, [connector]],
    [`/v1/nodes/${OTHER}/volume/targets`, []],
  ];
  for (const [path, uuids] of cases) {
    const { json, text } = await api.request('GET', path);
    const [items] = Object.values(json ?? {}) as { uuid: string }[][];
    assert.deepEqual(
      items?.map(({ uuid }) => uuid),
      uuids,
      `${path}: ${text}`,
    );
  }
  const page = await api.request('GET', '/v1/volume/connectors?limit=1');
  assert.equal(
    page.json.next,
    `${api.base}/v1/volume/connectors?sort_key=id&sort_dir=asc&fields=uuid,node_uuid,type,connector_id&limit=1&marker=${connector}`,
  );
  for (const [path, status, version] of [
    [`/v1/volume/connectors?node=${NOBODY}`, 404],
    ['/v1/volume/connectors?fields=nope', 400],
    ['/v1/volume/connectors?sort_key=extra', 400],
    [`/v1/volume/connectors?marker=${NOBODY}`, 404],
    ['/v1/volume/connectors?detail=true&fields=uuid', 400],
    ['/v1/volume/connectors/detail', 400],
    ['/v1/volume/connectors', 404, '1.31'],
    [`/v1/nodes/${NODE}/volume/connectors`, 404, '1.31'],
    ['/v1/nodes/n1/volume/connectors', 404],
    [`/v1/nodes/${NOBODY}/volume`, 404],
    ['/v1/volume', 404, '1.31'],
  ] as const) {
    assert.equal((await api.request('GET', path, { version: version ?? 'latest' })).status, status, path);
  }
});

test('the root leads to both, of all and of a node', async () => {
  const all = await api.request('GET', '/v1/volume');
  assert.deepEqual(
    [all.json.links[0].href, all.json.connectors[1].href, all.json.targets[0].href],
    [`${api.base}/v1/volume/`, `${api.base}/volume/connectors`, `${api.base}/v1/volume/targets`],
  );
  const own = await api.request('GET', '/v1/nodes/n1/volume');
  assert.equal(own.json.connectors[0].href, `${api.base}/v1/nodes/n1/volume/connectors`);
  const { status, headers } = await api.request('POST', '/v1/volume', { body: {} });
  assert.deepEqual([status, headers.get('allow')], [405, 'GET']);
});

test('a node takes its connectors and targets along', async () => {
  assert.equal((await api.request('DELETE', `/v1/nodes/${NODE}`)).status, 204);
  assert.deepEqual((await api.request('GET', '/v1/volume/connectors')).json.connectors, []);
  assert.deepEqual((await api.request('GET', '/v1/volume/targets')).json.targets, []);
});
