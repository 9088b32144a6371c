// Where machines are plugged in: LLDP that a ramdisk collected becomes links of ports, and links that are otherwise are told.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { kernelArguments } from '../src/boot/ramdisk/kernel-arguments.ts';
import { agentInspect } from '../src/drivers/agent/inspect.ts';
import { physicalNetworkOf } from '../src/inspection/hooks/physical-network.ts';
import { parseLldp } from '../src/inspection/lldp.ts';
import { insertPort } from '../src/store/port-list.ts';
import { portsOfNode } from '../src/store/ports.ts';
import { requester } from './support/conductor.ts';
import { testNode } from './support/task.ts';
import { startWholeApi, type WholeApi } from './support/whole-api.ts';

const SWITCH = '52:54:00:ff:00:01';
const MACS = ['52:54:00:12:34:56', '52:54:00:12:34:57', '52:54:00:12:34:58'] as const;

const text = (value: string) => Buffer.from(value).toString('hex');
const mac = (value: string) => value.replaceAll(':', '');

/** What a switch with this name and address sends from one of its ports. */
const lldp = (port: string, { address = SWITCH, name = 'leaf1' } = {}) => [
  [1, `04${mac(address)}`],
  [2, `05${text(port)}`],
  [3, '0078'],
  [5, text(name)],
];

const link = (port_id: string, more: object = {}) => ({ switch_id: SWITCH, port_id, ...more });

const set = ['inspector.physical_network_cidr_map={"192.0.2.0/24": "physnet1", "2001:db8::/64": "physnet2"}'];

async function start(t: TestContext) {
  return startWholeApi(t, { drivers: [{ hardwareTypes: [], interfaces: [agentInspect] }], set });
}

/** Inspects a machine with these ports, whose ramdisk tells these network cards. */
async function inspect(api: WholeApi, ports: readonly object[], interfaces: readonly object[]) {
  const { node } = await api.pathOf({ provision_state: 'manageable', inspect_interface: 'agent' });
  await api.store.transaction(async (trx) => {
    for (const port of ports as { address: string }[]) {
      await insertPort(trx, { uuid: randomUUID(), node_id: node.id, ...port });
    }
  });
  await api.conductor.doors.start.provision({ node, verb: 'inspect', requester });
  await api.untilState(node.uuid, 'inspect wait');
  const body = { inventory: { interfaces, boot: { pxe_interface: MACS[0] } } };
  const told = await api.request('POST', `/v1/continue_inspection?node_uuid=${node.uuid}`, { body });
  assert.equal(told.status, 202, told.text);
  await api.untilState(node.uuid, 'manageable');
  return node;
}

const card = (index: 0 | 1 | 2, more: object = {}) => ({
  name: `eno${index + 1}`,
  mac_address: MACS[index],
  has_carrier: true,
  lldp: null,
  ...more,
});

test('TLVs are read by the names of Ironic, and what can not be read is left out', () => {
  const said = parseLldp([
    ...lldp('Ethernet1/7'),
    [4, text('to rack 3\0')],
    [6, text('Linux 6.1\nx86')],
    [7, '00140004'],
    [8, `0501c0000201020000000300`],
    [8, `110220010db8000000000000000000000001020000000300`],
    [127, '0080c2010064'],
    [127, `0080c20300640574656e616e`],
    [127, `0080c203006504${text('blue')}`],
    [127, '00120f030300000007'],
    [127, '00120f042400'],
    [127, '00aabb01'],
    [9, 'zz'],
    'no pair',
  ]);
  assert.deepEqual(said, {
    switch_chassis_id: SWITCH,
    switch_port_id: 'Ethernet1/7',
    switch_port_description: 'to rack 3',
    switch_system_name: 'leaf1',
    switch_system_description: 'Linux 6.1\nx86',
    switch_capabilities_support: ['Bridge', 'Router'],
    switch_capabilities_enabled: ['Bridge'],
    switch_mgmt_addresses: ['192.0.2.1', '2001:db8::1'],
    switch_port_untagged_vlan_id: 100,
    switch_port_vlans: [
      { id: 100, name: 'tenan' },
      { id: 101, name: 'blue' },
    ],
    switch_port_link_aggregation_support: true,
    switch_port_link_aggregation_enabled: true,
    switch_port_link_aggregation_id: 7,
    switch_port_mtu: 9216,
  });
  assert.deepEqual(
    parseLldp([
      [1, '0501c0000207'],
      [2, `03${mac(MACS[0])}`],
    ]),
    {
      switch_chassis_id: '192.0.2.7',
      switch_port_id: MACS[0],
    },
  );
  for (const odd of [null, 5, [[1, '']], [[1, '04']], [[2, '0401']], [[8, 'ff01']], [[127, '0080c2']], [[7, '00']]]) {
    assert.deepEqual(parseLldp(odd), {}, JSON.stringify(odd));
  }
});

