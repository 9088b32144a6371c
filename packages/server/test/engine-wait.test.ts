// Runs that wait: heartbeats, deadlines, aborts, and what may happen beside them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { done, park } from '../src/drivers/kit/index.ts';
import { getNode, updateNode } from '../src/store/nodes.ts';
import { unfinishedRunOf } from '../src/store/runs.ts';
import { requester, startConductor } from './support/conductor.ts';
import { testOnBoth } from './support/databases.ts';
import { deployStep, gate, scripted, scriptedDriver, waitingStep } from './support/scripted-driver.ts';
import { agentOf } from './support/signal-agent.ts';

const available = { driver: 'scripted', provision_state: 'available' } as const;

testOnBoth('a heartbeat that meets a running step is kept and wakes the step when it waits', async (t) => {
  const working = gate();
  const step = waitingStep('deploy', 100, {
    async execute() {
      await working.pass();
      return park('the first heartbeat of the agent');
    },
  });
  const server = await startConductor(t, scripted(scriptedDriver({ steps: [step] })));
  const node = await server.node(available);
  await server.conductor.doors.start.provision({ node, verb: 'active', requester });
  await working.reached;
  const beat = await agentOf(server, node.uuid);
  await beat();
  working.open();
  await server.untilState(node.uuid, 'active');
  const left = await server.store.read.selectFrom('signals').selectAll().execute();
  assert.deepEqual(left, []);
});

testOnBoth('a heartbeat of an earlier run does not wake a later one', async (t) => {
  const server = await startConductor(t, scripted(scriptedDriver({ steps: [waitingStep('deploy', 100)] })));
  const node = await server.node(available);
  await server.store.transaction((trx) =>
    trx
      .insertInto('signals')
      .values({ node_id: node.id, kind: 'heartbeat', payload: '{}', created_at: new Date().toISOString() })
      .execute(),
  );
  await server.conductor.doors.start.provision({ node, verb: 'active', requester });
  const waiting = await server.untilState(node.uuid, 'wait call-back');
  assert.equal(waiting.reservation, null);
});

testOnBoth('a clock that jumps fails nothing that waits', async (t) => {
  const step = waitingStep('deploy', 100, {
    execute: async () => park('the first heartbeat of the agent', { timeoutSeconds: 60 }),
  });
  const server = await startConductor(t, scripted(scriptedDriver({ steps: [step] })));
  const node = await server.node(available);
  await server.conductor.doors.start.provision({ node, verb: 'active', requester });
  await server.untilState(node.uuid, 'wait call-back');
  const beat = await agentOf(server, node.uuid);
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 86_400_000 });
  await server.conductor.failOverdue();
  assert.equal((await getNode(server.store.read, node.uuid)).provision_state, 'wait call-back');
  t.mock.timers.reset();
  await beat();
  await server.untilState(node.uuid, 'active');
});

