// What a process leaves behind, and how the next one takes it up: restarts, recovery of each kind, and fencing by epoch.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Recovery } from '@wrought/contract';
import { FencedError } from '../src/cluster/fenced-error.ts';
import { done } from '../src/drivers/kit/index.ts';
import type { Boundary } from '../src/flows/engine/context.ts';
import { stepName } from '../src/store/journal.ts';
import { getNode } from '../src/store/nodes.ts';
import type { Store } from '../src/store/store.ts';
import { requester, startConductor, type TestConductor } from './support/conductor.ts';
import { testOnBoth } from './support/databases.ts';
import { deployStep, gate, scripted, scriptedDriver, waitingStep } from './support/scripted-driver.ts';
import { agentOf } from './support/signal-agent.ts';

const available = { driver: 'scripted', provision_state: 'available' } as const;

/** Deploys a node until `boundary` of deploy.work, where the process goes no further; answers the next process. */
async function cutOff(
  t: TestContext,
  boundary: Boundary | 'inside',
  recovery: Recovery,
  options: { set?: string[]; isDone?: boolean } = {},
): Promise<{ server: TestConductor; uuid: string; ran: string[] }> {
  const ran: string[] = [];
  const cut = gate();
  let isFirst = true;
  const driver = scriptedDriver({
    async cleanUp() {
      ran.push('clean up');
      return {};
    },
    steps: [
      deployStep('early', 90, async () => {
        ran.push('early');
        return done();
      }),
      deployStep(
        'work',
        80,
        async () => {
          ran.push('work');
          if (boundary === 'inside' && isFirst) {
            await cut.pass();
          }
          return done();
        },
        { recovery, probe: async () => (options.isDone === true ? done() : 'not happened') },
      ),
      deployStep('late', 70, async () => {
        ran.push('late');
        return done();
      }),
    ],
  });
  const first = await startConductor(t, {
    ...scripted(driver, ...(options.set ?? [])),
    async watchBoundary(crossed, run) {
      const step = run.plan[run.position];
      if (isFirst && crossed === boundary && step !== undefined && stepName(step) === 'deploy.work') {
        await cut.pass();
      }
    },
  });
  const node = await first.node(available);
  await first.conductor.doors.start.provision({ node, verb: 'active', requester });
  await cut.reached;
  isFirst = false;
  // The first process is not stopped: it sleeps where it is, and the epoch of the second one keeps it from writing.
  const server = await first.takeOver();
  return { server, uuid: node.uuid, ran };
}

testOnBoth('a step that may be repeated is', async (t) => {
  const { server, uuid, ran } = await cutOff(t, 'after effect', 'repeat');
  const active = await server.untilState(uuid, 'active');
  assert.equal(active.last_error, null);
  assert.deepEqual(ran, ['early', 'work', 'work', 'late']);
});

testOnBoth('a step that was probed and has happened is not repeated', async (t) => {
  const { server, uuid, ran } = await cutOff(t, 'after effect', 'probe', { isDone: true });
  await server.untilState(uuid, 'active');
  assert.deepEqual(ran, ['early', 'work', 'late']);
});

testOnBoth('a step that was probed and has not happened is tried', async (t) => {
  const { server, uuid, ran } = await cutOff(t, 'before effect', 'probe', { isDone: false });
  await server.untilState(uuid, 'active');
  assert.deepEqual(ran, ['early', 'work', 'late']);
});

testOnBoth('a step that must not run twice fails when it was begun, and says so', async (t) => {
  const { server, uuid, ran } = await cutOff(t, 'inside', 'never');
  const failed = await server.untilState(uuid, 'deploy failed');
  assert.equal(
    failed.last_error,
    'The server stopped during deploy.work, which must not run twice, and whether it was finished is not known. Look at the machine, then start again.',
  );
  assert.deepEqual(ran, ['early', 'work', 'clean up']);
});

testOnBoth('a step that must not run twice runs when the server stopped before it was begun', async (t) => {
  const { server, uuid, ran } = await cutOff(t, 'before effect', 'never');
  await server.untilState(uuid, 'active');
  assert.deepEqual(ran, ['early', 'work', 'late']);
});

testOnBoth('with on_restart = "fail" the node fails, and the steps of the failure still run', async (t) => {
  const { server, uuid, ran } = await cutOff(t, 'after effect', 'repeat', { set: ['conductor.on_restart=fail'] });
  const failed = await server.untilState(uuid, 'deploy failed');
  assert.equal(failed.last_error, 'The server stopped during deploy.work, and conductor.on_restart is "fail".');
  assert.deepEqual(ran, ['early', 'work', 'clean up']);
});