test('the physical network of an address is that of the network that holds it', () => {
  const map = { '192.0.2.0/24': 'one', '2001:db8::/64': 'two' };
  assert.deepEqual(
    ['192.0.2.9', '2001:db8::9', '198.51.100.1', '2001:db9::1', 'nonsense', null].map((each) =>
      physicalNetworkOf(each, map),
    ),
    ['one', 'two', undefined, undefined, undefined, undefined],
  );
});

test('an inspection tells ports their links and physical networks, and overwrites no link', async (t) => {
  const api = await start(t);
  const own = link('Eth1/99', { switch_info: 'by hand' });
  const node = await inspect(
    api,
    [
      { address: MACS[1], local_link_connection: own },
      { address: MACS[2], local_link_connection: { switch_id: SWITCH, port_id: 'Eth1/3' } },
    ],
    [
      card(0, { lldp: lldp('Eth1/1'), ipv4_address: '192.0.2.44' }),
      card(1, { lldp: lldp('Eth1/2'), ipv6_address: '2001:db8::2' }),
      card(2, { lldp: lldp('Eth1/3') }),
    ],
  );
  const ports = Object.fromEntries((await portsOfNode(api.store.read, node.id)).map((port) => [port.address, port]));
  assert.deepEqual(ports[MACS[0]]?.local_link_connection, link('Eth1/1', { switch_info: 'leaf1' }));
  assert.equal(ports[MACS[0]]?.physical_network, 'physnet1');
  assert.deepEqual(ports[MACS[1]]?.local_link_connection, own);
  assert.equal(ports[MACS[1]]?.physical_network, 'physnet2');
  assert.deepEqual(ports[MACS[2]]?.local_link_connection, link('Eth1/3', { switch_info: 'leaf1' }));
  const { json } = await api.request('GET', `/v1/nodes/${node.uuid}/inventory`);
  assert.equal(json.plugin_data.parsed_lldp.eno2.switch_port_id, 'Eth1/2');
});

test('a switch that names itself by no MAC address gives no link', async (t) => {
  const api = await start(t);
  const tlvs = [[1, `07${text('leaf1')}`], ...lldp('Eth1/1').slice(1)];
  const node = await inspect(api, [], [card(0, { lldp: tlvs })]);
  const [port] = await portsOfNode(api.store.read, node.id);
  assert.deepEqual(port?.local_link_connection, {});
  const { json } = await api.request('GET', `/wrought/v1/network/verify?node=${node.uuid}`);
  assert.equal(json.differences[0].kind, 'link not noted');
  assert.match(json.differences[0].message, /eno1 .* is in port Eth1\/1 of switch leaf1 .*enter switch_id by hand/);
});

