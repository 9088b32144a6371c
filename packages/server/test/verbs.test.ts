// The verbs beside deployment and cleaning on a fake machine: inspect, adopt, rescue, service, and what they leave behind.
import assert from 'node:assert/strict';
import { SECRET_MASK } from '@wrought/contract';
import { getNode, updateNode } from '../src/store/nodes.ts';
import { requester, startConductor } from './support/conductor.ts';
import { testOnBoth } from './support/databases.ts';

testOnBoth('an inspection ends manageable and says when it ended', async (t) => {
  const { conductor, node: create, untilState } = await startConductor(t);
  const node = await create({ provision_state: 'manageable' });
  await conductor.doors.start.provision({ node, verb: 'inspect', requester });
  const inspected = await untilState(node.uuid, 'manageable');
  assert.equal(inspected.inspection_started_at, null);
  assert.match(inspected.inspection_finished_at ?? '', /^20/);
  assert.equal(inspected.target_provision_state, null);
});

testOnBoth('an inspection that fails leaves its reason, and another one may follow', async (t) => {
  const server = await startConductor(t, { set: ['fake.inspect_failure=no light in the chassis'] });
  const node = await server.node({ provision_state: 'manageable' });
  await server.conductor.doors.start.provision({ node, verb: 'inspect', requester });
  const failed = await server.untilState(node.uuid, 'inspect failed');
  assert.match(failed.last_error ?? '', /no light in the chassis/);
  assert.deepEqual([failed.inspection_started_at, failed.target_provision_state], [null, 'manageable']);
  await server.conductor.doors.start.provision({ node: failed, verb: 'manage', requester });
  assert.equal((await server.untilState(node.uuid, 'manageable')).target_provision_state, null);
});

testOnBoth('interfaces that lack a verb refuse it before anything begins', async (t) => {
  const { conductor, store, node: create } = await startConductor(t);
  const { start } = conductor.doors;
  const blind = await create({ provision_state: 'manageable', inspect_interface: 'no-inspect' });
  await assert.rejects(start.provision({ node: blind, verb: 'inspect', requester }), /"no-inspect".*inspect/);
  const active = await create({ provision_state: 'active', rescue_interface: 'no-rescue' });
  await assert.rejects(
    start.provision({ node: active, verb: 'rescue', rescuePassword: 'secret', requester }),
    /"no-rescue".*rescue/,
  );
  const waiting = await create({ provision_state: 'inspect wait' });
  await assert.rejects(start.provision({ node: waiting, verb: 'abort', requester }), /"fake".*abort/);
  assert.deepEqual(await store.read.selectFrom('runs').selectAll().execute(), []);
});

testOnBoth('an adoption takes the machine over as it is', async (t) => {
  const { conductor, node: create, untilState } = await startConductor(t);
  const node = await create({ provision_state: 'manageable', power_state: 'power on' });
  await conductor.doors.start.provision({ node, verb: 'adopt', requester });
  const active = await untilState(node.uuid, 'active');
  assert.deepEqual([active.power_state, active.target_provision_state], ['power on', null]);
});

testOnBoth('an adoption that fails forgets the power state and may be tried again', async (t) => {
  const server = await startConductor(t, { set: ['fake.deploy_failure=no disk'] });
  const node = await server.node({ provision_state: 'manageable', power_state: 'power on' });
  await server.conductor.doors.start.provision({ node, verb: 'adopt', requester });
  const failed = await server.untilState(node.uuid, 'adopt failed');
  assert.deepEqual([failed.power_state, failed.target_provision_state], [null, 'active']);
  assert.match(failed.last_error ?? '', /no disk/);
});

testOnBoth('a rescue keeps the hash of its password alone, and the return forgets it', async (t) => {
  const { conductor, store, node: create, untilState } = await startConductor(t);
  const { start } = conductor.doors;
  const node = await create({ provision_state: 'active', instance_info: { image_source: 'x' } });
  await start.provision({ node, verb: 'rescue', rescuePassword: 'open sesame', requester });
  const rescued = await untilState(node.uuid, 'rescue');
  assert.equal(rescued.instance_info.rescue_password, SECRET_MASK);
  assert.match(String(rescued.instance_info.hashed_rescue_password), /^\$5\$/);
  const runs = await store.read.selectFrom('runs').selectAll().execute();
  assert.ok(!JSON.stringify([rescued, runs]).includes('open sesame'));
  await start.provision({ node: rescued, verb: 'unrescue', requester });
  const active = await untilState(node.uuid, 'active');
  assert.deepEqual(active.instance_info, { image_source: 'x' });
});

testOnBoth('a rescue that fails is cleaned up, powered off and without a password', async (t) => {
  const server = await startConductor(t, { set: ['fake.rescue_failure=no ramdisk'] });
  const node = await server.node({ provision_state: 'active', power_state: 'power on' });
  await server.conductor.doors.start.provision({ node, verb: 'rescue', rescuePassword: 'secret', requester });
  const failed = await server.untilState(node.uuid, 'rescue failed');
  assert.equal(failed.power_state, 'power off');
  assert.equal(failed.instance_info.hashed_rescue_password, undefined);
  assert.equal(failed.fault, null);
});

