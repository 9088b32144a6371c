// The life of a fake node through the doors: verify, clean, deploy, rebuild, tear-down, failures, power.
import assert from 'node:assert/strict';
import { getNode } from '../src/store/nodes.ts';
import { requester, startConductor } from './support/conductor.ts';
import { testOnBoth } from './support/databases.ts';

testOnBoth('a node goes from enroll to active and back to available', async (t) => {
  const { conductor, store, node: create, untilState } = await startConductor(t);
  const { start } = conductor.doors;
  let node = await create();
  await start.provision({ node, verb: 'manage', requester });
  node = await untilState(node.uuid, 'manageable');
  assert.equal(node.target_provision_state, null);
  await start.provision({ node, verb: 'provide', requester });
  node = await untilState(node.uuid, 'available');
  await start.provision({ node, verb: 'active', requester });
  node = await untilState(node.uuid, 'active');
  assert.equal(node.power_state, 'power on');
  assert.deepEqual(node.deploy_step, {});
  await start.provision({ node, verb: 'rebuild', requester });
  node = await untilState(node.uuid, 'active');
  await start.provision({ node, verb: 'deleted', requester });
  node = await untilState(node.uuid, 'available');
  assert.equal(node.power_state, 'power off');

  const states = await store.read.selectFrom('timeline').select('message').where('kind', '=', 'state').execute();
  assert.deepEqual(
    states.map(({ message }) => message),
    [
      'enroll -> verifying (manage)',
      'verifying -> manageable (done)',
      'manageable -> cleaning (provide)',
      'cleaning -> available (done)',
      'available -> deploying (deploy)',
      'deploying -> active (done)',
      'active -> deploying (rebuild)',
      'deploying -> active (done)',
      'active -> deleting (delete)',
      'deleting -> cleaning (clean)',
      'cleaning -> available (done)',
    ],
  );
  const open = await store.read.selectFrom('intents').selectAll().where('settled_at', 'is', null).execute();
  assert.deepEqual(open, []);
});

testOnBoth('a BMC that refuses leaves the node in enroll with its words', async (t) => {
  const {
    conductor,
    node: create,
    untilState,
  } = await startConductor(t, {
    set: ['fake.deploy_failure=the disk caught fire'],
  });
  const node = await create({ provision_state: 'available' });
  await conductor.doors.start.provision({ node, verb: 'active', requester });
  const failed = await untilState(node.uuid, 'deploy failed');
  assert.match(failed.last_error ?? '', /the disk caught fire/);
  assert.equal(failed.power_state, 'power off');
  assert.equal(failed.target_provision_state, 'active');
});

testOnBoth('manual cleaning runs the steps in the order given and returns to manageable', async (t) => {
  const { conductor, store, node: create, untilState } = await startConductor(t);
  const node = await create({ provision_state: 'manageable' });
  await conductor.doors.start.provision({
    node,
    verb: 'clean',
    cleanSteps: [
      { interface: 'bios', step: 'factory_reset' },
      { interface: 'vendor', step: 'log_passthrough' },
    ],
    requester,
  });
  await untilState(node.uuid, 'manageable');
  const steps = await store.read.selectFrom('intents').select('step').execute();
  assert.deepEqual(
    steps.map(({ step }) => step),
    ['flow.prepare_cleaning', 'bios.factory_reset', 'vendor.log_passthrough'],
  );
});

testOnBoth('an unknown clean step fails the cleaning and names what there is', async (t) => {
  const { conductor, node: create, untilState } = await startConductor(t);
  const node = await create({ provision_state: 'manageable' });
  const cleanSteps = [{ interface: 'bios', step: 'no_such_step' }];
  await conductor.doors.start.provision({ node, verb: 'clean', cleanSteps, requester });
  const failed = await untilState(node.uuid, 'clean failed');
  assert.match(failed.last_error ?? '', /no clean step "bios.no_such_step".*bios.factory_reset/);
  assert.equal(failed.target_provision_state, 'manageable');
  assert.equal(failed.maintenance, false);
});

testOnBoth('a power action sets the state and leaves the provision state alone', async (t) => {
  const { conductor, store, node: create, untilState } = await startConductor(t);
  const node = await create({ provision_state: 'active' });
  await conductor.doors.start.power({ node, target: 'rebooting', requester });
  await untilState(node.uuid, 'active');
  const after = await getNode(store.read, node.uuid);
  assert.equal(after.power_state, 'power on');
  assert.equal(after.target_power_state, null);
});

testOnBoth('a node that is being worked on answers 409 with holder, purpose and Retry-After', async (t) => {
  const { conductor, node: create } = await startConductor(t, {
    set: [
      'fake.deploy_delay=30',
      'conductor.node_locked_retry_attempts=1',
      'conductor.node_locked_retry_interval=0.05',
    ],
  });
  const node = await create({ provision_state: 'available' });
  await conductor.doors.start.provision({ node, verb: 'active', requester });
  await assert.rejects(
    conductor.doors.start.power({ node, target: 'power on', requester }),
    (error: Error & { retryAfterSeconds?: number }) => {
      assert.equal(error.name, 'NodeLocked');
      assert.match(error.message, /"deploy"/);
      assert.equal(error.retryAfterSeconds, 1);
      return true;
    },
  );
});

testOnBoth('work that a stop cut off goes on after the restart', async (t) => {
  const first = await startConductor(t, { set: ['fake.deploy_delay=0.2', 'conductor.graceful_shutdown_timeout=0'] });
  const node = await first.node({ provision_state: 'available' });
  await first.conductor.doors.start.provision({ node, verb: 'active', requester });
  const second = await first.restart();
  const active = await second.untilState(node.uuid, 'active');
  assert.equal(active.last_error, null);
  const journal = await second.store.read.selectFrom('journal').select('entry').execute();
  assert.ok(journal.some(({ entry }) => entry === 'recovered'));
});

testOnBoth('the history tells who asked, and of which project', async (t) => {
  const { conductor, store, node: create, untilState } = await startConductor(t);
  const node = await create({ provision_state: 'manageable' });
  const asker = { requestId: 'req-1', user: 'u1', project: 'p1' };
  await conductor.doors.start.provision({ node, verb: 'provide', requester: asker });
  await untilState(node.uuid, 'available');
  const entries = await store.read.selectFrom('node_history').select(['user', 'project']).execute();
  assert.ok(entries.length > 0);
  for (const entry of entries) {
    assert.deepEqual({ ...entry }, { user: 'u1', project: 'p1' });
  }
});