test('what is plugged in otherwise than it is meant is told in sentences', async (t) => {
  const api = await start(t);
  const [first, second, third] = MACS;
  await inspect(
    api,
    [
      { address: first, local_link_connection: link('Eth1/1'), physical_network: 'physnet1' },
      { address: second, local_link_connection: link('Eth1/2'), physical_network: 'physnet1' },
    ],
    [
      card(0, { lldp: lldp('Eth1/1') }),
      card(1, { lldp: lldp('Eth1/9', { name: 'leaf2', address: '52:54:00:ff:00:02' }) }),
      card(2, { lldp: lldp('Eth1/3') }),
    ],
  );
  const { node: other } = await api.pathOf({ name: 'other' });
  await api.store.transaction((trx) =>
    insertPort(trx, {
      uuid: randomUUID(),
      node_id: other.id,
      address: '52:54:00:99:00:01',
      local_link_connection: { ...link('eth1/9'), switch_id: '52:54:00:ff:00:02' },
      physical_network: 'physnet7',
    }),
  );
  const { status, json } = await api.request('GET', '/wrought/v1/network/verify');
  assert.equal(status, 200);
  assert.deepEqual([json.nodes, json.ports, json.confirmed], [2, 3, 1]);
  const told = Object.fromEntries(
    (json.differences as { kind: string; message: string }[]).map(({ kind, message }) => [kind, message]),
  );
  assert.deepEqual(Object.keys(told).sort(), ['no port', 'not seen', 'other link', 'other physical network']);
  assert.match(
    told['other link'] ?? '',
    new RegExp(
      `eno2 \\(${second}\\) is meant to be in port Eth1/2 of switch ${SWITCH}, but is in port Eth1/9 of switch leaf2`,
    ),
  );
  assert.match(
    told['other physical network'] ?? '',
    /meant to be on the physical network "physnet1", .* other machines are on "physnet7"/,
  );
  assert.match(told['no port'] ?? '', new RegExp(`eno3 \\(${third}\\) .* has no port`));
  assert.match(told['not seen'] ?? '', /No inspection of node other is kept/);
});

test('two ports in one socket, silent cards and missing ones are told', async (t) => {
  const api = await start(t);
  const node = await inspect(
    api,
    [
      { address: MACS[0], local_link_connection: link('Eth1/1') },
      { address: MACS[1], local_link_connection: link('ETH1/1') },
      { address: '52:54:00:77:00:01' },
      { address: MACS[2], local_link_connection: { network_type: 'unmanaged' } },
    ],
    [card(0), card(1, { has_carrier: false }), card(2, { lldp: lldp('Eth1/3') })],
  );
  const { json } = await api.request('GET', `/wrought/v1/network/verify?node=${node.uuid}`);
  const told = (json.differences as { kind: string; message: string }[]).map(
    ({ kind, message }) => `${kind}: ${message}`,
  );
  assert.equal(told.filter((each) => each.startsWith('shared switch port')).length, 2);
  assert.ok(
    told.some((each) => /not seen: eno1 .*heard no LLDP/.test(each)),
    told.join('\n'),
  );
  assert.ok(told.some((each) => /not seen: eno2 .*no carrier/.test(each)));
  assert.ok(told.some((each) => /no network card with the address 52:54:00:77:00:01/.test(each)));
  assert.equal(told.length, 5);
  assert.equal((await api.request('GET', '/wrought/v1/network/verify?node=nobody')).status, 404);
  assert.equal((await api.request('GET', '/wrought/v1/network/verify?nodes=1')).status, 400);
});

test('the ramdisk of an inspection, and no other, is told to listen for switches', () => {
  const line = { append: '', apiUrl: 'http://192.0.2.1:6385', collectsLldp: true };
  assert.ok(kernelArguments(testNode(), { ...line, purpose: 'inspect' }).includes('ipa-collect-lldp=1'));
  assert.ok(!kernelArguments(testNode(), { ...line, purpose: 'deploy' }).some((each) => each.includes('lldp')));
  assert.ok(
    !kernelArguments(testNode(), { ...line, purpose: 'inspect', collectsLldp: false }).some((each) =>
      each.includes('lldp'),
    ),
  );
});
