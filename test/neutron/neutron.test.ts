// A real Neutron sees the machine go through its phases: which ports there are, how each is bound, and what is left behind by failures.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Port, Portgroup } from '@wrought/contract';
import { loadConfig } from '@wrought/server/config';
import type { NetworkInterface, NetworkPhase } from '../../packages/server/src/drivers/kit/index.ts';
import { neutronDhcp } from '../../packages/server/src/network/dhcp/neutron.ts';
import type { BootOffer } from '../../packages/server/src/network/dhcp/provider.ts';
import { flatNetwork } from '../../packages/server/src/network/flat.ts';
import { neutronNetwork } from '../../packages/server/src/network/neutron/index.ts';
import { createCloud, type Cloud as Services } from '../../packages/server/src/openstack/cloud.ts';
import { silentLog } from '../../packages/server/test/support/conductor.ts';
import { type TestTaskOptions, testPort, testTask } from '../../packages/server/test/support/task.ts';
import { type NeutronCloud, type PortInNeutron, startNeutronCloud } from './cloud.ts';

let cloud: NeutronCloud;
let services: Services;
let neutron: NetworkInterface;
let flat: NetworkInterface;

before(async () => {
  cloud = await startNeutronCloud();
  services = createCloud(loadConfig({ set: cloud.set }));
  neutron = neutronNetwork(services);
  flat = flatNetwork(services);
});
after(async () => {
  await services?.close();
  await cloud?.stop();
});

let machines = 0;
const link = (more: object = {}) => ({
  switch_id: '52:54:00:ff:00:01',
  port_id: 'eth1/1',
  switch_info: 'leaf1',
  ...more,
});

/** A network card of a new machine, plugged into a switch of physnet1. */
function card(fields: Partial<Port> = {}): Port {
  machines += 1;
  const address = `52:54:00:aa:00:${machines.toString(16).padStart(2, '0')}`;
  return testPort(address, {
    id: machines,
    local_link_connection: link(),
    physical_network: 'physnet1',
    ...fields,
  });
}

function machine(ports: readonly Port[], options: TestTaskOptions = {}) {
  const uuid = randomUUID();
  return testTask({
    set: cloud.set,
    ports,
    ...options,
    node: { uuid, provision_state: 'available', boot_interface: 'ipxe', ...options.node },
  });
}

type Machine = ReturnType<typeof machine>;

const add = (network: NetworkInterface, { task }: Machine, phase: NetworkPhase) =>
  ({
    cleaning: network.addCleaningNetwork,
    provisioning: network.addProvisioningNetwork,
    rescuing: network.addRescuingNetwork,
    inspection: network.addInspectionNetwork,
    servicing: network.addServicingNetwork,
  })[phase](task);

const remove = (network: NetworkInterface, { task }: Machine, phase: NetworkPhase) =>
  ({
    cleaning: network.removeCleaningNetwork,
    provisioning: network.removeProvisioningNetwork,
    rescuing: network.removeRescuingNetwork,
    inspection: network.removeInspectionNetwork,
    servicing: network.removeServicingNetwork,
  })[phase](task);

/** What there is in Neutron for these addresses. */
function portsOf(ports: readonly Port[]): Promise<readonly PortInNeutron[]> {
  return cloud.ports(ports.map(({ address }) => address));
}

/** How a VIF stands, in a few words. */
async function standing(id: string, { task }: Machine): Promise<string> {
  const port = await cloud.port(id);
  const host = port['binding:host_id'] === task.node.uuid ? 'ours' : port['binding:host_id'] || 'none';
  const links = ((port['binding:profile'].local_link_information ?? []) as unknown[]).length;
  return `host ${host}, ${port['binding:vif_type']}, ${port.status}, ${links} links`;
}

