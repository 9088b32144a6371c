// Ports of machines that change while they carry a VIF, and networks of several segments, beside a real Neutron.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { physicalNetworksOf } from '../../../packages/server/src/network/neutron/networks.ts';
import { chooseCarrier } from '../../../packages/server/src/network/vif-binding.ts';
import { card, link, machine, standing } from '../machine.ts';
import { cloud, neutron, services } from '../shared-cloud.ts';

/** A MAC address that no card has. */
let spare = 0;
function spareAddress(): string {
  spare += 1;
  return `52:54:00:dd:00:${spare.toString(16).padStart(2, '0')}`;
}

const clientIdOf = async (id: string) =>
  ((await cloud.port(id)).extra_dhcp_opts as { opt_name: string; opt_value: string }[]).find(
    ({ opt_name }) => opt_name === '61',
  )?.opt_value;

test('a new MAC address and client identifier of a port reach the VIF, whether it is plugged or not', async () => {
  const port = card();
  const node = machine([port], { node: { provision_state: 'active' } });
  const vif = await cloud.newVif();
  node.task.learn(await neutron.attachVif(node.task, { id: vif.id }));
  const [first, second] = [spareAddress(), spareAddress()];
  await neutron.changeCarrier?.(node.task, { uuid: port.uuid, address: first, clientId: 'ff:01' });
  assert.equal((await cloud.port(vif.id)).mac_address, first);
  assert.equal(await clientIdOf(vif.id), 'ff:01');
  assert.equal(await standing(vif.id, node), 'host ours, other, ACTIVE, 1 links');
  await neutron.unconfigureTenantNetworks(node.task);
  await neutron.changeCarrier?.(node.task, { uuid: port.uuid, address: second, clientId: null });
  assert.equal((await cloud.port(vif.id)).mac_address, second);
  assert.equal(await clientIdOf(vif.id), undefined);
  assert.equal(await standing(vif.id, node), 'host none, unbound, DOWN, 0 links');
  node.task.learn(await neutron.detachVif(node.task, vif.id));
});

test('a MAC address that Neutron refuses leaves the VIF plugged as it was', async () => {
  const port = card();
  const node = machine([port], { node: { provision_state: 'active' } });
  const taken = spareAddress();
  const [vif, other] = [await cloud.newVif(), await cloud.newVif('tenant', { mac_address: taken })];
  node.task.learn(await neutron.attachVif(node.task, { id: vif.id }));
  await assert.rejects(
    neutron.changeCarrier?.(node.task, { uuid: port.uuid, address: taken }) ?? Promise.resolve(),
    /Changing VIF .* failed\. .*(in use|MacAddressInUse|409)/,
  );
  assert.equal(await standing(vif.id, node), 'host ours, other, ACTIVE, 1 links');
  assert.equal((await cloud.port(vif.id)).mac_address, port.address);
  node.task.learn(await neutron.detachVif(node.task, vif.id));
  await cloud.ask('DELETE', `/ports/${other.id}`);
});

test('a VIF that is on another machine by now, or gone, is not touched', async () => {
  const port = card();
  const node = machine([port]);
  const [moved, gone] = [await cloud.newVif('rescuing'), await cloud.newVif()];
  node.task.learn(await neutron.attachVif(node.task, { id: moved.id }));
  await cloud.ask('PUT', `/ports/${moved.id}`, { port: { 'binding:host_id': 'another-host' } });
  const change = { uuid: port.uuid, address: spareAddress() };
  await assert.rejects(neutron.changeCarrier?.(node.task, change) ?? Promise.resolve(), /bound to host another-host/);
  node.task.learn(await neutron.detachVif(node.task, moved.id));
  node.task.learn(await neutron.attachVif(node.task, { id: gone.id }));
  await cloud.ask('DELETE', `/ports/${gone.id}`);
  await neutron.changeCarrier?.(node.task, change);
  node.task.learn(await neutron.detachVif(node.task, gone.id));
});

test('the segment of a VIF is that of its address, and decides which port carries it', async (t) => {
  const network = await cloud.ask('POST', '/networks', {
    network: {
      name: 'routed',
      segments: ['physnet1', 'physnet2'].map((physical, index) => ({
        'provider:network_type': 'vlan',
        'provider:physical_network': physical,
        'provider:segmentation_id': (physical === 'physnet1' ? 150 : 250) + index,
      })),
    },
  });
  t.after(() => cloud.ask('DELETE', `/networks/${network.id}`));
  const segments = (await cloud.ask('GET', `/segments?network_id=${network.id}`)) as {
    id: string;
    physical_network: string;
  }[];
  const ports = [];
  for (const [index, { id, physical_network: physical }] of segments.entries()) {
    const cidr = `10.20.${index}.0/24`;
    const subnet = await cloud.ask('POST', '/subnets', {
      subnet: { network_id: network.id, segment_id: id, ip_version: 4, cidr },
    });
    ports.push({ physical, subnet: subnet.id as string });
  }
  const vifIn = (subnet: string) =>
    cloud.ask('POST', '/ports', { port: { network_id: network.id, fixed_ips: [{ subnet_id: subnet }] } });
  for (const { physical, subnet } of ports) {
    await t.test(`an address on ${physical}`, async () => {
      const cards = ['physnet1', 'physnet2'].map((physical_network) => card({ physical_network }));
      const { task } = machine(cards);
      const client = await services.neutron();
      const vif = await vifIn(subnet);
      const networks = await physicalNetworksOf(client, await client.port(vif.id));
      assert.deepEqual([...networks], [physical]);
      const { item } = chooseCarrier(task, vif, networks);
      assert.equal(item.physical_network, physical);
      await cloud.ask('DELETE', `/ports/${vif.id}`);
    });
  }
  await t.test('no address yet, and a machine that is cabled to both', async () => {
    const node = machine([
      card({ physical_network: 'physnet1', local_link_connection: link({ port_id: 'eth1/7' }) }),
      card({ physical_network: 'physnet2' }),
    ]);
    const vif = await cloud.ask('POST', '/ports', { port: { network_id: network.id, fixed_ips: [] } });
    await assert.rejects(
      neutron.attachVif(node.task, { id: vif.id }),
      /Unable to attach VIF .*physical networks physnet1, physnet2.*one segment only/,
    );
    await cloud.ask('DELETE', `/ports/${vif.id}`);
  });
});
