// Which steps a plan holds, and in which order: drivers', templates', users' and the agent's, before and after it is up.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { RequestedStep, StepDescription } from '@wrought/contract';
import { type AgentStepRunner, done, park, step } from '../src/drivers/kit/index.ts';
import { requester, startConductor, type TestConductor } from './support/conductor.ts';
import { testOnBoth } from './support/databases.ts';
import { deployStep, scripted, scriptedDriver, waitingStep } from './support/scripted-driver.ts';
import { agentOf } from './support/signal-agent.ts';

const available = { driver: 'scripted', provision_state: 'available' } as const;

function offer(name: string, priority: number, more: Partial<StepDescription> = {}): StepDescription {
  return {
    interface: 'deploy',
    step: name,
    priority,
    abortable: false,
    requires_ramdisk: true,
    argsinfo: null,
    recovery: 'repeat',
    ...more,
  };
}

const asked = (name: string, priority: number, more: Partial<RequestedStep> = {}): RequestedStep => ({
  interface: 'deploy',
  step: name,
  priority,
  ...more,
});

/** A server whose steps only note their names. */
async function startNoting(t: TestContext, agentSteps?: readonly StepDescription[]) {
  const ran: string[] = [];
  const note = (name: string) => async () => {
    ran.push(name);
    return done();
  };
  const agent: AgentStepRunner = {
    discover: async () => ({ agent_steps: agentSteps ?? [] }),
    async execute(_task, _kind, description, args) {
      ran.push(`agent: ${description.step} ${JSON.stringify(args)}`);
      return done();
    },
    resume: async () => done(),
    probe: async () => 'not happened',
  };
  const core = waitingStep('deploy', 100, {
    async execute() {
      ran.push('deploy');
      return agentSteps === undefined ? done() : park('the first heartbeat of the agent');
    },
    resume: async (_task, _args, signal) =>
      signal.kind === 'heartbeat' ? done({}, { agentIsUp: true }) : park('the first heartbeat of the agent'),
  });
  const driver = scriptedDriver({
    ...(agentSteps === undefined ? {} : { agent }),
    steps: [
      core,
      deployStep('write', 80, note('write')),
      deployStep('optional', 0, note('optional')),
      deployStep('configure', 0, note('configure'), { argsinfo: { size: { description: 'In GiB.', required: true } } }),
      step({
        interface: 'deploy',
        step: 'wipe',
        kinds: ['clean'],
        priority: 10,
        recovery: 'repeat',
        execute: note('wipe'),
      }),
      step({
        interface: 'deploy',
        step: 'scan',
        kinds: ['clean'],
        priority: 20,
        recovery: 'repeat',
        execute: note('scan'),
      }),
      step({
        interface: 'deploy',
        step: 'look',
        kinds: ['verify'],
        priority: 5,
        recovery: 'repeat',
        execute: note('look'),
      }),
    ],
  });
  return { server: await startConductor(t, scripted(driver)), ran };
}

async function addTemplate(server: TestConductor, name: string, steps: readonly RequestedStep[]): Promise<void> {
  const values = {
    uuid: randomUUID(),
    name,
    steps: JSON.stringify(steps),
    extra: '{}',
    created_at: '',
    updated_at: null,
  };
  await server.store.transaction((trx) => trx.insertInto('deploy_templates').values(values).execute());
}

async function deploy(server: TestConductor, deploySteps: readonly RequestedStep[], traits: readonly string[] = []) {
  const node = await server.node({ ...available, traits, instance_info: { traits } });
  await server.conductor.doors.start.provision({ node, verb: 'active', deploySteps, requester });
  return node;
}

testOnBoth('a deployment runs the steps that a driver gives a priority, highest first', async (t) => {
  const { server, ran } = await startNoting(t);
  const node = await deploy(server, []);
  await server.untilState(node.uuid, 'active');
  assert.deepEqual(ran, ['deploy', 'write']);
});

testOnBoth('users add steps, move them and remove them', async (t) => {
  const { server, ran } = await startNoting(t);
  const added = await deploy(server, [asked('optional', 90), asked('configure', 10, { args: { size: 3 } })]);
  await server.untilState(added.uuid, 'active');
  assert.deepEqual(ran.splice(0), ['deploy', 'optional', 'write', 'configure']);
  const removed = await deploy(server, [asked('write', 0)]);
  await server.untilState(removed.uuid, 'active');
  assert.deepEqual(ran.splice(0), ['deploy']);
  const moved = await deploy(server, [asked('write', 120)]);
  await server.untilState(moved.uuid, 'active');
  assert.deepEqual(ran, ['write', 'deploy']);
});

testOnBoth('the core step can be removed, and nothing else', async (t) => {
  const { server, ran } = await startNoting(t);
  const node = await deploy(server, [asked('deploy', 0)]);
  await server.untilState(node.uuid, 'active');
  assert.deepEqual(ran, ['write']);
  await assert.rejects(
    deploy(server, [asked('deploy', 50)]),
    /"deploy\.deploy" can only be switched off \(priority 0\)/,
  );
});

testOnBoth('templates apply by the traits of the instance; users have the last word', async (t) => {
  const { server, ran } = await startNoting(t);
  await addTemplate(server, 'CUSTOM_SLOW', [asked('optional', 90), asked('write', 0)]);
  const templated = await deploy(server, [], ['CUSTOM_SLOW']);
  await server.untilState(templated.uuid, 'active');
  assert.deepEqual(ran.splice(0), ['deploy', 'optional']);
  const overridden = await deploy(server, [asked('write', 10)], ['CUSTOM_SLOW']);
  await server.untilState(overridden.uuid, 'active');
  assert.deepEqual(ran, ['deploy', 'optional', 'write']);
});