testOnBoth('with on_restart = "fail" a run that only waits goes on waiting', async (t) => {
  const options = scripted(scriptedDriver({ steps: [waitingStep('deploy', 100)] }), 'conductor.on_restart=fail');
  const first = await startConductor(t, options);
  const node = await first.node(available);
  await first.conductor.doors.start.provision({ node, verb: 'active', requester });
  await first.untilState(node.uuid, 'wait call-back');
  const beat = await agentOf(first, node.uuid);
  const second = await first.takeOver();
  await second.untilState(node.uuid, 'wait call-back');
  await assert.rejects(beat(), FencedError, 'the first process takes no heartbeats any more');
  const { agent_secret_token: token } = (await getNode(second.store.read, node.uuid)).driver_internal_info;
  await second.conductor.doors.signal.heartbeat(await getNode(second.store.read, node.uuid), {
    callback_url: 'https://192.0.2.7:9999',
    agent_token: String(token),
    agent_version: '1.0.0',
  });
  await second.untilState(node.uuid, 'active');
});

testOnBoth('a stop that cuts a step off lets it go on after the restart', async (t) => {
  let calls = 0;
  const started = gate();
  const step = deployStep('work', 80, async (task) => {
    calls += 1;
    if (calls === 1) {
      void started.pass();
      await new Promise((_resolve, reject) =>
        task.abortSignal.addEventListener('abort', () => reject(new Error('cut'))),
      );
    }
    return done();
  });
  const first = await startConductor(t, scripted(scriptedDriver({ steps: [step] })));
  const node = await first.node(available);
  await first.conductor.doors.start.provision({ node, verb: 'active', requester });
  await started.reached;
  const second = await first.restart();
  const active = await second.untilState(node.uuid, 'active');
  assert.equal(active.last_error, null);
  assert.equal(calls, 2);
});

testOnBoth('a stop waits for a step that ends in time', async (t) => {
  const working = gate();
  const step = deployStep('work', 80, async () => {
    await working.pass();
    return done();
  });
  const options = scripted(scriptedDriver({ steps: [step] }), 'conductor.graceful_shutdown_timeout=30');
  const first = await startConductor(t, options);
  const node = await first.node(available);
  await first.conductor.doors.start.provision({ node, verb: 'active', requester });
  await working.reached;
  const restarting = first.restart();
  working.open();
  const second = await restarting;
  await second.untilState(node.uuid, 'active');
  const intents = await second.store.read
    .selectFrom('intents')
    .select('step')
    .where('step', '=', 'deploy.work')
    .execute();
  assert.equal(intents.length, 1, 'the step was tried once');
});

const writtenTables = ['nodes', 'runs', 'journal', 'intents', 'signals', 'timeline', 'node_history', 'outbox'] as const;

async function contents({ read }: Store): Promise<unknown[]> {
  return Promise.all(writtenTables.map((table) => read.selectFrom(table).selectAll().orderBy('id').execute()));
}

testOnBoth('a process that another one took over writes nothing when it wakes up', async (t) => {
  const sleeping = gate();
  let isFirst = true;
  const driver = scriptedDriver({
    steps: [
      deployStep('work', 80, async (task) => {
        if (isFirst) {
          isFirst = false;
          await sleeping.pass();
          task.learn({ properties: { written_by: 'the old process' } });
          task.record({ kind: 'power', message: 'The old process saw something.' });
          await assert.rejects(task.store(), FencedError);
        }
        return done();
      }),
    ],
  });
  const fenced = Promise.withResolvers<Error>();
  const first = await startConductor(t, {
    ...scripted(driver),
    onFenced: (error) => fenced.resolve(error),
  });
  const node = await first.node(available);
  const other = await first.node({ driver: 'scripted', provision_state: 'manageable' });
  await first.conductor.doors.start.provision({ node, verb: 'active', requester });
  await sleeping.reached;
  const second = await first.takeOver();
  await second.untilState(node.uuid, 'active');
  const before = await contents(second.store);

  sleeping.open();
  assert.ok((await fenced.promise) instanceof FencedError);
  const { start, call, signal } = first.conductor.doors;
  await assert.rejects(start.provision({ node: other, verb: 'provide', requester }), FencedError);
  await assert.rejects(start.power({ node: other, target: 'power on', requester }), FencedError);
  await assert.rejects(call.setBootDevice(other, 'pxe', true), FencedError);
  await assert.rejects(signal.lookup(other), FencedError);
  await second.stop();
  await first.conductor.stop();
  assert.deepEqual(await contents(second.store), before);
});
