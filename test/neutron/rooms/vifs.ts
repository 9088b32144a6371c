// VIFs of tenants in a real Neutron: which port carries each, how it is bound, and who may name it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Portgroup } from '@wrought/contract';
import { card, link, machine, portsOf, standing } from '../machine.ts';
import { cloud, flat, neutron } from '../shared-cloud.ts';

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
  // Without the bond the system would take the members for single links.
  assert.deepEqual((await neutron.networkData?.(node.task))?.links, [
    {
      ...{ id: vif.id, vif_id: vif.id, type: 'bond', ethernet_mac_address: group.address, mtu: 1500 },
      ...{ bond_mode: '802.3ad', bond_miimon: '100', bond_links: members.map(({ uuid }) => uuid) },
    },
    ...members.map(({ uuid, address }) => ({ id: uuid, type: 'phy', ethernet_mac_address: address, mtu: 1500 })),
  ]);
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
