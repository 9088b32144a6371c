// Inspection by the agent's ramdisk: the machine boots it, its data comes in, hooks learn from it, and the node is manageable again.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { JsonObject } from '@wrought/contract';
import { agentInspect } from '../src/drivers/agent/inspect.ts';
import { runInspectionHooks } from '../src/inspection/hooks/index.ts';
import { portsOfNode } from '../src/store/ports.ts';
import { requester } from './support/conductor.ts';
import { startWholeApi } from './support/whole-api.ts';

const MAC = '52:54:00:12:34:56';
const OTHER_MAC = '52:54:00:12:34:57';
const PATH = '/v1/continue_inspection';

const inventory = {
  interfaces: [{ mac_address: MAC.toUpperCase() }, { mac_address: OTHER_MAC }, { mac_address: 'no address' }, null],
  cpu: { architecture: 'x86_64', count: 8 },
  memory: { physical_mb: 16_384 },
  bmc_address: '192.0.2.77',
  boot: { pxe_interface: MAC },
};

const data = { inventory, root_disk: { size: 100 * 2 ** 30 }, boot_interface: `01-${MAC.replaceAll(':', '-')}` };

async function inspecting(t: TestContext, fields: object = {}) {
  const api = await startWholeApi(t, { drivers: [{ hardwareTypes: [], interfaces: [agentInspect] }] });
  const { node, path } = await api.pathOf({ provision_state: 'manageable', inspect_interface: 'agent', ...fields });
  await api.conductor.doors.start.provision({ node, verb: 'inspect', requester });
  await api.untilState(node.uuid, 'inspect wait');
  const tell = (body: unknown, query = '', version: string | null = 'latest') =>
    api.request('POST', `${PATH}${query}`, { body, version });
  return { ...api, node, path, tell };
}

test('the data of the ramdisk ends the inspection: properties, ports and inventory', async (t) => {
  const { node, path, tell, untilState, request, store } = await inspecting(t, { properties: { vendor: 'x' } });
  assert.equal((await request('GET', `${path}/inventory`)).status, 404);
  const answer = await tell(data, `?node_uuid=${node.uuid}`);
  assert.equal(answer.status, 202);
  assert.deepEqual([answer.json.node.uuid, answer.json.config.agent_token], [node.uuid, null]);
  const inspected = await untilState(node.uuid, 'manageable');
  assert.deepEqual(inspected.properties, {
    vendor: 'x',
    cpu_arch: 'x86_64',
    cpus: 8,
    memory_mb: 16_384,
    local_gb: 99,
  });
  assert.equal(inspected.power_state, 'power off');
  assert.deepEqual([inspected.inspection_started_at, typeof inspected.inspection_finished_at], [null, 'string']);
  const ports = await portsOfNode(store.read, node.id);
  assert.deepEqual(
    ports.map(({ address }) => address),
    [MAC],
  );
  const { inventory: _, ...pluginData } = data;
  assert.deepEqual((await request('GET', `${path}/inventory`)).json, { inventory, plugin_data: pluginData });
  assert.equal((await request('GET', `${path}/inventory`, { version: '1.80' })).status, 404);
  assert.equal((await tell(data, `?node_uuid=${node.uuid}`)).status, 404, 'nobody waits any more');
});

test('the node is found by the address of its BMC, and by that of a port', async (t) => {
  const first = await inspecting(t, { driver_info: { redfish_address: 'https://192.0.2.77:8000/x' } });
  const byBmc = await first.tell({ inventory: { ...inventory, interfaces: [{ mac_address: MAC }] } }, '', '1.1');
  assert.deepEqual([byBmc.status, byBmc.json], [202, { uuid: first.node.uuid }]);
  const again = await first.untilState(first.node.uuid, 'manageable');
  await first.conductor.doors.start.provision({ node: again, verb: 'inspect', requester });
  await first.untilState(first.node.uuid, 'inspect wait');
  const byPort = await first.tell({ inventory: { interfaces: [{ mac_address: MAC }] } });
  assert.equal(byPort.status, 202);
  await first.untilState(first.node.uuid, 'manageable');
});

test('data that is of no use fails the inspection with its reason, and is kept', async (t) => {
  const cases = [
    [{ inventory: { interfaces: [] } }, /no network card/],
    [{ inventory, error: 'no disks' }, /no disks/],
  ] as const;
  for (const [body, reason] of cases) {
    const { node, path, tell, untilState, request } = await inspecting(t);
    assert.equal((await tell(body, `?node_uuid=${node.uuid}`)).status, 202);
    const failed = await untilState(node.uuid, 'inspect failed');
    assert.match(failed.last_error ?? '', reason);
    assert.equal(failed.power_state, 'power off');
    assert.equal((await request('GET', `${path}/inventory`)).status, 200);
  }
});

test('requests without a waiting node or without data are refused', async (t) => {
  const { node, tell, untilState, conductor } = await inspecting(t);
  const query = `?node_uuid=${node.uuid}`;
  const refused: readonly (readonly [unknown, string, string | null, number])[] = [
    [{}, query, 'latest', 400],
    [{ inventory: [] }, query, 'latest', 400],
    [{ inventory: {} }, '', 'latest', 400],
    [{ inventory }, '', 'latest', 404],
    [{ inventory }, '?node_uuid=nonsense', 'latest', 400],
    [{ inventory }, query, '1.83', 404],
    [{ inventory }, query, '1.2', 404],
  ];
  for (const [body, at, version, status] of refused) {
    assert.equal(
      (await tell(body, at, version)).status,
      status,
      `${JSON.stringify(body).slice(0, 40)} ${at} ${version}`,
    );
  }
  await conductor.doors.start.provision({
    node: await untilState(node.uuid, 'inspect wait'),
    verb: 'abort',
    requester,
  });
  const failed = await untilState(node.uuid, 'inspect failed');
  assert.match(failed.last_error ?? '', /aborted by request/);
});

test('an inspection whose data came before the server stopped ends after its restart', async (t) => {
  const { node, tell, restart } = await inspecting(t);
  assert.equal((await tell(data, `?node_uuid=${node.uuid}`)).status, 202);
  const second = await restart();
  await second.untilState(node.uuid, 'manageable');
});

test('hooks take any shape of data without an error of their own', () => {
  const shapes: readonly unknown[] = [null, 1, 'text', [], [null], {}, { count: 'x', mac_address: 5 }];
  for (const shape of shapes) {
    const odd = {
      interfaces: [{ mac_address: MAC, name: 'eno1', lldp: shape, ipv4_address: shape }],
      cpu: shape,
      memory: shape,
      boot: shape,
    };
    const found = runInspectionHooks({
      inventory: odd,
      pluginData: { root_disk: shape, lldp_raw: shape } as JsonObject,
      physicalNetworks: {},
    });
    assert.deepEqual(found, { properties: {}, cards: [{ address: MAC, isBootCard: true }], ports: [], pluginData: {} });
  }
});
