// Networking by traits beside a real Neutron: what carries a VIF, and port groups that live as long as it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { card, link, machine, standing } from '../machine.ts';
import { cloud, neutron } from '../shared-cloud.ts';

/** Options of a server with this file of traits. */
function withTraits(t: TestContext, text: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-traits-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'traits.yaml');
  writeFileSync(file, text);
  return [
    ...cloud.set,
    'conductor.enable_trait_based_networking=true',
    `conductor.trait_based_networking_config_file=${file}`,
    'network.default_portgroup_mode=802.3ad',
  ];
}

const instance = (...traits: string[]) => ({ provision_state: 'active' as const, instance_info: { traits } });

test('the trait of an instance chooses the port by the network of the VIF', async (t) => {
  const set = withTraits(
    t,
    `CUSTOM_GREEN:
  actions:
    - action: attach_port
      filter: port.vendor == 'green' && network.name == 'tenant'
`,
  );
  const [first, green] = [card({ vendor: 'red' }), card({ vendor: 'green' })];
  const node = machine([first, green], { set, node: instance('CUSTOM_GREEN') });
  const vif = await cloud.newVif();
  node.task.learn(await neutron.attachVif(node.task, { id: vif.id }));
  assert.equal((await cloud.port(vif.id)).mac_address, green.address);
  const [second, third] = [await cloud.newVif(), await cloud.newVif()];
  await assert.rejects(neutron.attachVif(node.task, { id: second.id }), /traits CUSTOM_GREEN .*network "tenant"/);
  const other = machine([first], { set, node: instance() });
  other.task.learn(await neutron.attachVif(other.task, { id: third.id }));
  assert.equal((await cloud.port(third.id)).mac_address, first.address);
  other.task.learn(await neutron.detachVif(other.task, third.id));
  node.task.learn(await neutron.detachVif(node.task, vif.id));
});

test('ports become a port group with the VIF, and are free again without it', async (t) => {
  const set = withTraits(
    t,
    `CUSTOM_BOND:
  actions:
    - action: group_and_attach_ports
      filter: port.category == 'fast'
      min_count: 2
`,
  );
  const cards = [1, 2].map((each) =>
    card({ category: 'fast', local_link_connection: link({ port_id: `eth2/${each}` }) }),
  );
  const node = machine([...cards, card()], { set, node: instance('CUSTOM_BOND') });
  const vif = await cloud.newVif();
  node.task.learn(await neutron.attachVif(node.task, { id: vif.id }));
  const [group] = node.task.portgroups;
  assert.ok(group?.dynamic_portgroup === true);
  assert.deepEqual(
    node.task.ports.map(({ portgroup_uuid }) => portgroup_uuid === group.uuid),
    [true, true, false],
  );
  assert.equal(await standing(vif.id, node), 'host ours, other, ACTIVE, 2 links');
  const bound = await cloud.port(vif.id);
  assert.equal(bound.mac_address, cards[0]?.address);
  assert.deepEqual((bound['binding:profile'] as { local_group_information: object }).local_group_information, {
    id: group.uuid,
    name: null,
    bond_mode: '802.3ad',
    bond_properties: {},
  });
  node.task.learn(await neutron.detachVif(node.task, vif.id));
  assert.deepEqual(node.task.portgroups, []);
  assert.ok(node.task.ports.every(({ portgroup_uuid }) => portgroup_uuid === null));
});

test('no port group is left of an attachment that fails', async (t) => {
  const set = withTraits(
    t,
    `CUSTOM_BOND:
  actions:
    - { action: bond_ports, filter: port.is_port, min_count: 2 }
    - { action: attach_portgroup, filter: port.is_portgroup }
`,
  );
  const refused = link({ switch_info: 'refuses' });
  const cards = [card({ local_link_connection: refused }), card({ local_link_connection: refused })];
  const node = machine(cards, { set, node: instance('CUSTOM_BOND') });
  const vif = await cloud.newVif();
  await assert.rejects(neutron.attachVif(node.task, { id: vif.id }), /could not bind port/);
  assert.deepEqual(node.task.portgroups, []);
  assert.equal(await standing(vif.id, node), 'host none, unbound, DOWN, 0 links');
});