testOnBoth('a wait that lasts too long fails and says what was awaited and what was seen last', async (t) => {
  const step = waitingStep('deploy', 100, {
    async execute(task) {
      task.record({ kind: 'dhcp', message: 'DHCP: 52:54:00:12:34:56 was offered 192.0.2.9.' });
      return park('the first heartbeat of the agent', { timeoutSeconds: 0.05 });
    },
  });
  const server = await startConductor(t, scripted(scriptedDriver({ steps: [step] })));
  const node = await server.node(available);
  await server.conductor.doors.start.provision({ node, verb: 'active', requester });
  const failed = await server.untilState(node.uuid, 'deploy failed');
  assert.match(
    failed.last_error ?? '',
    /^Timed out while waiting for the first heartbeat of the agent during deploy\. /,
  );
  assert.match(failed.last_error ?? '', /Last seen: DHCP: 52:54:00:12:34:56 was offered 192\.0\.2\.9 \(at /);
  assert.equal(failed.target_provision_state, 'active');
});

testOnBoth('a wait in which nothing was heard says that', async (t) => {
  const step = waitingStep('deploy', 100, {
    execute: async () => park('the first heartbeat of the agent', { timeoutSeconds: 0.05 }),
  });
  const server = await startConductor(t, scripted(scriptedDriver({ steps: [step] })));
  const node = await server.node(available);
  await server.conductor.doors.start.provision({ node, verb: 'active', requester });
  const failed = await server.untilState(node.uuid, 'deploy failed');
  assert.match(failed.last_error ?? '', /Nothing was heard from the machine since\./);
});

testOnBoth('a deadline does not fail a node in maintenance', async (t) => {
  const working = gate();
  const step = waitingStep('deploy', 100, {
    async execute() {
      await working.pass();
      return park('the first heartbeat of the agent', { timeoutSeconds: 0.01 });
    },
  });
  const server = await startConductor(t, scripted(scriptedDriver({ steps: [step] })));
  const node = await server.node(available);
  await server.conductor.doors.start.provision({ node, verb: 'active', requester });
  await working.reached;
  await server.store.transaction(async (trx) => {
    await updateNode(trx, await getNode(trx, node.uuid), { maintenance: true });
  });
  working.open();
  await server.untilState(node.uuid, 'wait call-back');
  const run = await unfinishedRunOf(server.store.read, node.id, 'provision');
  while (Date.now() <= Date.parse(run?.deadline ?? '')) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  const beat = await agentOf(server, node.uuid);
  await beat();
  await server.untilState(node.uuid, 'active');
});

testOnBoth('an abort ends an abortable wait at once', async (t) => {
  const steps = [waitingStep('deploy', 100)];
  const server = await startConductor(t, scripted(scriptedDriver({ steps })));
  const node = await server.node(available);
  const { start } = server.conductor.doors;
  await start.provision({ node, verb: 'active', requester });
  const waiting = await server.untilState(node.uuid, 'wait call-back');
  await start.provision({ node: waiting, verb: 'abort', requester });
  const failed = await server.untilState(node.uuid, 'deploy failed');
  assert.equal(failed.last_error, 'The deploy operation was aborted by request.');
});

testOnBoth('an abort of a wait that must not be cut short takes effect when its step has ended', async (t) => {
  const ran: string[] = [];
  const steps = [
    waitingStep('deploy', 100, { abortable: false }),
    deployStep('late', 50, async () => {
      ran.push('late');
      return done();
    }),
  ];
  const server = await startConductor(t, scripted(scriptedDriver({ steps })));
  const node = await server.node(available);
  const { start } = server.conductor.doors;
  await start.provision({ node, verb: 'active', requester });
  const waiting = await server.untilState(node.uuid, 'wait call-back');
  await start.provision({ node: waiting, verb: 'abort', requester });
  const still = await getNode(server.store.read, node.uuid);
  assert.equal(still.provision_state, 'wait call-back');
  const beat = await agentOf(server, node.uuid);
  await beat();
  const failed = await server.untilState(node.uuid, 'deploy failed');
  assert.equal(failed.last_error, 'The deploy operation was aborted by request.');
  assert.deepEqual(ran, []);
});

testOnBoth('an answer that comes after the abort of its run changes nothing', async (t) => {
  const answering = gate();
  const ran: string[] = [];
  const cleaningUp = gate();
  const steps = [
    waitingStep('deploy', 100, {
      async resume() {
        await answering.pass();
        return done();
      },
    }),
    deployStep('late', 50, async () => {
      ran.push('late');
      return done();
    }),
  ];
  const driver = scriptedDriver({
    steps,
    async cleanUp() {
      ran.push('clean up');
      await cleaningUp.pass();
      return {};
    },
  });
  const server = await startConductor(t, scripted(driver));
  const node = await server.node(available);
  const { start } = server.conductor.doors;
  await start.provision({ node, verb: 'active', requester });
  const waiting = await server.untilState(node.uuid, 'wait call-back');
  const beat = await agentOf(server, node.uuid);
  await beat();
  await answering.reached;
  await start.provision({ node: waiting, verb: 'abort', requester });
  answering.open();
  await cleaningUp.reached;
  const cleaning = await getNode(server.store.read, node.uuid);
  assert.equal(cleaning.provision_state, 'deploying');
  assert.notEqual(cleaning.reservation, null, 'the steps of the failure have the node reserved');
  cleaningUp.open();
  const failed = await server.untilState(node.uuid, 'deploy failed');
  assert.equal(failed.last_error, 'The deploy operation was aborted by request.');
  assert.deepEqual(ran, ['clean up']);
});

testOnBoth('a tear-down takes the place of a deployment that waits', async (t) => {
  const server = await startConductor(t, scripted(scriptedDriver({ steps: [waitingStep('deploy', 100)] })));
  const node = await server.node({ ...available, automated_clean: false });
  const { start } = server.conductor.doors;
  await start.provision({ node, verb: 'active', requester });
  const waiting = await server.untilState(node.uuid, 'wait call-back');
  const deployment = await unfinishedRunOf(server.store.read, node.id, 'provision');
  const beat = await agentOf(server, node.uuid);
  await start.provision({ node: waiting, verb: 'deleted', requester });
  const freed = await server.untilState(node.uuid, 'available');
  assert.equal(freed.last_error, null);
  await assert.rejects(beat(), /needs the agent_token/);
  const runs = await server.store.read.selectFrom('runs').select(['id', 'flow', 'status', 'failure']).execute();
  assert.ok(runs.every(({ status }) => status === 'finished'));
  assert.equal(runs.find(({ id }) => id === deployment?.id)?.failure, 'Superseded.');
});

testOnBoth('a power action goes on beside a deployment that waits, and a heartbeat waits for its end', async (t) => {
  const switching = gate();
  let state: 'power on' | 'power off' = 'power on';
  const driver = scriptedDriver(
    { steps: [waitingStep('deploy', 100)] },
    {
      getPowerState: async () => state,
      async setPowerState(_task, target) {
        await switching.pass();
        state = target === 'power on' ? 'power on' : 'power off';
      },
    },
  );
  const server = await startConductor(t, scripted(driver));
  const node = await server.node(available);
  const { start } = server.conductor.doors;
  await start.provision({ node, verb: 'active', requester });
  const waiting = await server.untilState(node.uuid, 'wait call-back');
  const beat = await agentOf(server, node.uuid);
  await start.power({ node: waiting, target: 'power off', requester });
  await switching.reached;
  await beat();
  const during = await getNode(server.store.read, node.uuid);
  assert.equal(during.provision_state, 'wait call-back');
  assert.equal(during.reserved_for, 'power');
  assert.equal(during.target_power_state, 'power off');
  switching.open();
  const active = await server.untilState(node.uuid, 'active');
  assert.equal(active.power_state, 'power off');
  assert.equal(active.target_power_state, null);
});

testOnBoth('a parked run that goes on waiting leaves the reservation of a power action alone', async (t) => {
  const switching = gate();
  let beats = 0;
  const driver = scriptedDriver(
    {
      steps: [
        waitingStep('deploy', 100, {
          resume: async () => {
            beats += 1;
            return park(`heartbeat ${beats + 1}`);
          },
        }),
      ],
    },
    {
      getPowerState: async () => 'power on',
      setPowerState: () => switching.pass(),
    },
  );
  const server = await startConductor(t, scripted(driver));
  const node = await server.node(available);
  const { start } = server.conductor.doors;
  await start.provision({ node, verb: 'active', requester });
  const waiting = await server.untilState(node.uuid, 'wait call-back');
  const beat = await agentOf(server, node.uuid);
  await start.power({ node: waiting, target: 'power off', requester });
  await switching.reached;
  await beat();
  while ((await unfinishedRunOf(server.store.read, node.id, 'provision'))?.awaiting !== 'heartbeat 2') {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal((await getNode(server.store.read, node.uuid)).reserved_for, 'power');
});

testOnBoth('a step that polls is asked again without any signal', async (t) => {
  let polls = 0;
  const step = waitingStep('deploy', 100, {
    execute: async () => park('a task of the BMC', { pollSeconds: 0.01 }),
    async resume(_task, _args, signal) {
      polls += 1;
      assert.equal(signal.kind, 'poll');
      return polls < 3 ? park('a task of the BMC', { pollSeconds: 0.01 }) : done();
    },
  });
  const server = await startConductor(t, scripted(scriptedDriver({ steps: [step] })));
  const node = await server.node(available);
  await server.conductor.doors.start.provision({ node, verb: 'active', requester });
  await server.untilState(node.uuid, 'active');
  assert.equal(polls, 3);
});

testOnBoth('a token that died with the server on its way is replaced; one that may have arrived is not', async (t) => {
  const first = await startConductor(t, scripted(scriptedDriver({ steps: [waitingStep('deploy', 100)] })));
  const node = await first.node(available);
  await first.conductor.doors.start.provision({ node, verb: 'active', requester });
  const waiting = await first.untilState(node.uuid, 'wait call-back');
  const lost = await first.conductor.doors.signal.lookup(waiting);
  const again = await getNode(first.store.read, node.uuid);
  assert.equal((await first.conductor.doors.signal.lookup(again)).agentToken, '******');

  const second = await first.restart();
  const { signal } = second.conductor.doors;
  const beat = await agentOf(second, node.uuid);
  const withLost = { callback_url: 'https://192.0.2.7:9999', agent_token: lost.agentToken, agent_version: '1.0.0' };
  await assert.rejects(signal.heartbeat(await getNode(second.store.read, node.uuid), withLost), /is not the one/);
  await beat();
  const known = await getNode(second.store.read, node.uuid);
  assert.equal((await signal.lookup(known)).agentToken, '******');
  await second.untilState(node.uuid, 'active');
});

test('a token that nobody used for a while is taken for lost', async (t) => {
  const options = scripted(scriptedDriver({ steps: [waitingStep('deploy', 100)] }), 'agent.lost_token_timeout=0');
  const server = await startConductor(t, options);
  const { start, signal } = server.conductor.doors;
  const node = await server.node(available);
  await start.provision({ node, verb: 'active', requester });
  await server.untilState(node.uuid, 'wait call-back');
  const present = () => getNode(server.store.read, node.uuid);
  const lost = await signal.lookup(await present());
  const told = await signal.lookup(await present());
  assert.notEqual(told.agentToken, '******');
  const beat = (token: string) => ({
    callback_url: 'https://192.0.2.7:9999',
    agent_token: token,
    agent_version: '1.0.0',
  });
  await assert.rejects(signal.heartbeat(await present(), beat(lost.agentToken)), /is not the one/);
  await signal.heartbeat(await present(), beat(told.agentToken));
  assert.equal((await signal.lookup(await present())).agentToken, '******');
  await server.untilState(node.uuid, 'active');
});

test('a token that came with the boot medium outlives power cycles and is never told', async (t) => {
  const agent_secret_token = 'the-token-on-the-medium-0123456789abcdef';
  const boot = waitingStep('deploy', 100, {
    async execute(task) {
      task.learn({ driver_internal_info: { agent_secret_token, agent_secret_token_pregenerated: true } });
      await task.setPower('rebooting');
      return park('the first heartbeat of the agent');
    },
  });
  const server = await startConductor(t, scripted(scriptedDriver({ steps: [boot] }), 'agent.lost_token_timeout=0'));
  const { start, signal } = server.conductor.doors;
  const node = await server.node(available);
  await start.provision({ node, verb: 'active', requester });
  await server.untilState(node.uuid, 'wait call-back');
  const present = () => getNode(server.store.read, node.uuid);
  assert.equal((await signal.lookup(await present())).agentToken, '******');
  assert.equal((await signal.lookup(await present())).agentToken, '******');
  const beat = { callback_url: 'https://192.0.2.7:9999', agent_token: agent_secret_token, agent_version: '1.0.0' };
  await signal.heartbeat(await present(), beat);
  await server.untilState(node.uuid, 'active');
});
