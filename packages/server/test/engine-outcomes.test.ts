// What the engine makes of each outcome of a step: done, again, fail, a thrown error, a new plan; and what it keeps of facts.
import assert from 'node:assert/strict';
import type { StepDescription } from '@wrought/contract';
import { type AgentStepRunner, again, done, fail, park, replan } from '../src/drivers/kit/index.ts';
import { requester, startConductor } from './support/conductor.ts';
import { testOnBoth } from './support/databases.ts';
import { deployStep, scripted, scriptedDriver, waitingStep } from './support/scripted-driver.ts';
import { agentOf } from './support/signal-agent.ts';

const available = { driver: 'scripted', provision_state: 'available' } as const;

testOnBoth('a step that wants to run again does, and each attempt is in the journal', async (t) => {
  let attempts = 0;
  const step = deployStep('work', 80, async () => {
    attempts += 1;
    return attempts < 3 ? again(0.01, `the agent is busy (${attempts})`) : done();
  });
  const server = await startConductor(t, scripted(scriptedDriver({ steps: [step] })));
  const node = await server.node(available);
  await server.conductor.doors.start.provision({ node, verb: 'active', requester });
  await server.untilState(node.uuid, 'active');
  assert.equal(attempts, 3);
  const entries = await server.store.read.selectFrom('journal').select('detail').where('entry', '=', 'again').execute();
  assert.deepEqual(
    entries.map(({ detail }) => JSON.parse(detail)),
    [
      { reason: 'the agent is busy (1)', after_seconds: 0.01 },
      { reason: 'the agent is busy (2)', after_seconds: 0.01 },
    ],
  );
});

testOnBoth('an error that a step throws is its failure, and what it learned before is kept', async (t) => {
  const step = deployStep('work', 80, async (task) => {
    task.learn({ properties: { serial: 'X1' }, driver_internal_info: { seen: true } });
    assert.equal(task.node.properties.serial, 'X1', 'the task shows what it learned');
    throw new Error('The BMC at 192.0.2.9 hung up.');
  });
  const server = await startConductor(t, scripted(scriptedDriver({ steps: [step] })));
  const node = await server.node(available);
  await server.conductor.doors.start.provision({ node, verb: 'active', requester });
  const failed = await server.untilState(node.uuid, 'deploy failed');
  assert.equal(failed.last_error, 'The BMC at 192.0.2.9 hung up.');
  assert.equal(failed.properties.serial, 'X1');
  assert.equal(failed.driver_internal_info.seen, true);
  const history = await server.store.read.selectFrom('node_history').select(['severity', 'event']).execute();
  assert.ok(history.some(({ severity, event }) => severity === 'ERROR' && event === failed.last_error));
});

testOnBoth('a failure while cleaning up after a failure adds its words and still ends the run', async (t) => {
  const driver = scriptedDriver({
    steps: [deployStep('work', 80, async () => fail('The disk is too small.'))],
    cleanUp: async () => {
      throw new Error('The boot files can not be removed.');
    },
  });
  const server = await startConductor(t, scripted(driver));
  const node = await server.node(available);
  await server.conductor.doors.start.provision({ node, verb: 'active', requester });
  const failed = await server.untilState(node.uuid, 'deploy failed');
  assert.equal(failed.last_error, 'The disk is too small. While cleaning up: The boot files can not be removed.');
});

/** An agent of which the second list of steps differs from the first. */
function changingAgent(ran: string[]) {
  const offer = (step: string): StepDescription => ({
    interface: 'deploy',
    step,
    priority: 50,
    abortable: false,
    requires_ramdisk: true,
    argsinfo: null,
    recovery: 'repeat',
  });
  let version = 0;
  const agent: AgentStepRunner = {
    async discover() {
      version += 1;
      return { agent_steps: [offer(`flash_${version}`)] };
    },
    async execute(_task, _kind, { step }) {
      ran.push(step);
      return step === 'flash_1' ? replan('The hardware managers changed.') : done();
    },
    resume: async () => done(),
    probe: async () => 'not happened',
  };
  return agent;
}

testOnBoth("the agent's steps are asked for and planned anew when its hardware managers changed", async (t) => {
  const ran: string[] = [];
  const core = waitingStep('deploy', 100, {
    resume: async (_task, _args, signal) =>
      signal.kind === 'heartbeat' ? done({}, { agentIsUp: true }) : park('the first heartbeat of the agent'),
  });
  const server = await startConductor(t, scripted(scriptedDriver({ steps: [core], agent: changingAgent(ran) })));
  const node = await server.node(available);
  await server.conductor.doors.start.provision({ node, verb: 'active', requester });
  await server.untilState(node.uuid, 'wait call-back');
  const beat = await agentOf(server, node.uuid);
  await beat();
  await server.untilState(node.uuid, 'active');
  assert.deepEqual(ran, ['flash_1', 'flash_2']);
});

testOnBoth('a step that an upgrade took away fails the run and names the step', async (t) => {
  const old = scriptedDriver({ steps: [waitingStep('deploy', 100), deployStep('gone', 80, async () => done())] });
  const options = scripted(old);
  const first = await startConductor(t, options);
  const node = await first.node(available);
  await first.conductor.doors.start.provision({ node, verb: 'active', requester });
  await first.untilState(node.uuid, 'wait call-back');
  // The next process reads the same list: its driver lacks a step of the plan that is frozen in the journal.
  options.drivers.splice(0, 1, scriptedDriver({ steps: [waitingStep('deploy', 100)] }));
  const second = await first.restart();
  const beat = await agentOf(second, node.uuid);
  await beat();
  const failed = await second.untilState(node.uuid, 'deploy failed');
  assert.match(failed.last_error ?? '', /The step deploy\.gone of the plan is not offered by the drivers of node/);
});
