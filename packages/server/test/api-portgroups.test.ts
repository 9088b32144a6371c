// Port groups over real HTTP, and the ports in them.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { getNode, type NodeChanges, updateNode } from '../src/store/nodes.ts';
import { mergeInternalInfo } from '../src/store/ports.ts';
import { startApi, type TestApi } from './api-fixture/server.ts';

const NODE = '0000000a-0000-4000-8000-000000000001';
const OTHER = '0000000a-0000-4000-8000-000000000002';
const NOBODY = '0000000a-0000-4000-8000-000000000063';

let api: TestApi;
let group: string;

before(async () => {
  api = await startApi({ set: ['network.default_portgroup_mode=802.3ad'] });
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
  group = (await create({ name: 'bond0', address: '52:54:00:BB:00:01', properties: { miimon: 100 } })).json.uuid;
});

async function setNode(changes: NodeChanges): Promise<void> {
  await api.store.transaction(async (trx) => {
    await updateNode(trx, await getNode(trx, NODE), changes);
  });
}

const create = (body: Record<string, unknown>, version = 'latest') =>
  api.request('POST', '/v1/portgroups', { body: { node_uuid: NODE, ...body }, version });
const patch = (body: unknown, version = 'latest', ident = group) =>
  api.request('PATCH', `/v1/portgroups/${ident}`, { body, version });
const replace = (path: string, value: unknown) => [{ op: 'replace', path, value }];

let addresses = 0;
async function createPort(body: Record<string, unknown>): Promise<{ status: number; message: string; uuid: string }> {
  addresses += 1;
  const address = `52:54:00:00:01:${addresses.toString(16).padStart(2, '0')}`;
  const answer = await api.request('POST', '/v1/ports', { body: { node_uuid: NODE, address, ...body } });
  return { status: answer.status, message: answer.message, uuid: answer.json.uuid };
}
const patchPort = (port: string, body: unknown, version = 'latest') =>
  api.request('PATCH', `/v1/ports/${port}`, { body, version });

test('a port group is shown whole, and found by UUID and name', async () => {
  const { json } = await api.request('GET', '/v1/portgroups/bond0');
  assert.deepEqual(
    [json.uuid, json.address, json.node_uuid, json.mode, json.properties, json.standalone_ports_supported],
    [group, '52:54:00:bb:00:01', NODE, '802.3ad', { miimon: 100 }, true],
  );
  assert.deepEqual([json.dynamic_portgroup, json.internal_info, json.extra], [false, {}, {}]);
  assert.equal(json.ports[0].href, `${api.base}/v1/portgroups/${group}/ports`);
  assert.equal((await api.request('GET', `/v1/portgroups/${group}`)).json.name, 'bond0');
  assert.equal((await api.request('GET', '/v1/portgroups/bond0.json', { version: '1.90' })).json.uuid, group);
  assert.equal((await api.request('GET', '/v1/portgroups/nope')).status, 404);
});

test('what is wrong with a new port group is refused', async () => {
  const cases: readonly [Record<string, unknown>, number, string?][] = [
    [{ node_uuid: NOBODY }, 400],
    [{ node_uuid: 'n1' }, 400],
    [{ address: 'zz' }, 400],
    [{ name: 'a b' }, 400],
    [{ foo: 1 }, 400],
    [{ standalone_ports_supported: null }, 400],
    [{ internal_info: {} }, 400],
    [{ dynamic_portgroup: true }, 400],
    [{ name: 'bond0' }, 409],
    [{ address: '52:54:00:bb:00:01' }, 409],
    [{ uuid: group }, 409],
    [{ mode: 'x' }, 406, '1.25'],
    [{ physical_network: 'x' }, 406, '1.101'],
    [{}, 404, '1.22'],
    [{ mode: null }, 201],
    [{ name: '0000000b-0000-4000-8000-000000000009', mode: 'any text' }, 201],
  ];
  for (const [body, expected, version] of cases) {
    const { status, text } = await create(body, version);
    assert.equal(status, expected, `${JSON.stringify(body)}: ${text}`);
  }
  assert.equal((await api.request('POST', '/v1/portgroups', { body: {} })).status, 400);
});