test('every phase has its network, and the tenant its own between them', async () => {
  const port = card();
  const node = machine([port]);
  await neutron.validate(node.task);
  const vif = await cloud.newVif();
  const before = (await cloud.ports()).length;

  for (const phase of ['cleaning', 'inspection'] as const) {
    node.task.learn(await add(neutron, node, phase));
    const [made, ...others] = await portsOf([port]);
    assert.ok(made !== undefined && others.length === 0);
    assert.equal(made.network_id, cloud.networks[phase]);
    assert.equal(made.status, 'ACTIVE');
    assert.equal(made.device_owner, 'baremetal:none');
    assert.equal(made.device_id, node.task.node.uuid);
    assert.deepEqual(made['binding:profile'], { local_link_information: [link()], physical_network: 'physnet1' });
    assert.equal(node.task.ports[0]?.internal_info[`${phase}_vif_port_id`], made.id);
    node.task.learn(await remove(neutron, node, phase));
    assert.deepEqual(await portsOf([port]), []);
    assert.deepEqual(node.task.ports[0]?.internal_info, {});
  }

  node.task.learn(await neutron.attachVif(node.task, { id: vif.id }));
  assert.equal((await cloud.port(vif.id)).mac_address, port.address);
  assert.equal(await standing(vif.id, node), 'host ours, binding_failed, DOWN, 0 links');
  for (const phase of ['provisioning', 'rescuing', 'servicing'] as const) {
    node.task.learn(await neutron.unconfigureTenantNetworks(node.task));
    node.task.learn(await add(neutron, node, phase));
    assert.equal(await standing(vif.id, node), 'host none, unbound, DOWN, 0 links');
    assert.deepEqual(
      (await portsOf([port])).map(({ network_id }) => network_id),
      [cloud.networks[phase]],
    );
    node.task.learn(await remove(neutron, node, phase));
    node.task.learn(await neutron.configureTenantNetworks(node.task));
    assert.equal(await standing(vif.id, node), 'host ours, other, ACTIVE, 1 links');
    assert.deepEqual(
      (await portsOf([port])).map(({ id }) => id),
      [vif.id],
    );
  }
  node.task.learn(await neutron.detachVif(node.task, vif.id));
  assert.equal(await standing(vif.id, node), 'host none, unbound, DOWN, 0 links');
  assert.notEqual((await cloud.port(vif.id)).mac_address, port.address);
  assert.deepEqual(await neutron.listVifs(node.task), []);
  assert.equal((await cloud.ports()).length, before);
});

test('the config drive gets the addresses that Neutron chose', async () => {
  const port = card();
  const node = machine([port]);
  const vif = await cloud.newVif();
  assert.equal(await neutron.networkData?.(node.task), null);
  node.task.learn(await neutron.attachVif(node.task, { id: vif.id }));
  const [address] = vif.fixed_ips;
  assert.deepEqual(await neutron.networkData?.(node.task), {
    links: [{ id: vif.id, vif_id: vif.id, type: 'phy', ethernet_mac_address: port.address, mtu: 1500 }],
    networks: [
      {
        id: 'network0',
        network_id: cloud.networks.tenant,
        link: vif.id,
        type: 'ipv4',
        ip_address: address?.ip_address,
        netmask: '255.255.255.0',
        routes: [{ network: '0.0.0.0', netmask: '0.0.0.0', gateway: '10.11.0.1' }],
        services: [],
      },
    ],
    services: [],
  });
  node.task.learn(await neutron.detachVif(node.task, vif.id));
});

test('no link is named to Neutron before the step to the tenant', async () => {
  const port = card();
  const node = machine([port]);
  const vif = await cloud.newVif();
  const seen = cloud.neutron.notices().length;
  node.task.learn(await neutron.attachVif(node.task, { id: vif.id }));
  node.task.learn(await neutron.unconfigureTenantNetworks(node.task));
  node.task.learn(await neutron.addProvisioningNetwork(node.task));
  node.task.learn(await neutron.removeProvisioningNetwork(node.task));
  const notices = () =>
    cloud.neutron
      .notices()
      .slice(seen)
      .filter(({ id }) => id === vif.id);
  assert.ok(notices().length >= 2);
  for (const notice of notices()) {
    assert.deepEqual(notice['binding:profile'], {});
  }
  node.task.learn(await neutron.configureTenantNetworks(node.task));
  assert.equal(notices().at(-1)?.['binding:profile'].local_link_information?.length, 1);
  node.task.learn(await neutron.detachVif(node.task, vif.id));
});

