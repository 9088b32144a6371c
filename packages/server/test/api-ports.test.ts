// Ports over real HTTP.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type ProvisionState, portConnectivityUpdateStates, provisionStates } from '@wrought/contract';
import { getNode, type NodeChanges, updateNode } from '../src/store/nodes.ts';
import { mergeInternalInfo } from '../src/store/ports.ts';
import { startApi, type TestApi } from './api-fixture/server.ts';

const NODE = '0000000a-0000-4000-8000-000000000001';
const OTHER = '0000000a-0000-4000-8000-000000000002';

let api: TestApi;
let port: string;

before(async () => {
  api = await startApi();
  for (const [uuid, name] of [
    [NODE, 'n1'],
    [OTHER, 'n2'],
  ]) {
    const { status } = await api.request('POST', '/v1/nodes', { body: { driver: 'fake-hardware', uuid, name } });
    assert.equal(status, 201);
  }
});
after(() => api.close());
beforeEach(async () => {
  await setNode({ provision_state: 'enroll', maintenance: false, instance_uuid: null, reservation: null });
  const { json } = await api.request('GET', '/v1/ports');
  for (const { uuid } of json.ports) {
    await api.request('DELETE', `/v1/ports/${uuid}`);
  }
  port = await create({ address: '52:54:00:AA:00:01', name: 'eth0' });
});

async function setNode(changes: NodeChanges): Promise<void> {
  await api.store.transaction(async (trx) => {
    await updateNode(trx, await getNode(trx, NODE), changes);
  });
}

async function create(body: Record<string, unknown>): Promise<string> {
  const { status, json, text } = await api.request('POST', '/v1/ports', { body: { node_uuid: NODE, ...body } });
  assert.equal(status, 201, text);
  return json.uuid;
}

const patch = (body: unknown, version = 'latest') => api.request('PATCH', `/v1/ports/${port}`, { body, version });
const replace = (path: string, value: unknown) => [{ op: 'replace', path, value }];

test('a new port is shown whole, and found by UUID, name and address', async () => {
  const { json } = await api.request('GET', `/v1/ports/${port}`);
  assert.deepEqual(
    [json.address, json.node_uuid, json.pxe_enabled, json.is_smartnic, json.extra, json.portgroup_uuid],
    ['52:54:00:aa:00:01', NODE, true, false, {}, null],
  );
  for (const ident of ['eth0', '52:54:00:aa:00:01']) {
    assert.equal((await api.request('GET', `/v1/ports/${ident}`)).json.uuid, port, ident);
    assert.equal((await api.request('GET', `/v1/ports/${ident}`, { version: '1.87' })).status, 400, ident);
  }
  assert.equal((await api.request('GET', '/v1/ports/nope')).status, 404);
});

test('what is wrong with a new port is refused', async () => {
  const address = '52:54:00:00:00:09';
  const cases: readonly [Record<string, unknown>, number][] = [
    [{ node_uuid: NODE }, 400],
    [{ address }, 400],
    [{ address, node_uuid: NODE, node_ident: 'n1' }, 400],
    [{ address, node_uuid: '0000000a-0000-4000-8000-000000000063' }, 400],
    [{ address: '52-54-00-00-00-09', node_uuid: NODE }, 400],
    [{ address, node_uuid: NODE, physical_network: '' }, 400],
    [{ address, node_uuid: NODE, is_smartnic: true }, 400],
    [{ address, node_uuid: NODE, local_link_connection: { port_id: 'x' } }, 400],
    [{ address, node_uuid: NODE, portgroup_uuid: OTHER }, 400],
    [{ address, node_uuid: NODE, foo: 1 }, 400],
    [{ address: '52:54:00:aa:00:01', node_uuid: OTHER }, 409],
    [{ address, node_uuid: NODE, uuid: port }, 409],
    [{ address, node_uuid: NODE, name: 'eth0' }, 409],
  ];
  for (const [body, expected] of cases) {
    const { status, text } = await api.request('POST', '/v1/ports', { body });
    assert.equal(status, expected, `${JSON.stringify(body)}: ${text}`);
  }
  const named = await api.request('POST', '/v1/ports', { body: { address, node_ident: 'n2' } });
  assert.equal(named.json.node_uuid, OTHER);
});

test('keys of the link connection have versions of their own', async () => {
  const vtep = { port_id: 'p', 'vtep-logical-switch': 'l', 'vtep-physical-switch': 's' };
  const post = (connection: object, version: string) => {
    const body = { node_uuid: NODE, address: '52:54:00:00:00:09', local_link_connection: connection };
    return api.request('POST', '/v1/ports', { body, version });
  };
  assert.equal((await post({ network_type: 'unmanaged' }, '1.63')).status, 406);
  assert.equal((await post(vtep, '1.89')).status, 406);
  assert.equal((await post(vtep, '1.105')).status, 406);
  const { status, json } = await post(vtep, '1.90');
  assert.equal(status, 201);
  assert.deepEqual(json.local_link_connection, vtep);
  const later = await api.request('GET', `/v1/ports/${json.uuid}`, { version: '1.105' });
  assert.deepEqual(later.json.local_link_connection, {});
  const kept = { switch_id: '0A:1b:2c:3d:4e:5f', port_id: 'e1' };
  const plain = await patch(replace('/local_link_connection', kept));
  assert.deepEqual(plain.json.local_link_connection, { ...kept, switch_id: '0a:1b:2c:3d:4e:5f' });
});

