// What a real Neutron has left of a phase when one of its ports could not be made.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, link, machine } from '../machine.ts';
import { cloud, neutron } from '../shared-cloud.ts';

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
