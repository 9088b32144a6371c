// Rescue interface agent: into the ramdisk and out of it, the password against the real agent's command server, and old agents.
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { type JsonObject, type Node, type PowerState, SECRET_MASK } from '@wrought/contract';
import { agentRescue } from '../src/drivers/agent/rescue.ts';
import type { AnyInterface, NetworkInterface, PowerInterface } from '../src/drivers/kit/index.ts';
import { noopNetwork } from '../src/network/noop.ts';
import { agentToken, startAgent, startForeignAgent, type TestAgent } from './support/agent.ts';
import { testTask } from './support/task.ts';

const hash = '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc8';
const quick = ['agent.max_command_attempts=1', 'agent.command_timeout=5'];
const { password } = agentRescue;
assert.ok(password);

/** The machine around the interface: what is done to it, in order. */
function bench(fields: Partial<Node> = {}) {
  const calls: string[] = [];
  const note = (name: string) => async () => {
    calls.push(name);
    return {};
  };
  let state: PowerState = 'power on';
  const power: PowerInterface = {
    kind: 'power',
    name: 'memory',
    properties: {},
    supportedTargets: ['power on', 'power off', 'rebooting'],
    canSync: true,
    validate: async () => {},
    getPowerState: async () => state,
    async setPowerState(_task, target) {
      calls.push(target);
      state = target === 'power on' ? 'power on' : 'power off';
    },
  };
  const network: NetworkInterface = {
    ...noopNetwork,
    addRescuingNetwork: note('rescuing network'),
    removeRescuingNetwork: note('no rescuing network'),
    configureTenantNetworks: note('tenant networks'),
    unconfigureTenantNetworks: note('no tenant networks'),
  };
  const boot: AnyInterface = {
    kind: 'boot',
    name: 'noted',
    properties: {},
    validate: async () => {},
    prepareRamdisk: async (_task, purpose) => note(`ramdisk to ${purpose}`)(),
    cleanUpRamdisk: note('no ramdisk'),
    prepareInstance: note('instance'),
    cleanUpInstance: note('no instance'),
  };
  return { calls, ...testTask({ interfaces: [power, network, boot], set: quick, node: fields }) };
}

test('into the rescue ramdisk, to the network of the instance, and back to the instance', async () => {
  const { calls, task } = bench({
    instance_info: { image_source: 'x', rescue_password: SECRET_MASK, hashed_rescue_password: hash },
  });
  const outcome = await agentRescue.rescue(task);
  assert.equal(outcome.kind === 'park' ? outcome.awaiting : '', 'the first heartbeat of the agent');
  assert.deepEqual(calls.splice(0), [
    'power off',
    'no instance',
    'no tenant networks',
    'rescuing network',
    'ramdisk to rescue',
    'power on',
  ]);
  assert.equal((await agentRescue.resume?.(task, { kind: 'poll', payload: {} }))?.kind, 'park');
  task.learn({ driver_internal_info: { agent_url: 'https://10.0.0.2:9999', agent_secret_token: agentToken } });
  const up = await agentRescue.resume?.(task, { kind: 'heartbeat', payload: {} });
  // Nothing is planned anew: a rescue has no steps of the agent.
  assert.ok(up?.kind === 'done' && !up.agentIsUp);

  task.learn((await agentRescue.finish?.(task)) ?? {});
  assert.deepEqual(calls.splice(0), ['no ramdisk', 'no rescuing network', 'tenant networks']);
  assert.deepEqual(task.node.instance_info, { image_source: 'x' });
  assert.equal(task.node.driver_internal_info.agent_url, undefined);

  task.learn(await agentRescue.unrescue(task));
  assert.deepEqual(calls, [
    'power off',
    'no ramdisk',
    'no rescuing network',
    'tenant networks',
    'instance',
    'power on',
  ]);
});

test('a machine that may not be powered off is restarted instead', async () => {
  const { calls, task } = bench({ disable_power_off: true });
  await agentRescue.rescue(task);
  assert.deepEqual(calls.splice(0).slice(-3), ['ramdisk to rescue', 'power off', 'power on']);
  await agentRescue.unrescue(task);
  assert.deepEqual(calls.slice(-3), ['instance', 'power off', 'power on']);
});

function taskOf(
  agent: Pick<TestAgent, 'url'> & { certificatePem?: string },
  instance_info: JsonObject,
  set: readonly string[] = [],
) {
  return testTask({
    set: [...quick, ...set],
    node: {
      instance_info,
      driver_internal_info: {
        agent_url: agent.url,
        agent_secret_token: agentToken,
        ...(agent.certificatePem === undefined ? {} : { agent_certificate: agent.certificatePem }),
      },
    },
  });
}

const stored = { rescue_password: SECRET_MASK, hashed_rescue_password: hash };

test('the agent gets the hash once, and a crash in between is told apart by asking', async (t) => {
  const agent = await startAgent(t);
  const { task } = taskOf(agent, stored);
  assert.equal(await password.probe(task), 'not happened');
  assert.equal((await password.set(task)).kind, 'done');
  assert.deepEqual(agent.ran, [{ name: 'finalize_rescue', params: { rescue_password: hash, hashed: true } }]);
  const found = await password.probe(task);
  assert.ok(typeof found === 'object' && found.kind === 'done');
});

test('an agent that is silent after it may have had the password has ended, with a warning', async (t) => {
  const agent = await startAgent(t);
  await agent.stop();
  const { task, evidence } = taskOf(agent, stored);
  const probed = await password.probe(task);
  assert.ok(typeof probed === 'object' && probed.kind === 'done');
  assert.equal(evidence.at(-1)?.severity, 'warning');
  assert.match(evidence.at(-1)?.message ?? '', /If the login fails, rescue the node again/);
});

/** An agent from before hashes: one more parameter is one too many. */
function oldAgent(t: TestContext, taken: JsonObject[]): Promise<string> {
  return startForeignAgent(t, (_request: IncomingMessage, response: ServerResponse, body: JsonObject) => {
    const params = body.params as JsonObject;
    if ('hashed' in params) {
      response.writeHead(400).end(JSON.stringify({ faultstring: "Invalid command params: ['hashed']" }));
      return;
    }
    taken.push(params);
    const result = { id: '1', command_name: 'finalize_rescue', command_error: null, command_result: null };
    response.end(JSON.stringify({ ...result, command_status: 'SUCCEEDED' }));
  });
}

test('an old agent is refused the password itself, unless the operator allows it', async (t) => {
  const taken: JsonObject[] = [];
  const url = await oldAgent(t, taken);
  const strict = taskOf({ url }, { rescue_password: 'secret', hashed_rescue_password: hash });
  await assert.rejects(password.set(strict.task), /'hashed'.*require_rescue_password_hashed/);
  assert.deepEqual(taken, []);
  const lenient = taskOf({ url }, { rescue_password: 'secret', hashed_rescue_password: hash }, [
    'conductor.require_rescue_password_hashed=false',
  ]);
  assert.equal((await password.set(lenient.task)).kind, 'done');
  assert.deepEqual(taken, [{ rescue_password: 'secret' }]);
});

test('without a hash there is nothing to give', async (_t) => {
  const { task } = taskOf({ url: 'http://127.0.0.1:1' }, { rescue_password: SECRET_MASK });
  await assert.rejects(password.set(task), /hashed_rescue_password.*rescue it again/);
});