test('connectivity may be changed in some states only, the address while nobody uses the node', async () => {
  for (const state of Object.keys(provisionStates) as ProvisionState[]) {
    if (state === 'inspecting') {
      continue;
    }
    const isAllowed = portConnectivityUpdateStates.has(state);
    const network = `net-${state.replaceAll(' ', '-')}`;
    await setNode({ provision_state: state, maintenance: false });
    const connectivity = await patch(replace('/physical_network', network));
    assert.equal(connectivity.status, isAllowed ? 200 : 409, `${state}: ${connectivity.text}`);
    const address = await patch(replace('/address', `52:54:00:bb:00:${state.length.toString(16).padStart(2, '0')}`));
    assert.equal(address.status, state === 'active' ? 409 : 200, `${state}: ${address.text}`);
    assert.equal((await patch([{ op: 'add', path: '/extra/s', value: state }])).status, 200, state);
    await setNode({ maintenance: true });
    assert.equal((await patch(replace('/physical_network', network))).status, 200, `${state} in maintenance`);
  }
  await setNode({ provision_state: 'inspecting', maintenance: false });
  assert.equal((await patch(replace('/description', 'x'))).status, 409);
  assert.equal((await patch([{ op: 'add', path: '/extra/s', value: 1 }], '1.38')).status, 200);
});

test('a port moves to another node of the same owner', async () => {
  assert.equal((await patch(replace('/node_uuid', OTHER))).json.node_uuid, OTHER);
  assert.equal((await patch(replace('/node_uuid', '0000000a-0000-4000-8000-000000000063'))).status, 400);
  assert.equal((await patch([{ op: 'remove', path: '/address' }])).status, 400);
});

test('a port that carries a VIF of a running machine stays', async () => {
  await api.store.transaction((trx) => mergeInternalInfo(trx, 'ports', port, { tenant_vif_port_id: 'v1' }));
  await setNode({ provision_state: 'active', instance_uuid: '000000ab-0000-4000-8000-000000000001' });
  const refused = await api.request('DELETE', `/v1/ports/${port}`);
  assert.equal(refused.status, 409);
  assert.match(refused.message, /v1/);
  await setNode({ maintenance: true });
  assert.equal((await api.request('DELETE', `/v1/ports/${port}`)).status, 204);
  assert.equal((await api.request('DELETE', `/v1/ports/${port}`)).status, 404);
});

test('lists: of all, of a node, filtered, paged', async () => {
  const second = await create({ address: '52:54:00:00:00:02', node_uuid: OTHER, description: 'uplink' });
  const found = async (path: string) => {
    const { status, json, text } = await api.request('GET', path);
    assert.equal(status, 200, text);
    return json.ports.map(({ uuid }: { uuid: string }) => uuid);
  };
  const cases: readonly [string, readonly string[]][] = [
    ['/v1/ports', [port, second]],
    ['/v1/ports/detail', [port, second]],
    ['/v1/ports?node=n2', [second]],
    [`/v1/ports?node_uuid=${NODE}`, [port]],
    ['/v1/ports?address=52:54:00:AA:00:01', [port]],
    ['/v1/ports?description_contains=link', [second]],
    ['/v1/ports?shard=s1', []],
    ['/v1/ports?conductor_groups=', []],
    ['/v1/ports?sort_key=address', [second, port]],
    [`/v1/ports?marker=${port}`, [second]],
    [`/v1/nodes/${NODE}/ports`, [port]],
    [`/v1/nodes/${NODE}/ports/detail`, [port]],
  ];
  for (const [path, uuids] of cases) {
    assert.deepEqual(await found(path), uuids, path);
  }
  const page = await api.request('GET', '/v1/ports?limit=1');
  assert.equal(
    page.json.next,
    `${api.base}/v1/ports?sort_key=id&sort_dir=asc&fields=uuid,address&limit=1&marker=${port}`,
  );
  for (const [path, status] of [
    ['/v1/ports?node=nobody', 404],
    ['/v1/ports?address=x', 400],
    ['/v1/ports?node=n1&shard=s', 403],
    ['/v1/ports?portgroup=pg', 404],
    ['/v1/ports?sort_key=extra', 400],
    ['/v1/nodes/n1/ports', 404],
    [`/v1/nodes/${NODE}/ports/${port}`, 403],
    [`/v1/ports/${port}/detail`, 404],
  ] as const) {
    assert.equal((await api.request('GET', path)).status, status, path);
  }
});

test('a port of a locked node waits', async () => {
  await setNode({ reservation: 'other', reserved_for: 'deploying' });
  assert.equal((await patch(replace('/description', 'x'))).status, 409);
  assert.equal((await api.request('DELETE', `/v1/ports/${port}`)).status, 409);
  const body = { node_uuid: NODE, address: '52:54:00:00:00:09' };
  assert.equal((await api.request('POST', '/v1/ports', { body })).status, 409);
});
