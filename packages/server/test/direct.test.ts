// Deploy interface direct: its steps against the real agent's command server, after crashes, and with foreign agents.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { JsonObject, PowerState, StepsByManager } from '@wrought/contract';
import { createBootServices } from '../src/boot/services.ts';
import { loadConfig } from '../src/config/index.ts';
import { agentSteps, describeSteps } from '../src/drivers/agent/agent-steps.ts';
import { directDeploy } from '../src/drivers/agent/direct.ts';
import type { AnyInterface, BootInterface, NetworkInterface, PowerInterface, Step } from '../src/drivers/kit/index.ts';
import { noopNetwork } from '../src/network/noop.ts';
import { agentToken, startAgent, startForeignAgent, type TestAgent } from './support/agent.ts';
import { silentLog } from './support/conductor.ts';
import { type TestTaskOptions, testTask } from './support/task.ts';

const image = { url: 'http://images.example.org/a.qcow2', os_hash_algo: 'sha256', os_hash_value: 'ab' };
const quick = ['agent.max_command_attempts=1', 'agent.command_timeout=5'];

async function setUp(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-direct-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const config = loadConfig({ dataDirectory: directory, set: quick });
  const { environment } = await createBootServices({ config: () => config, log: silentLog });
  const direct = directDeploy(environment);
  const step = (name: string): Step => {
    const found = direct.steps?.find((each) => each.step === name);
    assert.ok(found);
    return found;
  };
  async function taskWith(agent: Pick<TestAgent, 'url'> & { certificatePem?: string }, more: TestTaskOptions = {}) {
    return testTask({
      set: quick,
      interfaces: [noopNetwork],
      ...more,
      node: {
        name: 'n1',
        ...more.node,
        driver_internal_info: {
          agent_url: agent.url,
          agent_secret_token: agentToken,
          ...(agent.certificatePem === undefined ? {} : { agent_certificate: agent.certificatePem }),
          instance_image: image,
          hardware_manager_version: { Generic: '1.1' },
        },
      },
    });
  }
  return { direct, step, taskWith };
}

const poll = { kind: 'poll', payload: {} } as const;

test('a config drive without network metadata gets what the network service knows', async (t) => {
  const network_data = {
    links: [{ id: 'v', type: 'phy', mtu: 1500 }],
    networks: [{ id: 'network0', link: 'v', type: 'ipv4', ip_address: '192.0.2.7' }],
    services: [],
  };
  const knowing: NetworkInterface = { ...noopNetwork, networkData: async () => network_data };
  const whole = { links: [{ id: 'own', mtu: 9000 }], networks: [], services: [] };
  for (const [given, set, expected] of [
    [{}, [], network_data],
    [{ network_data: { links: [], networks: [], services: [] } }, [], network_data],
    [{ network_data: { links: [{ id: 'own' }] } }, [], network_data],
    [
      { network_data: { links: [{ id: 'own' }] } },
      ['conductor.disable_metadata_mtu_check=true'],
      { links: [{ id: 'own' }] },
    ],
    [{ network_data: whole }, [], whole],
    [{}, ['conductor.disable_configdrive_check=true'], null],
  ] as const) {
    const agent = await startAgent(t);
    const { step, taskWith } = await setUp(t);
    const { task } = await taskWith(agent, {
      set: [...quick, ...set],
      interfaces: [knowing],
      node: { instance_info: { image_source: image.url, configdrive: given } },
    });
    await step('write_image').execute(task, {});
    const sent = agent.ran[0]?.params.step as { args: { configdrive: string } };
    const drive = gunzipSync(Buffer.from(sent.args.configdrive, 'base64')).toString('latin1');
    const what = JSON.stringify([given, set]);
    assert.equal(drive.includes('192.0.2.7'), expected === network_data, what);
    if (expected !== null) {
      assert.ok(drive.includes(JSON.stringify(expected)), what);
    }
  }
});

