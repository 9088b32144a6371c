// Work that goes on, or says why it does not, while Neutron is away.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, machine, standing } from '../machine.ts';
import { cloud, neutron } from '../shared-cloud.ts';

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
