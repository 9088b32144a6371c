// The network interface ironic-networking on a real Open vSwitch: phases, tenants, groups, repair, and what is refused.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isRegisteredError, type JsonObject, type Port, type Portgroup } from '@wrought/contract';
import { type Openvswitch, startOpenvswitch } from '@wrought/lab';
import { loadConfig } from '../src/config/index.ts';
import type { Task } from '../src/drivers/kit/index.ts';
import { ironicNetworkingNetwork } from '../src/network/ironic-networking/index.ts';
import { createSwitches } from '../src/network/switches/switches.ts';
import { insertPort } from '../src/store/port-list.ts';
import { startConductor } from './support/conductor.ts';
import { testPort, testTask } from './support/task.ts';

const SWITCH_ID = '52:54:00:ff:ff:02';
let directory: string;
let openvswitch: Openvswitch;
let set: string[];

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wrought-ovs-'));
  openvswitch = await startOpenvswitch({ directory: join(directory, 'switch'), isDummy: true });
  await openvswitch.vsctl(
    ...['add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=dummy'],
    ...['p1', 'p2', 'p3'].flatMap((name) => ['--', 'add-port', 'br0', name]),
  );
  const file = join(directory, 'switches.toml');
  await writeFile(
    file,
    `[leaf1]
type = "openvswitch"
switch_ids = ["${SWITCH_ID}"]
database = "${openvswitch.database}"
bridge = "br0"
allowed_vlans = "100-400,4000"
[leaf2]
type = "openvswitch"
switch_ids = ["52:54:00:ff:ff:03"]
database = "unix:${directory}/nobody.sock"
bridge = "br0"
`,
  );
  set = [
    `ironic_networking.switch_config_file=${file}`,
    'ironic_networking.provisioning_network=access/native_vlan=100',
    'ironic_networking.cleaning_network=access/native_vlan=101',
    'ironic_networking.idle_network=access/native_vlan=4000',
  ];
});

after(async () => {
  await openvswitch.stop();
  await rm(directory, { recursive: true });
});

const config = () => loadConfig({ set });
const network = () => ironicNetworkingNetwork(createSwitches(config));
const access = (native_vlan: number) => ({ mode: 'access', native_vlan });

function plugged(port_id: string, fields: Partial<Port> = {}, switch_id = SWITCH_ID): Port {
  return testPort(`52:54:00:00:00:0${port_id.at(-1)}`, {
    id: Number(port_id.at(-1)),
    local_link_connection: { switch_id, port_id },
    extra: { switchport: access(201) },
    ...fields,
  });
}

const tagOf = async (name: string) => (await openvswitch.vsctl('get', 'port', name, 'tag')).stdout.trim();

/** The reason of an error of the registry. */
async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    assert.ok(isRegisteredError(error), String(error));
    return error.message;
  }
  assert.fail('nothing was refused');
}

test('a machine goes through its networks, and its ports are noted first', async () => {
  const { task, learned, evidence } = testTask({
    config: config(),
    ports: [plugged('p1'), testPort('52:54:00:00:00:0f')],
  });
  const interface_ = network();
  await interface_.validate(task);
  const steps = [
    [() => interface_.addCleaningNetwork(task), '101', 'cleaning'],
    [() => interface_.removeCleaningNetwork(task), '4000', 'idle'],
    [() => interface_.addProvisioningNetwork(task), '100', 'provisioning'],
    [() => interface_.removeProvisioningNetwork(task), '4000', 'idle'],
    [() => interface_.configureTenantNetworks(task), '201', 'tenant'],
    [() => interface_.configureTenantNetworks(task), '201', 'tenant'],
    [() => interface_.unconfigureTenantNetworks(task), '4000', 'idle'],
  ] as const;
  for (const [step, tag, noted] of steps) {
    await step();
    assert.equal(await tagOf('p1'), tag);
    assert.equal(learned().ports?.at(-1)?.internal_info.switch_network, noted);
  }
  assert.match(evidence[2]?.message ?? '', /provisioning network: p1 of switch "leaf1": access\/native_vlan=100/);
  // The second time the tenant's network was there already.
  assert.deepEqual(
    evidence.map(({ data }) => data?.changed),
    [['p1'], ['p1'], ['p1'], ['p1'], ['p1'], [], ['p1']],
  );
});

test('what is intended is stored before the switch is asked, so that a crash in between loses nothing', async () => {
  const { task, learned } = testTask({ config: config(), ports: [plugged('p1')] });
  await network().configureTenantNetworks(task);
  const dying: Task = Object.create(task, {
    store: {
      async value() {
        assert.equal(learned().ports?.at(-1)?.internal_info.switch_network, 'idle');
        throw new Error('the process dies here');
      },
    },
  });
  await assert.rejects(network().unconfigureTenantNetworks(dying), /dies here/);
  assert.equal(await tagOf('p1'), '201');
  // The next process finds the note, and does what it says.
  const after = testTask({ config: config(), ports: task.ports });
  await network().repairSwitchPorts?.(after.task);
  assert.equal(await tagOf('p1'), '4000');
  assert.match(after.evidence[0]?.message ?? '', /were not as intended and were set again: p1 of switch "leaf1"/);
});

