// Steps with reserved names in lists of steps: hold and unhold, wait, power; and steps that run on child nodes.
import assert from 'node:assert/strict';
import { done, step } from '../src/drivers/kit/index.ts';
import { getNode } from '../src/store/nodes.ts';
import { unfinishedRunOf } from '../src/store/runs.ts';
import { requester, startConductor } from './support/conductor.ts';
import { testOnBoth } from './support/databases.ts';
import { scripted, scriptedDriver } from './support/scripted-driver.ts';
import { agentOf } from './support/signal-agent.ts';

const hold = { interface: 'deploy', step: 'hold' };

testOnBoth('a held node keeps its place without limit, over a restart too, until it is let go', async (t) => {
  const first = await startConductor(t, { set: ['conductor.clean_callback_timeout=1'] });
  const node = await first.node({ provision_state: 'manageable' });
  const cleanSteps = [hold, { interface: 'bios', step: 'factory_reset' }];
  await first.conductor.doors.start.provision({ node, verb: 'clean', cleanSteps, requester });
  await first.untilState(node.uuid, 'clean hold');
  const second = await first.restart();
  const held = await second.untilState(node.uuid, 'clean hold');
  assert.equal((await unfinishedRunOf(second.store.read, node.id, 'provision'))?.deadline, null);
  const beat = await agentOf(second, node.uuid);
  await beat();
  assert.equal((await second.untilState(node.uuid, 'clean hold')).clean_step.step, 'hold');
  await second.conductor.doors.start.provision({ node: held, verb: 'unhold', requester });
  await second.untilState(node.uuid, 'manageable');
  const states = await second.store.read.selectFrom('timeline').select('message').where('kind', '=', 'state').execute();
  assert.deepEqual(
    states.map(({ message }) => message),
    [
      'manageable -> cleaning (clean)',
      'cleaning -> clean hold (hold)',
      'clean hold -> clean wait (unhold)',
      'clean wait -> cleaning (resume)',
      'cleaning -> manageable (manage)',
    ],
  );
});

testOnBoth('every flow with steps can be held, and the abort of a held node ends it', async (t) => {
  const { conductor, node: create, untilState } = await startConductor(t);
  const { start } = conductor.doors;
  const cases = [
    { from: 'manageable', verb: 'clean', member: 'cleanSteps', held: 'clean hold', end: 'clean failed' },
    { from: 'available', verb: 'active', member: 'deploySteps', held: 'deploy hold', end: 'deploy failed' },
    { from: 'active', verb: 'service', member: 'serviceSteps', held: 'service hold', end: 'active' },
  ] as const;
  for (const { from, verb, member, held, end } of cases) {
    const node = await create({ provision_state: from });
    await start.provision({ node, verb, [member]: [{ ...hold, priority: 50 }], requester });
    const present = await untilState(node.uuid, held);
    await start.provision({ node: present, verb: 'abort', requester });
    const ended = await untilState(node.uuid, end);
    assert.match(ended.last_error ?? '', /aborted by request/);
    assert.deepEqual([ended.maintenance, ended.fault], [false, null]);
  }
});

testOnBoth('a pause ends by itself, is cut to the longest allowed, and refuses what is no number', async (t) => {
  const {
    conductor,
    node: create,
    untilState,
  } = await startConductor(t, {
    set: ['conductor.max_conductor_wait_step_seconds=0'],
  });
  const { start } = conductor.doors;
  const wait = (seconds: unknown) => ({ interface: 'deploy', step: 'wait', args: { seconds } });
  const node = await create({ provision_state: 'manageable' });
  await start.provision({ node, verb: 'clean', cleanSteps: [wait(86_400)], requester });
  const cleaned = await untilState(node.uuid, 'manageable');
  await start.provision({ node: cleaned, verb: 'clean', cleanSteps: [wait('soon')], requester });
  const failed = await untilState(node.uuid, 'clean failed');
  assert.match(failed.last_error ?? '', /seconds "soon"/);
});

testOnBoth('a wait without a number ends with a heartbeat', async (t) => {
  const server = await startConductor(t);
  const node = await server.node({ provision_state: 'manageable' });
  const cleanSteps = [{ interface: 'deploy', step: 'wait' }];
  await server.conductor.doors.start.provision({ node, verb: 'clean', cleanSteps, requester });
  await server.untilState(node.uuid, 'clean wait');
  const beat = await agentOf(server, node.uuid);
  await beat();
  await server.untilState(node.uuid, 'manageable');
});