test('a port group is changed by PATCH', async () => {
  const { json } = await patch([
    { op: 'replace', path: '/name', value: 'bond1' },
    { op: 'remove', path: '/address' },
    { op: 'replace', path: '/mode', value: 'balance-rr' },
    { op: 'add', path: '/extra/x', value: 1 },
  ]);
  assert.deepEqual([json.name, json.address, json.mode, json.extra], ['bond1', null, 'balance-rr', { x: 1 }]);
  for (const [body, expected, version] of [
    [[{ op: 'remove', path: '/mode' }], 400],
    [[{ op: 'remove', path: '/node_uuid' }], 400],
    [[{ op: 'remove', path: '/standalone_ports_supported' }], 400],
    [replace('/internal_info', {}), 400],
    [replace('/uuid', NOBODY), 400],
    [replace('/node_uuid', NOBODY), 400],
    [replace('/mode', 'x'), 406, '1.25'],
    [replace('/mode', null), 200],
    [[], 200],
  ] as const) {
    const { status, text } = await patch(body, version);
    assert.equal(status, expected, `${JSON.stringify(body)}: ${text}`);
  }
  await setNode({ provision_state: 'inspecting' });
  assert.equal((await patch(replace('/name', 'x'))).status, 409);
  assert.equal((await patch(replace('/name', 'x'), '1.38')).status, 200);
});

test('a port group moves without its ports only, and where connections may change', async () => {
  const { uuid } = await createPort({ portgroup_uuid: group });
  const refused = await patch(replace('/node_uuid', OTHER));
  assert.equal(refused.status, 400);
  assert.ok(refused.message.includes(uuid), refused.message);
  await api.request('DELETE', `/v1/ports/${uuid}`);
  await setNode({ provision_state: 'active' });
  assert.equal((await patch(replace('/node_uuid', OTHER))).status, 409);
  await setNode({ maintenance: true });
  assert.equal((await patch(replace('/node_uuid', OTHER))).json.node_uuid, OTHER);
});

test('ports are put into port groups of their own node', async () => {
  const foreign = (await create({ node_uuid: OTHER })).json.uuid;
  assert.equal((await createPort({ portgroup_uuid: NOBODY })).status, 400);
  assert.equal((await createPort({ portgroup_uuid: foreign })).status, 400);
  const { uuid } = await createPort({ portgroup_uuid: group });
  assert.equal((await patchPort(uuid, replace('/portgroup_uuid', foreign))).status, 400);
  assert.equal((await patchPort(uuid, replace('/portgroup_uuid', NOBODY))).status, 400);
  assert.equal((await patchPort(uuid, replace('/node_uuid', OTHER))).status, 400, 'its group stays behind');
  const moved = [
    { op: 'remove', path: '/portgroup_uuid' },
    { op: 'replace', path: '/node_uuid', value: OTHER },
  ];
  assert.equal((await patchPort(uuid, moved)).status, 200);
});

test('the ports of a group share one physical network', async () => {
  const first = await createPort({ portgroup_uuid: group, physical_network: 'net1' });
  assert.equal((await createPort({ portgroup_uuid: group })).status, 409);
  const second = await createPort({ physical_network: 'net1' });
  assert.equal((await patchPort(second.uuid, replace('/portgroup_uuid', group))).status, 200);
  assert.equal((await patchPort(second.uuid, replace('/physical_network', 'net2'), '1.101')).status, 409);
  const refused = await patchPort(second.uuid, replace('/physical_network', 'net1x'));
  assert.equal(refused.status, 400);
  assert.match(refused.message, /change it there/);
  assert.equal((await patch(replace('/physical_network', 'net3'))).json.physical_network, 'net3');
  for (const { uuid } of [first, second]) {
    assert.equal((await api.request('GET', `/v1/ports/${uuid}`)).json.physical_network, 'net3');
  }
  await patch([{ op: 'remove', path: '/physical_network' }]);
  assert.equal((await api.request('GET', `/v1/ports/${first.uuid}`)).json.physical_network, null);
  const empty = (await create({ physical_network: 'net9' })).json.uuid;
  assert.equal((await createPort({ portgroup_uuid: empty })).status, 409, 'the group names one although it is empty');
});