testOnBoth('two templates with the same step are refused by name', async (t) => {
  const { server } = await startNoting(t);
  await addTemplate(server, 'CUSTOM_A', [asked('optional', 90)]);
  await addTemplate(server, 'CUSTOM_B', [asked('optional', 10)]);
  await assert.rejects(deploy(server, [], ['CUSTOM_A', 'CUSTOM_B']), /CUSTOM_A and CUSTOM_B, .* deploy\.optional/);
});

testOnBoth('traits that the node does not have are refused', async (t) => {
  const { server } = await startNoting(t);
  const node = await server.node({ ...available, traits: ['CUSTOM_A'], instance_info: { traits: ['CUSTOM_B'] } });
  await assert.rejects(
    server.conductor.doors.start.provision({ node, verb: 'active', requester }),
    /does not have: CUSTOM_B\. It has: CUSTOM_A\./,
  );
});

testOnBoth('a step that nobody offers is refused at once when there is no agent', async (t) => {
  const { server } = await startNoting(t);
  await assert.rejects(
    deploy(server, [asked('polish', 5)]),
    /no deploy step "deploy\.polish".*It offers: deploy\.deploy/,
  );
});

testOnBoth('arguments are checked against what the step declares', async (t) => {
  const { server } = await startNoting(t);
  await assert.rejects(deploy(server, [asked('configure', 5)]), /"deploy\.configure" lacks size\./);
  const unknown = asked('configure', 5, { args: { size: 1, colour: 'red' } });
  await assert.rejects(deploy(server, [unknown]), /does not know colour\. Its arguments: size\./);
});

testOnBoth("a step that nobody knows yet may be the agent's, and runs when it is", async (t) => {
  const { server, ran } = await startNoting(t, [offer('burn_in', 90), offer('polish', 0)]);
  const node = await deploy(server, [asked('polish', 85, { args: {} })]);
  const waiting = await server.untilState(node.uuid, 'wait call-back');
  assert.equal(waiting.deploy_step.step, 'deploy');
  const beat = await agentOf(server, node.uuid);
  await beat();
  await server.untilState(node.uuid, 'active');
  assert.deepEqual(ran, ['deploy', 'agent: burn_in {}', 'agent: polish {}', 'write']);
});

testOnBoth('a step that the agent does not know either fails the deployment and names what there is', async (t) => {
  const { server, ran } = await startNoting(t, [offer('burn_in', 90)]);
  const node = await deploy(server, [asked('polish', 85)]);
  await server.untilState(node.uuid, 'wait call-back');
  const beat = await agentOf(server, node.uuid);
  await beat();
  const failed = await server.untilState(node.uuid, 'deploy failed');
  assert.match(
    failed.last_error ?? '',
    /no deploy step "deploy\.polish" \(asked for by a user\)\. It offers: .*deploy\.burn_in/,
  );
  assert.deepEqual(ran, ['deploy']);
});

testOnBoth('what ran before the agent was up is not run again with its plan', async (t) => {
  const { server, ran } = await startNoting(t, [offer('early', 150), offer('late', 10)]);
  const node = await deploy(server, [asked('optional', 110)]);
  await server.untilState(node.uuid, 'wait call-back');
  const beat = await agentOf(server, node.uuid);
  await beat();
  await server.untilState(node.uuid, 'active');
  assert.deepEqual(ran, ['optional', 'deploy', 'write', 'agent: late {}']);
});

testOnBoth('manual cleaning keeps the order of the user, automated cleaning that of the priorities', async (t) => {
  const { server, ran } = await startNoting(t);
  const { start } = server.conductor.doors;
  const node = await server.node({ driver: 'scripted', provision_state: 'manageable' });
  const cleanSteps = [
    { interface: 'deploy', step: 'wipe' },
    { interface: 'deploy', step: 'scan' },
    { interface: 'deploy', step: 'wipe' },
  ];
  await start.provision({ node, verb: 'clean', cleanSteps, requester });
  const manageable = await server.untilState(node.uuid, 'manageable');
  assert.deepEqual(ran.splice(0), ['wipe', 'scan', 'wipe']);
  assert.deepEqual(manageable.clean_step, {});
  await start.provision({ node: manageable, verb: 'provide', requester });
  await server.untilState(node.uuid, 'available');
  assert.deepEqual(ran, ['scan', 'wipe']);
});

testOnBoth('the configuration moves automated clean steps and leaves them out', async (t) => {
  const ran: string[] = [];
  const clean = (name: string, priority: number) =>
    step({
      interface: 'deploy',
      step: name,
      kinds: ['clean', 'verify'],
      priority,
      recovery: 'repeat',
      async execute() {
        ran.push(name);
        return done();
      },
    });
  const driver = scriptedDriver({ steps: [clean('a', 30), clean('b', 20), clean('c', 10)] });
  const server = await startConductor(
    t,
    scripted(
      driver,
      'conductor.clean_step_priority_override={"deploy.a": 0, "deploy.c": 40}',
      'conductor.verify_step_priority_override={"deploy.b": 0, "deploy.c": 99}',
    ),
  );
  const node = await server.node({ driver: 'scripted', provision_state: 'enroll' });
  await server.conductor.doors.start.provision({ node, verb: 'manage', requester });
  const manageable = await server.untilState(node.uuid, 'manageable');
  assert.deepEqual(ran.splice(0), ['c', 'a']);
  await server.conductor.doors.start.provision({ node: manageable, verb: 'provide', requester });
  await server.untilState(node.uuid, 'available');
  assert.deepEqual(ran, ['c', 'b']);
});