test('driver_info goes before the configuration, and the port before nothing', async () => {
  const { task } = testTask({
    config: config(),
    node: { driver_info: { provisioning_network: 'access/native_vlan=111', idle_network: 'access/native_vlan=300' } },
    ports: [plugged('p1')],
  });
  await network().addProvisioningNetwork(task);
  assert.equal(await tagOf('p1'), '111');
  // No network for rescue is named anywhere: the port's own.
  await network().addRescuingNetwork(task);
  assert.equal(await tagOf('p1'), '201');
  await network().removeRescuingNetwork(task);
  assert.equal(await tagOf('p1'), '300');
});

test('without an idle network unused ports are on the default VLAN of the switch, and on no other that is not allowed', async () => {
  const withoutIdle = set.filter((each) => !each.includes('idle_network'));
  const { task } = testTask({ config: loadConfig({ set: withoutIdle }), ports: [plugged('p1')] });
  await network().validate(task);
  await network().addProvisioningNetwork(task);
  await network().removeProvisioningNetwork(task);
  assert.equal(await tagOf('p1'), '1');
  const node = { driver_info: { idle_network: 'access/native_vlan=500' } };
  const { task: other } = testTask({ config: config(), node, ports: [plugged('p1')] });
  assert.match(await refusal(network().validate(other)), /not put on its idle network: VLAN 500 is not among/);
});

test('ports of a group are bundled for the tenant, and single in a phase', async () => {
  const bond: Portgroup = {
    ...{ id: 9, uuid: '0000000b-0000-4000-8000-000000000009', node_id: 1, address: null, name: 'web' },
    ...{ node_uuid: '0000000a-0000-4000-8000-000000000001', internal_info: {}, standalone_ports_supported: true },
    ...{
      mode: 'active-backup',
      properties: { miimon: 100 },
      physical_network: null,
      category: null,
      dynamic_portgroup: false,
    },
    ...{ created_at: '2026-01-01T00:00:00.000Z', updated_at: null },
    extra: { lag: { mode: 'trunk', native_vlan: 201, allowed_vlans: [300], aggregation_mode: 'lacp' } },
  };
  const noLink = { bond_mode: undefined, bond_links: undefined, bond_miimon: undefined, vlan_link: undefined };
  const member = { portgroup_uuid: bond.uuid, extra: { switchport: { ...access(201), lag_name: 'bond7' } } };
  const { task } = testTask({
    config: config(),
    ports: [plugged('p1', member), plugged('p2', member)],
    portgroups: [bond],
  });
  await network().validate(task);
  await network().configureTenantNetworks(task);
  const seen = await network().switchPorts?.(task);
  assert.deepEqual(
    seen?.map(({ switch_port, seen: is, seen_lag, matches }) => [switch_port, is, seen_lag, matches]),
    ['p1', 'p2'].map((name) => [name, 'trunk/native_vlan=201/allowed_vlans=300', 'bond7', true]),
  );
  const data = await network().networkData?.(task);
  const links = data?.links as JsonObject[] | undefined;
  assert.deepEqual(
    links?.map(({ id, type, bond_mode, bond_links, bond_miimon, vlan_link }) => {
      return { id, type, bond_mode, bond_links, bond_miimon, vlan_link };
    }),
    [
      ...task.ports.map(({ uuid }) => ({ ...noLink, id: uuid, type: 'phy' })),
      {
        ...{ ...noLink, id: bond.uuid, type: 'bond', bond_mode: '802.3ad', bond_miimon: 100 },
        bond_links: task.ports.map(({ uuid }) => uuid),
      },
      { ...noLink, id: `${bond.uuid}_vlan_300`, type: 'vlan', vlan_link: bond.uuid },
    ],
  );
  assert.deepEqual(data?.networks, [{ id: `${bond.uuid}_network`, type: 'ipv4_dhcp', link: bond.uuid }]);
  assert.equal(links?.[2]?.ethernet_mac_address, task.ports[0]?.address);
  await network().addProvisioningNetwork(task);
  assert.equal(await tagOf('p2'), '100');
});