test('a group without standalone ports takes none that boots or carries a VIF', async () => {
  await patch(replace('/standalone_ports_supported', false));
  const booting = await createPort({ portgroup_uuid: group, pxe_enabled: true });
  assert.equal(booting.status, 409);
  assert.match(booting.message, /standalone_ports_supported/);
  const { uuid } = await createPort({ portgroup_uuid: group, pxe_enabled: false });
  // Network interface noop manages no ports, so it asks no more of them.
  assert.equal((await patchPort(uuid, replace('/pxe_enabled', true))).status, 200);
  await setNode({ network_interface: 'flat' });
  const refused = await patchPort(uuid, replace('/pxe_enabled', false));
  assert.equal(refused.status, 200);
  assert.equal((await patchPort(uuid, replace('/pxe_enabled', true))).status, 409);
  await patch(replace('/standalone_ports_supported', true));
  await api.store.transaction((trx) => mergeInternalInfo(trx, 'ports', uuid, { tenant_vif_port_id: 'v1' }));
  const split = await patch(replace('/standalone_ports_supported', false));
  assert.equal(split.status, 409);
  assert.match(split.message, /v1/);
});

test('a port group with ports stays', async () => {
  const { uuid } = await createPort({ portgroup_uuid: group });
  const refused = await api.request('DELETE', `/v1/portgroups/${group}`);
  assert.equal(refused.status, 400);
  assert.ok(refused.message.includes(uuid), refused.message);
  await setNode({ reservation: 'other' });
  assert.equal((await api.request('DELETE', `/v1/portgroups/${group}`)).status, 409);
  assert.equal((await create({})).status, 201, 'a new group needs no lock');
  await setNode({ reservation: null });
  await patchPort(uuid, [{ op: 'remove', path: '/portgroup_uuid' }]);
  assert.equal((await api.request('DELETE', '/v1/portgroups/bond0')).status, 204);
  assert.equal((await api.request('DELETE', `/v1/portgroups/${group}`)).status, 404);
});

test('lists: of all, of a node, filtered, paged; ports of a group', async () => {
  const second = (await create({ node_uuid: OTHER })).json.uuid;
  const { uuid: port } = await createPort({ portgroup_uuid: group });
  await createPort({});
  const cases: readonly [string, readonly string[]][] = [
    ['/v1/portgroups', [group, second]],
    ['/v1/portgroups/detail', [group, second]],
    ['/v1/portgroups?node=n2', [second]],
    ['/v1/portgroups?address=52:54:00:BB:00:01', [group]],
    ['/v1/portgroups?shard=s', []],
    ['/v1/portgroups?conductor_groups=g', []],
    ['/v1/portgroups?sort_key=name', [second, group]],
    [`/v1/portgroups?marker=${group}`, [second]],
    [`/v1/nodes/${NODE}/portgroups`, [group]],
    [`/v1/nodes/${NODE}/portgroups/detail`, [group]],
    [`/v1/portgroups/${group}/ports`, [port]],
    [`/v1/portgroups/${group}/ports/detail`, [port]],
    ['/v1/ports?portgroup=bond0', [port]],
    [`/v1/ports?portgroup=${second}`, []],
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
  const page = await api.request('GET', `/v1/nodes/${NODE}/portgroups?limit=1`);
  assert.equal(
    page.json.next,
    `${api.base}/v1/portgroups?sort_key=id&sort_dir=asc&fields=uuid,address,name&limit=1&marker=${group}`,
  );
  for (const [path, status, version] of [
    [`/v1/portgroups?node=${NOBODY}`, 404],
    ['/v1/portgroups?address=zz', 400],
    ['/v1/portgroups?node=n1&address=52:54:00:bb:00:01', 400],
    ['/v1/portgroups?sort_key=extra', 400],
    ['/v1/portgroups?marker=bond0', 400],
    ['/v1/portgroups', 404, '1.22'],
    ['/v1/portgroups?shard=s', 406, '1.105'],
    ['/v1/nodes/n1/portgroups', 404],
    [`/v1/nodes/${NODE}/portgroups`, 404, '1.23'],
    ['/v1/portgroups/bond0/ports', 404],
    [`/v1/portgroups/${group}/ports`, 404, '1.23'],
    ['/v1/ports?portgroup=nope', 404],
  ] as const) {
    assert.equal((await api.request('GET', path, { version: version ?? 'latest' })).status, status, path);
  }
});

test('a node takes its port groups along', async () => {
  await createPort({ portgroup_uuid: group });
  assert.equal((await api.request('DELETE', `/v1/nodes/${NODE}`)).status, 204);
  assert.deepEqual((await api.request('GET', '/v1/portgroups')).json.portgroups, []);
});