test('a VIF of an active machine is plugged at once, and one that arrives bound is bound anew', async () => {
  const port = card();
  const node = machine([port], { node: { provision_state: 'active' } });
  const vif = await cloud.newVif();
  await cloud.ask('PUT', `/ports/${vif.id}`, {
    port: {
      'binding:vnic_type': 'baremetal',
      'binding:host_id': 'another-host',
      'binding:profile': { local_link_information: [link({ port_id: 'of another' })] },
    },
  });
  node.task.learn(await neutron.attachVif(node.task, { id: vif.id }));
  assert.equal(await standing(vif.id, node), 'host ours, other, ACTIVE, 1 links');
  assert.equal((await cloud.port(vif.id)).mac_address, port.address);
  await assert.rejects(neutron.attachVif(node.task, { id: vif.id }), /already attached/);
  node.task.learn(await neutron.detachVif(node.task, vif.id));
});

test('the physical network decides which port carries a VIF', async () => {
  const [first, unknown, second] = [card(), card({ physical_network: null }), card({ physical_network: 'physnet2' })];
  const node = machine([first, unknown, second]);
  const vifs = await Promise.all([cloud.newVif('elsewhere'), cloud.newVif('elsewhere'), cloud.newVif('elsewhere')]);
  const [best, next, none] = vifs.map(({ id }) => id);
  node.task.learn(await neutron.attachVif(node.task, { id: best ?? '' }));
  assert.equal((await cloud.port(best ?? '')).mac_address, second.address);
  node.task.learn(await neutron.attachVif(node.task, { id: next ?? '' }));
  assert.equal((await cloud.port(next ?? '')).mac_address, unknown.address);
  await assert.rejects(neutron.attachVif(node.task, { id: none ?? '' }), /no free port.*physical network physnet2/);
  assert.equal(await standing(none ?? '', node), 'host none, unbound, DOWN, 0 links');
  for (const { id } of await neutron.listVifs(node.task)) {
    node.task.learn(await neutron.detachVif(node.task, id));
  }
});

test('a port group is bound by the links of all its members', async () => {
  const group: Portgroup = {
    id: 900,
    uuid: randomUUID(),
    node_id: 1,
    node_uuid: randomUUID(),
    address: '52:54:00:bb:00:01',
    name: 'bond0',
    extra: {},
    internal_info: {},
    standalone_ports_supported: true,
    mode: '802.3ad',
    properties: { miimon: '100' },
    physical_network: null,
    category: null,
    dynamic_portgroup: false,
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: null,
  };
  const links = [link({ port_id: 'eth1/2' }), link({ port_id: 'eth1/3' })];
  const members = links.map((each) => card({ portgroup_uuid: group.uuid, local_link_connection: each }));
  const node = machine([...members, card()], { portgroups: [group], node: { provision_state: 'active' } });
  const vif = await cloud.newVif();
  node.task.learn(await neutron.attachVif(node.task, { id: vif.id }));
  const bound = await cloud.port(vif.id);
  assert.equal(bound.mac_address, group.address);
  assert.deepEqual(bound['binding:profile'], {
    local_link_information: links,
    local_group_information: {
      id: group.uuid,
      name: 'bond0',
      bond_mode: '802.3ad',
      bond_properties: { miimon: '100' },
    },
    physical_network: 'physnet1',
  });
  node.task.learn(await neutron.detachVif(node.task, vif.id));
});