test('writing the image: sent once, followed with progress, done', async (t) => {
  const agent = await startAgent(t);
  const { step, taskWith } = await setUp(t);
  const instance_info = { image_source: image.url, configdrive: { meta_data: { nonce: 1 } } };
  const { task, progress } = await taskWith(agent, { node: { instance_info } });
  const write = step('write_image');
  const begun = await write.execute(task, {});
  assert.equal(begun.kind, 'park');
  const [ran] = agent.ran;
  const sent = ran?.params.step as { step: string; args: { image_info: JsonObject; configdrive: string } };
  assert.equal(sent.step, 'write_image');
  assert.deepEqual(sent.args.image_info.urls, [image.url]);
  assert.equal(sent.args.image_info.os_hash_value, 'ab');
  assert.match(sent.args.configdrive, /^H4sI/);
  assert.deepEqual(ran?.params.deploy_version, { Generic: '1.1' });
  assert.doesNotMatch(JSON.stringify(ran?.params.node), new RegExp(agentToken));

  agent.report({ bytes_written: 5, bytes_total: 10, percent: 50, phase: 'write' });
  assert.equal((await write.resume?.(task, {}, poll))?.kind, 'park');
  assert.equal((await write.resume?.(task, {}, poll))?.kind, 'park');
  assert.deepEqual(progress, [{ percent: 50, what: 'deploy.write_image' }]);
  agent.succeed({ deploy_result: 'image written' });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await write.resume?.(task, {}, poll))?.kind, 'done');
  assert.equal(agent.ran.length, 1);
});

test('a failure keeps the words of the agent', async (t) => {
  const agent = await startAgent(t);
  const { step, taskWith } = await setUp(t);
  const { task } = await taskWith(agent);
  await step('write_image').execute(task, {});
  agent.fail('expected sha256 aa, got bb from http://images.example.org/a.qcow2');
  await new Promise((resolve) => setImmediate(resolve));
  const outcome = await step('write_image').resume?.(task, {}, poll);
  assert.equal(outcome?.kind, 'fail');
  assert.match(
    outcome?.kind === 'fail' ? outcome.reason : '',
    /deploy\.write_image failed in the agent at https:\/\/127.*aa.*bb.*a\.qcow2/,
  );
});

test('after a crash the command is found by its key, or told not to have happened', async (t) => {
  const agent = await startAgent(t);
  const { step, taskWith } = await setUp(t);
  const write = step('write_image');
  const { task } = await taskWith(agent);
  assert.equal(await write.probe?.(task, {}), 'not happened');
  await write.execute(task, {});
  const found = await write.probe?.(task, {});
  assert.ok(typeof found === 'object' && found.kind === 'park');
  // Executed again all the same, it is the same command.
  assert.equal((await write.execute(task, {})).kind, 'park');
  assert.equal(agent.ran.length, 1);
  const { task: other } = await taskWith(agent, { idempotencyKey: 'another run/steps/1' });
  assert.equal(await write.probe?.(other, {}), 'not happened');
  agent.succeed({});
});

test('an agent that was started anew does not know the command: a failure that says so', async (t) => {
  const agent = await startAgent(t);
  const { step, taskWith } = await setUp(t);
  const { task } = await taskWith(agent);
  const outcome = await step('write_image').resume?.(task, {}, poll);
  assert.match(outcome?.kind === 'fail' ? outcome.reason : '', /does not know.*started anew/);
});

test('a silent agent is waited for, then given up', async (t) => {
  const agent = await startAgent(t);
  const { step, taskWith } = await setUp(t);
  await agent.stop();
  const { task, evidence } = await taskWith(agent);
  const first = await step('write_image').resume?.(task, {}, poll);
  assert.equal(first?.kind, 'park');
  assert.equal(evidence.at(-1)?.severity, 'warning');
  const after = async (agent_silence: object) =>
    step('write_image').resume?.({ ...task, memory: { agent_silence } }, {}, poll);
  // A clock that was set forward by a year ends no patience; a silence that was watched does.
  const aYearAgo = Date.now() - 365 * 86_400_000;
  assert.equal((await after({ seconds: 0, at: Date.now() - 1_000 }))?.kind, 'park');
  assert.equal((await after({ seconds: -20, at: aYearAgo }))?.kind, 'park');
  const outcome = await after({ seconds: 5, at: Date.now() - 1_000 });
  assert.match(outcome?.kind === 'fail' ? outcome.reason : '', /went silent for more than 5 s/);
});

