// The networks of a machine's phases, made and taken away in a real Neutron.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { add, card, link, machine, portsOf, remove, standing } from '../machine.ts';
import { cloud, neutron } from '../shared-cloud.ts';

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