test('flat binds hosts alone, and cleans on a port of its own', async () => {
  const port = card({ local_link_connection: {}, physical_network: null });
  const set = [...cloud.set, 'neutron.cleaning_network=flat'];
  const node = machine([port], { set });
  await flat.validate(node.task);
  node.task.learn(await flat.addCleaningNetwork(node.task));
  const [cleaning] = await portsOf([port]);
  assert.equal(cleaning?.network_id, cloud.networks.flat);
  assert.equal(cleaning?.status, 'ACTIVE');
  assert.deepEqual(cleaning?.['binding:profile'], {});
  node.task.learn(await flat.removeCleaningNetwork(node.task));
  const vif = await cloud.newVif('flat');
  node.task.learn(await flat.attachVif(node.task, { id: vif.id }));
  node.task.learn(await flat.unconfigureTenantNetworks(node.task));
  assert.equal(await standing(vif.id, node), 'host none, unbound, DOWN, 0 links');
  node.task.learn(await flat.addProvisioningNetwork(node.task));
  assert.equal(await standing(vif.id, node), 'host ours, other, ACTIVE, 0 links');
  node.task.learn(await flat.removeProvisioningNetwork(node.task));
  node.task.learn(await flat.configureTenantNetworks(node.task));
  assert.equal((await cloud.port(vif.id)).mac_address, port.address);
  node.task.learn(await flat.detachVif(node.task, vif.id));
  assert.deepEqual(await portsOf([port]), []);
});

test('ports that an earlier process made and could not note are deleted first', async () => {
  const port = card();
  const node = machine([port]);
  await neutron.addCleaningNetwork(node.task);
  // What it learned is lost with its process.
  node.task.learn(await neutron.addCleaningNetwork(node.task));
  assert.equal((await portsOf([port])).length, 1);
  node.task.learn(await neutron.removeCleaningNetwork(node.task));
  assert.deepEqual(await portsOf([port]), []);
});

test('when one port of a phase fails, the others go again', async (t) => {
  const before = (await cloud.ports()).length;
  const refused = card({ local_link_connection: link({ switch_info: 'refuses' }) });
  await t.test('because no switch takes it', async () => {
    const node = machine([card(), refused]);
    await assert.rejects(neutron.addCleaningNetwork(node.task), /could not bind port .*local_link_connection/);
    assert.equal((await cloud.ports()).length, before);
  });
  await t.test('because it does not become active in time', async () => {
    const slow = card({ local_link_connection: link({ switch_info: 'slow' }) });
    const node = machine([card(), slow], { set: [...cloud.set, 'neutron.port_active_timeout=1'] });
    await assert.rejects(
      neutron.addCleaningNetwork(node.task),
      /still "DOWN" after 1 s \(neutron\.port_active_timeout\)/,
    );
    assert.equal((await cloud.ports()).length, before);
  });
  await t.test('because the quota is used up', async () => {
    const { id } = (await cloud.keystone.admin('GET', '/projects?name=service')).projects[0];
    const used = (await cloud.ports()).filter(({ project_id }) => project_id === id).length;
    await cloud.ask('PUT', `/quotas/${id}`, { quota: { port: used + 1 } });
    const node = machine([card(), card()]);
    await assert.rejects(neutron.addCleaningNetwork(node.task), /OverQuota/);
    assert.equal((await cloud.ports()).length, before);
    await cloud.ask('DELETE', `/quotas/${id}`);
  });
  await t.test('unless the node says that bindings may fail', async () => {
    const node = machine([refused], { node: { driver_info: { fail_on_binding_failure: false } } });
    node.task.learn(await neutron.addCleaningNetwork(node.task));
    node.task.learn(await neutron.removeCleaningNetwork(node.task));
    assert.equal((await cloud.ports()).length, before);
  });
});

test('ports without a link are left out, and a machine without any is refused', async () => {
  const [plugged, loose] = [card(), card({ local_link_connection: {} })];
  const node = machine([plugged, loose]);
  node.task.learn(await neutron.addCleaningNetwork(node.task));
  assert.equal((await portsOf([plugged, loose])).length, 1);
  assert.match(node.evidence[0]?.message ?? '', new RegExp(`Port ${loose.address} is left out`));
  node.task.learn(await neutron.removeCleaningNetwork(node.task));
  await assert.rejects(
    neutron.addCleaningNetwork(machine([loose]).task),
    /local_link_connection of all of them is empty/,
  );
  await assert.rejects(neutron.addCleaningNetwork(machine([]).task), /it has no ports/);
});