testOnBoth('power steps bring the machine into their state', async (t) => {
  const { conductor, node: create, untilState } = await startConductor(t);
  const node = await create({ provision_state: 'manageable', power_state: 'power off' });
  for (const [name, state] of [
    ['power_on', 'power on'],
    ['power_off', 'power off'],
    ['reboot', 'power on'],
  ] as const) {
    const present = await untilState(node.uuid, 'manageable');
    const cleanSteps = [{ interface: 'power', step: name }];
    await conductor.doors.start.provision({ node: present, verb: 'clean', cleanSteps, requester });
    assert.equal((await untilState(node.uuid, 'manageable')).power_state, state);
  }
});

testOnBoth('a step on child nodes runs on each of them, or on those named, and not on the parent', async (t) => {
  const ran: string[] = [];
  const driver = scriptedDriver({
    steps: [
      step({
        interface: 'deploy',
        step: 'flash',
        kinds: ['clean'],
        recovery: 'repeat',
        async execute(task) {
          ran.push(String(task.node.name));
          return done({ properties: { flashed: true } });
        },
      }),
    ],
  });
  const server = await startConductor(t, scripted(driver));
  const parent = await server.node({ provision_state: 'manageable', name: 'parent' });
  const child = (name: string) =>
    server.node({ driver: 'scripted', provision_state: 'enroll', name, parent_node: parent.uuid });
  const [first, second] = [await child('first'), await child('second')];
  const flash = { interface: 'deploy', step: 'flash', execute_on_child_nodes: true };
  const { start } = server.conductor.doors;
  await start.provision({ node: parent, verb: 'clean', cleanSteps: [flash], requester });
  const cleaned = await server.untilState(parent.uuid, 'manageable');
  assert.deepEqual(ran, ['first', 'second']);
  const learned = await getNode(server.store.read, first.uuid);
  assert.deepEqual([learned.properties, learned.reservation], [{ flashed: true }, null]);
  await start.provision({
    node: cleaned,
    verb: 'clean',
    cleanSteps: [{ ...flash, limit_child_node_execution: [second.uuid] }],
    requester,
  });
  await server.untilState(parent.uuid, 'manageable');
  assert.deepEqual(ran, ['first', 'second', 'second']);
});

testOnBoth('a step that a child node does not have fails the parent, and names the child', async (t) => {
  const server = await startConductor(t);
  const parent = await server.node({ provision_state: 'manageable' });
  const child = await server.node({ parent_node: parent.uuid });
  const cleanSteps = [{ interface: 'deploy', step: 'nothing', execute_on_child_nodes: true }];
  await server.conductor.doors.start.provision({ node: parent, verb: 'clean', cleanSteps, requester });
  const failed = await server.untilState(parent.uuid, 'clean failed');
  assert.match(failed.last_error ?? '', new RegExp(`child node ${child.uuid} has no clean step "deploy.nothing"`));
});

testOnBoth('a parent is on before its child is, and children are off before their parent', async (t) => {
  const server = await startConductor(t);
  const { start } = server.conductor.doors;
  const states = async (...uuids: string[]) =>
    Promise.all(uuids.map(async (uuid) => (await getNode(server.store.read, uuid)).power_state));
  const parent = await server.node({ provision_state: 'active', power_state: 'power off' });
  const child = await server.node({
    provision_state: 'active',
    power_state: 'power off',
    parent_node: parent.uuid,
  });
  const alone = await server.node({
    provision_state: 'active',
    power_state: 'power on',
    parent_node: parent.uuid,
    driver_info: { has_dedicated_power_supply: true },
  });
  await start.power({ node: child, target: 'power on', requester });
  await server.untilState(child.uuid, 'active');
  assert.deepEqual(await states(parent.uuid, child.uuid), ['power on', 'power on']);
  await start.power({ node: await getNode(server.store.read, parent.uuid), target: 'power off', requester });
  await server.untilState(parent.uuid, 'active');
  assert.deepEqual(await states(parent.uuid, child.uuid, alone.uuid), ['power off', 'power off', 'power on']);
});

testOnBoth('a child is not powered while somebody works on its parent', async (t) => {
  const server = await startConductor(t);
  const reserved_at = new Date(Date.now() - 30_000).toISOString();
  const held = { reservation: 'other', reserved_at, reserved_for: 'clean' };
  const parent = await server.node({ provision_state: 'active', ...held });
  const child = await server.node({ provision_state: 'active', parent_node: parent.uuid });
  await assert.rejects(server.conductor.doors.start.power({ node: child, target: 'power on', requester }), {
    name: 'ParentNodeLocked',
    message: new RegExp(`parent ${parent.uuid} .* locked by host other, 3\\d s ago, for "clean"`),
    retryAfterSeconds: 1,
  });
});