test('a busy agent is asked again later', async (t) => {
  const agent = await startAgent(t);
  const { step, taskWith } = await setUp(t);
  const { task: first } = await taskWith(agent);
  await step('write_image').execute(first, {});
  const { task: second } = await taskWith(agent, { idempotencyKey: 'other' });
  const outcome = await step('write_image').execute(second, {});
  assert.equal(outcome.kind, 'again');
  agent.succeed({});
});

test('a foreign agent has no keys: its command is found by id, or by the step that it runs', async (t) => {
  const commands: JsonObject[] = [];
  const url = await startForeignAgent(t, (request, response, body) => {
    if (request.method === 'POST') {
      const { name, params } = body as { name: string; params: JsonObject };
      commands.push({
        id: String(commands.length),
        command_name: name.split('.')[1],
        command_params: params,
        command_status: 'RUNNING',
        command_error: null,
        command_result: null,
      });
      response.end(JSON.stringify(commands.at(-1)));
    } else {
      response.end(JSON.stringify({ commands }));
    }
  });
  const { step, taskWith } = await setUp(t);
  const { task } = await taskWith({ url });
  assert.equal(await step('write_image').probe?.(task, {}), 'not happened');
  await step('write_image').execute(task, {});
  const found = await step('write_image').probe?.(task, {});
  assert.ok(typeof found === 'object' && found.kind === 'park');
  assert.deepEqual(found.facts.memory, { agent_command: '0' });
  Object.assign(commands[0] ?? {}, {
    command_status: 'FAILED',
    command_error: { type: 'ImageDownloadError', code: 500, message: 'Error downloading image', details: 'no route' },
  });
  const outcome = await step('write_image').resume?.({ ...task, memory: { agent_command: '0' } }, {}, poll);
  assert.match(outcome?.kind === 'fail' ? outcome.reason : '', /Error downloading image: no route/);
});

test('clean steps of the agent: discovered, run, replanned when its managers change', async (t) => {
  const agent = await startAgent(t);
  const { taskWith } = await setUp(t);
  const { task } = await taskWith(agent);
  const found = await agentSteps.discover(task, 'clean');
  assert.deepEqual(
    found.agent_steps.map(({ step, priority, recovery }) => [step, priority, recovery]),
    [
      ['erase_devices_metadata', 99, 'probe'],
      ['erase_devices', 10, 'repeat'],
    ],
  );
  assert.deepEqual(found.driver_internal_info, { hardware_manager_version: { Generic: '1.1' } });
  const [metadata] = found.agent_steps;
  assert.ok(metadata);
  assert.equal((await agentSteps.execute(task, 'clean', metadata, {})).kind, 'park');
  agent.mismatch();
  await new Promise((resolve) => setImmediate(resolve));
  const outcome = await agentSteps.resume(task, 'clean', metadata, poll);
  assert.equal(outcome.kind, 'replan');
});

test('priorities of erasing follow the configuration, for cleaning only', () => {
  const config = loadConfig({
    set: ['deploy.erase_devices_priority=0', 'deploy.erase_devices_metadata_priority=7'],
  });
  const steps: StepsByManager = {
    Generic: [
      { interface: 'deploy', step: 'erase_devices', priority: 10 },
      { interface: 'deploy', step: 'erase_devices_metadata', priority: 99 },
      { interface: 'raid', step: 'create_configuration', priority: 3 },
    ],
  };
  const priorities = (kind: 'clean' | 'deploy') => describeSteps(steps, kind, config).map(({ priority }) => priority);
  assert.deepEqual(priorities('clean'), [0, 7, 3]);
  assert.deepEqual(priorities('deploy'), [10, 99, 3]);
});

/** A BMC in memory that obeys, unless told not to. */
function powerOf(state: PowerState, obeysAgent = false): PowerInterface & { asked: string[]; polls: number } {
  let present = state;
  const power = {
    kind: 'power' as const,
    name: 'memory',
    properties: {},
    supportedTargets: ['power on', 'power off', 'rebooting', 'soft rebooting', 'soft power off'] as const,
    canSync: true,
    asked: [] as string[],
    polls: 0,
    validate: async () => {},
    async getPowerState() {
      power.polls += 1;
      if (obeysAgent && power.polls > 1) {
        present = 'power off';
      }
      return present;
    },
    async setPowerState(_task: unknown, target: string) {
      power.asked.push(target);
      present = target === 'power on' ? 'power on' : 'power off';
    },
  };
  return power;
}