test('what can not be is refused with its name before any switch is asked', async () => {
  const refused = async (given: Parameters<typeof testTask>[0]) =>
    refusal(network().validate(testTask({ config: config(), ...given }).task));
  assert.match(await refused({ ports: [] }), /local_link_connection of none of its ports/);
  assert.match(
    await refused({ ports: [plugged('p1', {}, '52:54:00:00:00:99')] }),
    /"52:54:00:00:00:99", which is among/,
  );
  const named = (text: string) => ({ ports: [plugged('p1')], node: { driver_info: { cleaning_network: text } } });
  for (const [text, expected] of [
    ['100', /mode is "100"/],
    ['access/native_vlan=5000', /native_vlan is 5000; allowed: a number from 1 to 4094/],
    ['access/vlan=7', /"vlan=7" is not understood/],
    ['trunk/native_vlan=100', /allowed_vlans is undefined/],
    ['trunk/native_vlan=100/allowed_vlans=9-3', /allowed_vlans is "9-3"/],
    ['access/native_vlan=500', /VLAN 500 is not among allowed_vlans of switch "leaf1" \(100-400,4000\)/],
  ] as const) {
    assert.match(await refused(named(text)), expected);
  }
  for (const [switchport, expected] of [
    [{ mode: 'access' }, /native_vlan is undefined/],
    [{ ...access(201), speed: 1 }, /unknown member speed/],
    [{ ...access(201), allowed_vlans: [202] }, /allowed_vlans goes with the modes trunk and hybrid/],
    [{ mode: 'trunk', native_vlan: 201, allowed_vlans: [202, 202] }, /names a VLAN twice/],
    [{ mode: 'trunk', native_vlan: 201, allowed_vlans: [202] }, /pxe_enabled needs the mode access/],
    ['access', /allowed: an object/],
  ] as const) {
    assert.match(await refused({ ports: [plugged('p1', { extra: { switchport } })] }), expected);
  }
});

test('a switch that is away is told with port and VLAN, and the intent stays', async () => {
  const { task, learned } = testTask({
    config: config(),
    ports: [plugged('p1'), plugged('p2', {}, '52:54:00:ff:ff:03')],
  });
  const reason = await refusal(network().addProvisioningNetwork(task));
  assert.match(
    reason,
    /switch "leaf2" \(unix:.*nobody\.sock\) was to put port p2 on access\/native_vlan=100 \(provisioning/,
  );
  assert.match(reason, /ENOENT/);
  // The other switch was configured all the same.
  assert.equal(await tagOf('p1'), '100');
  assert.equal(learned().ports?.length, 2);
  const shown = await network().switchPorts?.(task);
  assert.deepEqual(
    shown?.map(({ switch_port, intended, seen, matches }) => [switch_port, intended, seen, matches]),
    [
      ['p1', 'access/native_vlan=100', 'access/native_vlan=100', true],
      ['p2', 'access/native_vlan=100', null, null],
    ],
  );
});

test('ports that somebody else changed are mended by the next look', async (t) => {
  const own = network();
  /** Nodes that were reserved for a repair. */
  const repaired: string[] = [];
  const watched = {
    ...own,
    async repairSwitchPorts(task: Task) {
      repaired.push(task.node.uuid);
      return (await own.repairSwitchPorts?.(task)) ?? {};
    },
  };
  const {
    store,
    conductor,
    node: makeNode,
  } = await startConductor(t, {
    set: [...set, 'ironic_networking.repair_interval=0'],
    drivers: [{ hardwareTypes: [], interfaces: [watched] }],
  });
  const node = await makeNode({ network_interface: 'ironic-networking' });
  const away = await makeNode({ network_interface: 'ironic-networking' });
  const plugs = [
    [node, SWITCH_ID, '3'],
    [away, '52:54:00:ff:ff:03', '4'],
  ] as const;
  for (const [{ id }, switch_id, digit] of plugs) {
    await store.transaction((trx) =>
      insertPort(trx, {
        ...{ node_id: id, uuid: `0000000c-0000-4000-8000-00000000000${digit}`, address: `52:54:00:00:00:0${digit}` },
        local_link_connection: { switch_id, port_id: `p${digit}` },
        extra: { switchport: access(222) },
        internal_info: { switch_network: 'tenant' },
      }),
    );
  }
  await openvswitch.vsctl('set', 'port', 'p3', 'tag=399');
  const [before] = await conductor.doors.call.switchPorts(node);
  assert.deepEqual([before?.seen, before?.matches], ['access/native_vlan=399', false]);
  await conductor.repairSwitchPorts();
  assert.equal(await tagOf('p3'), '222');
  await openvswitch.vsctl('clear', 'port', 'p3', 'tag');
  const [untagged] = await conductor.doors.call.switchPorts(node);
  assert.deepEqual([untagged?.seen, untagged?.matches], [null, false]);
  await conductor.repairSwitchPorts();
  assert.equal(await tagOf('p3'), '222');
  // Nobody is kept from a node whose ports are as they should be, or whose switch does not answer.
  await conductor.repairSwitchPorts();
  assert.deepEqual(repaired, [node.uuid, node.uuid]);
  const other = await makeNode({ network_interface: 'noop' });
  assert.match(await refusal(conductor.doors.call.switchPorts(other)), /does not support showing ports of switches/);
});