testOnBoth('a tear-down out of rescue ends the instance with its console and its password', async (t) => {
  const { conductor, node: create, untilState } = await startConductor(t);
  const node = await create({
    provision_state: 'rescue',
    console_enabled: true,
    instance_info: { rescue_password: SECRET_MASK, hashed_rescue_password: '$5$x' },
  });
  await conductor.doors.start.provision({ node, verb: 'deleted', requester });
  const available = await untilState(node.uuid, 'available');
  assert.deepEqual([available.instance_info, available.console_enabled], [{}, false]);
});

testOnBoth('servicing runs its steps and returns to the instance', async (t) => {
  const { conductor, store, node: create, untilState } = await startConductor(t);
  const node = await create({ provision_state: 'active' });
  await conductor.doors.start.provision({
    node,
    verb: 'service',
    serviceSteps: [{ interface: 'vendor', step: 'log_passthrough' }],
    requester,
  });
  const active = await untilState(node.uuid, 'active');
  assert.deepEqual([active.service_step, active.last_error], [{}, null]);
  const history = await store.read.selectFrom('node_history').select('event').execute();
  assert.deepEqual(
    history.map(({ event }) => event),
    ['servicing_start', 'servicing_end'],
  );
});

testOnBoth(
  'a service step that fails puts the node into maintenance; out of it, an abort returns to the instance',
  async (t) => {
    const server = await startConductor(t, { set: ['fake.vendor_failure=no vendor'] });
    const { start } = server.conductor.doors;
    const node = await server.node({ provision_state: 'active' });
    const serviceSteps = [{ interface: 'vendor', step: 'log_passthrough' }];
    await start.provision({ node, verb: 'service', serviceSteps, requester });
    const failed = await server.untilState(node.uuid, 'service failed');
    assert.deepEqual([failed.maintenance, failed.fault], [true, 'service failure']);
    await assert.rejects(start.provision({ node: failed, verb: 'abort', requester }), { name: 'InvalidState' });
    await server.store.transaction(async (trx) => {
      await updateNode(trx, await getNode(trx, node.uuid), {
        maintenance: false,
        maintenance_reason: null,
        fault: null,
      });
    });
    await start.provision({ node: await getNode(server.store.read, node.uuid), verb: 'abort', requester });
    const active = await server.untilState(node.uuid, 'active');
    assert.deepEqual([active.last_error, active.target_provision_state], [null, null]);
  },
);

testOnBoth('an abort while servicing waits leads to the instance, with its reason', async (t) => {
  const { conductor, node: create, untilState } = await startConductor(t);
  const { start } = conductor.doors;
  const node = await create({ provision_state: 'active' });
  await start.provision({
    node,
    verb: 'service',
    serviceSteps: [{ interface: 'deploy', step: 'wait' }],
    requester,
  });
  const waiting = await untilState(node.uuid, 'service wait');
  await start.provision({ node: waiting, verb: 'abort', requester });
  const active = await untilState(node.uuid, 'active');
  assert.equal(active.last_error, 'The service operation was aborted by request.');
});

testOnBoth(
  'disable_ramdisk with a step that needs the ramdisk fails, and says which of the two to leave out',
  async (t) => {
    const { conductor, node: create, untilState } = await startConductor(t);
    const node = await create({ provision_state: 'manageable' });
    await conductor.doors.start.provision({
      node,
      verb: 'clean',
      cleanSteps: [{ interface: 'bios', step: 'factory_reset' }],
      disableRamdisk: true,
      requester,
    });
    const failed = await untilState(node.uuid, 'clean failed');
    assert.match(failed.last_error ?? '', /"bios.factory_reset" needs the ramdisk/);
    assert.deepEqual([failed.maintenance, failed.fault], [false, null]);
  },
);

testOnBoth('a rebuild that keeps data refuses another layout of the disk', async (t) => {
  const { conductor, store, node: create, untilState } = await startConductor(t);
  const { start } = conductor.doors;
  const node = await create({ provision_state: 'available', instance_info: { root_gb: 10, ephemeral_gb: 5 } });
  await start.provision({ node, verb: 'active', requester });
  await untilState(node.uuid, 'active');
  const give = (info: object) =>
    store.transaction(async (trx) => {
      await updateNode(trx, await getNode(trx, node.uuid), { instance_info: { ...info, preserve_ephemeral: true } });
    });
  await give({ root_gb: 10, ephemeral_gb: 7 });
  await assert.rejects(
    start.provision({ node: await getNode(store.read, node.uuid), verb: 'rebuild', requester }),
    /preserve_ephemeral: ephemeral_gb differ/,
  );
  await give({ root_gb: 10, ephemeral_gb: 5 });
  await start.provision({ node: await getNode(store.read, node.uuid), verb: 'rebuild', requester });
  await untilState(node.uuid, 'active');
});