const patient = [...quick, 'agent.post_deploy_get_power_state_retry_interval=0.1'];

test('the agent is flushed and powers the machine off; the BMC only watches', async (t) => {
  const agent = await startAgent(t);
  const { step, taskWith } = await setUp(t);
  const power = powerOf('power on', true);
  const { task } = await taskWith(agent, { interfaces: [power], set: patient });
  assert.equal((await step('tear_down_agent').execute(task, {})).kind, 'done');
  assert.deepEqual(
    agent.ran.map(({ name }) => name),
    ['sync', 'power_off'],
  );
  assert.deepEqual(power.asked, []);
  assert.equal(task.node.driver_internal_info.agent_url, undefined);
  assert.equal(task.node.power_state, 'power off');
});

test('when the agent does not power off, the BMC does', async (t) => {
  const agent = await startAgent(t);
  const { step, taskWith } = await setUp(t);
  await agent.stop();
  const power = powerOf('power on');
  const { task, evidence } = await taskWith(agent, { interfaces: [power], set: patient });
  assert.equal((await step('tear_down_agent').execute(task, {})).kind, 'done');
  assert.deepEqual(power.asked, ['power off']);
  assert.ok(evidence.some(({ message }) => /did not do standby\.sync/.test(message)));
});

test('power steps are probed by the power state', async (t) => {
  const { step, taskWith } = await setUp(t);
  const on = await taskWith({ url: 'http://127.0.0.1:1' }, { interfaces: [powerOf('power on')] });
  const off = await taskWith({ url: 'http://127.0.0.1:1' }, { interfaces: [powerOf('power off')] });
  assert.equal(await step('tear_down_agent').probe?.(on.task, {}), 'not happened');
  const down = await step('tear_down_agent').probe?.(off.task, {});
  assert.ok(typeof down === 'object' && down.kind === 'done');
  assert.equal(await step('boot_instance').probe?.(off.task, {}), 'not happened');
  // On, but the agent was not seen off: it is the ramdisk that runs.
  assert.equal(await step('boot_instance').probe?.(on.task, {}), 'not happened');
  on.task.learn({ driver_internal_info: { agent_url: null } });
  const up = await step('boot_instance').probe?.(on.task, {});
  assert.ok(typeof up === 'object' && up.kind === 'done');
});

test('cleaning brings the machine into the ramdisk and out of it, with the options for erasing', async (t) => {
  const { direct } = await setUp(t);
  const calls: string[] = [];
  const note = (name: string) => async () => {
    calls.push(name);
    return {};
  };
  const boot: BootInterface = {
    kind: 'boot',
    name: 'noted',
    properties: {},
    validate: async () => {},
    prepareRamdisk: note('prepareRamdisk'),
    cleanUpRamdisk: note('cleanUpRamdisk'),
    prepareInstance: note('prepareInstance'),
    cleanUpInstance: note('cleanUpInstance'),
  };
  const power = powerOf('power on');
  const interfaces: AnyInterface[] = [boot, power, noopNetwork];
  const { task } = testTask({ interfaces, set: ['deploy.disk_erasure_concurrency=2'] });
  const outcome = await direct.prepareCleaning(task);
  assert.equal(outcome.kind === 'park' ? outcome.awaiting : '', 'the first heartbeat of the agent');
  assert.deepEqual(power.asked, ['power off', 'power on']);
  assert.equal(task.node.driver_internal_info.disk_erasure_concurrency, 2);
  assert.equal((await direct.resumeCleaning(task, poll)).kind, 'park');
  task.learn({ driver_internal_info: { agent_url: 'https://10.0.0.2:9999', agent_secret_token: agentToken } });
  const up = await direct.resumeCleaning(task, { kind: 'heartbeat', payload: {} });
  assert.ok(up.kind === 'done' && up.agentIsUp);
  task.learn(await direct.tearDownCleaning(task));
  assert.equal(task.node.power_state, 'power off');
  assert.equal(task.node.driver_internal_info.disk_erasure_concurrency, undefined);
  assert.deepEqual(calls, ['prepareRamdisk', 'cleanUpRamdisk']);
});