test('add_all_ports gives ports that do not boot one without an address, and IPv6 its addresses', async () => {
  const [boots, other] = [card(), card({ pxe_enabled: false })];
  const node = machine([boots, other], {
    set: [...cloud.set, 'neutron.add_all_ports=true', 'neutron.dhcpv6_stateful_address_count=3'],
  });
  node.task.learn(await neutron.addCleaningNetwork(node.task));
  const made = await portsOf([boots, other]);
  const addressesOf = (address: string) =>
    made.find(({ mac_address }) => mac_address === address)?.fixed_ips.map(({ ip_address }) => ip_address) ?? [];
  const addresses = addressesOf(boots.address);
  assert.equal(addresses.filter((each) => each.startsWith('2001:db8:1:')).length, 3);
  assert.equal(addresses.filter((each) => each.startsWith('198.51.100.')).length, 1);
  assert.deepEqual(addressesOf(other.address), []);
  node.task.learn(await neutron.removeCleaningNetwork(node.task));
});

test('networks have to be named, be there, and be the only ones of their name', async () => {
  const twin = await cloud.ask('POST', '/networks', { network: { name: 'twin' } });
  const other = await cloud.ask('POST', '/networks', { network: { name: 'twin' } });
  const named = (cleaning_network: string) => machine([card()], { node: { driver_info: { cleaning_network } } }).task;
  await assert.rejects(
    neutron.validate(named('twin')),
    /which 2 networks of Neutron are called \(.*Name one by its UUID/,
  );
  await assert.rejects(
    neutron.validate(named('nowhere')),
    /driver_info\/cleaning_network .* is "nowhere", but Neutron has no/,
  );
  await neutron.validate(named(twin.id));
  const unnamed = machine([card()], { set: cloud.set.filter((each) => !each.includes('provisioning_network')) });
  await assert.rejects(neutron.validate(unnamed.task), /Set neutron\.provisioning_network/);
  const grouped = machine([card()], {
    set: [...cloud.set, `neutron.cleaning_network_security_groups=["${randomUUID()}"]`],
  });
  await assert.rejects(neutron.validate(grouped.task), /security groups that Neutron does not have/);
  await assert.rejects(
    neutron.validate(machine([card()], { node: { disable_power_off: true } }).task),
    /neutron\.allow_disabling_power_off/,
  );
  await cloud.ask('DELETE', `/networks/${twin.id}`);
  await cloud.ask('DELETE', `/networks/${other.id}`);
});

test('a VIF is read with the token of who names it', async () => {
  const node = machine([card()]);
  const userToken = await cloud.tenantToken();
  const foreign = await cloud.ask('POST', '/ports', { port: { network_id: cloud.networks.cleaning } });
  await assert.rejects(
    neutron.attachVif(node.task, { id: foreign.id }, { userToken }),
    /is no port in Neutron that the caller may see/,
  );
  await assert.rejects(neutron.attachVif(node.task, { id: randomUUID() }), /is no port in Neutron/);
  await cloud.ask('DELETE', `/ports/${foreign.id}`);
  const own = await cloud.newVif();
  node.task.learn(await neutron.attachVif(node.task, { id: own.id }, { userToken }));
  assert.equal(await standing(own.id, node), 'host ours, binding_failed, DOWN, 0 links');
  node.task.learn(await neutron.detachVif(node.task, own.id));
});

test('a VIF that went to another machine, or is gone, is detached without touching it', async () => {
  const node = machine([card()]);
  const [moved, gone] = [await cloud.newVif('rescuing'), await cloud.newVif()];
  node.task.learn(await neutron.attachVif(node.task, { id: moved.id }));
  await cloud.ask('PUT', `/ports/${moved.id}`, { port: { 'binding:host_id': 'another-host' } });
  node.task.learn(await neutron.detachVif(node.task, moved.id));
  assert.equal(await standing(moved.id, node), 'host another-host, binding_failed, DOWN, 0 links');
  node.task.learn(await neutron.attachVif(node.task, { id: gone.id }));
  await cloud.ask('DELETE', `/ports/${gone.id}`);
  node.task.learn(await neutron.detachVif(node.task, gone.id));
  assert.deepEqual(await neutron.listVifs(node.task), []);
});

test('boot files are offered as options of the bound port, and the client identifier stays', async () => {
  const port = card({ extra: { 'client-id': 'ff:00:01' } });
  const node = machine([port]);
  const dhcp = neutronDhcp(services, silentLog);
  const offer: BootOffer = {
    ipxeScriptUrl: 'http://192.0.2.1/boot.ipxe',
    bootMode: 'uefi',
    biosBootFile: 'undionly.kpxe',
    uefiBootFile: 'snponly.efi',
    uefiHttpUrl: null,
    tftpServer: '192.0.2.1',
  };
  // A port of a tenant with the same address is bound to nothing, and is left alone.
  const rogue = await cloud.newVif('tenant', { mac_address: port.address });
  node.task.learn(await neutron.addProvisioningNetwork(node.task));
  const id = String(node.task.ports[0]?.internal_info.provisioning_vif_port_id);
  const options = async (of: string) =>
    Object.fromEntries(
      ((await cloud.port(of)).extra_dhcp_opts as { opt_name: string; opt_value: string; ip_version: number }[]).map(
        ({ opt_name, opt_value, ip_version }) => [`${opt_name} v${ip_version}`, opt_value],
      ),
    );
  await dhcp.offerBoot(port.address, offer);
  assert.deepEqual(await options(id), {
    '61 v4': 'ff:00:01',
    'tag:!ipxe,67 v4': 'snponly.efi',
    'tag:ipxe,67 v4': 'http://192.0.2.1/boot.ipxe',
    'tag:!ipxe6,59 v6': 'tftp://192.0.2.1/snponly.efi',
    'tag:ipxe6,59 v6': 'http://192.0.2.1/boot.ipxe',
    '66 v4': '192.0.2.1',
    '150 v4': '192.0.2.1',
    'server-ip-address v4': '192.0.2.1',
  });
  await dhcp.offerBoot(port.address, { ...offer, ipxeScriptUrl: null, bootMode: 'bios' });
  assert.equal((await options(id))['67 v4'], 'undionly.kpxe');
  assert.equal('tag:ipxe,67 v4' in (await options(id)), false);
  await dhcp.withdrawBoot(port.address);
  assert.deepEqual(await options(id), { '61 v4': 'ff:00:01' });
  assert.deepEqual(await options(rogue.id), {});
  node.task.learn(await neutron.removeProvisioningNetwork(node.task));
  await cloud.ask('DELETE', `/ports/${rogue.id}`);
});

test('while Neutron is away, what can not be done says so, and a detachment is ended later', async () => {
  const port = card();
  const node = machine([port], { node: { provision_state: 'deleting' } });
  const vif = await cloud.newVif();
  node.task.learn(await neutron.attachVif(node.task, { id: vif.id }));
  await cloud.neutron.stop();
  await assert.rejects(neutron.addCleaningNetwork(node.task), /Neutron can not be reached: GET /);
  node.task.learn(await neutron.detachVif(node.task, vif.id));
  assert.deepEqual(await neutron.listVifs(node.task), [], 'the deletion of an instance goes on');
  assert.match(node.evidence.at(-1)?.message ?? '', /could not be freed .*tried again until it is/);
  await cloud.neutron.start();
  assert.equal(await standing(vif.id, node), 'host ours, binding_failed, DOWN, 0 links');
  node.task.learn((await neutron.repairVifs?.(node.task)) ?? {});
  assert.equal(await standing(vif.id, node), 'host none, unbound, DOWN, 0 links');
  assert.deepEqual(node.task.ports[0]?.internal_info, {});
});
