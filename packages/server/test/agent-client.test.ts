// The client of the agent against the real agent's command server, and against servers that misbehave.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { createCertificate } from '../../agent/src/certificate.ts';
import { AgentBusyError, AgentRefusalError, AgentUnreachableError, agentClient } from '../src/drivers/agent/client.ts';
import { nodeForAgent } from '../src/drivers/agent/node-for-agent.ts';
import { agentToken, startAgent, startForeignAgent } from './support/agent.ts';
import { testTask } from './support/task.ts';

function clientOf(url: string, options: { ca?: string; token?: string; set?: readonly string[] } = {}) {
  const { task } = testTask({
    node: {
      driver_internal_info: {
        agent_url: url,
        agent_secret_token: options.token ?? agentToken,
        ...(options.ca === undefined ? {} : { agent_certificate: options.ca }),
      },
    },
    set: options.set ?? ['agent.max_command_attempts=1'],
  });
  return agentClient(task);
}

test('commands run over TLS that is verified with the certificate of the heartbeat', async (t) => {
  const agent = await startAgent(t);
  const client = clientOf(agent.url, { ca: agent.certificatePem });
  const result = await client.post({ name: 'standby.sync', params: {}, wait: true });
  assert.equal(result.command_status, 'SUCCEEDED');
  assert.deepEqual(
    (await client.list()).map(({ command_name }) => command_name),
    ['sync'],
  );
});

test('another certificate is not believed', async (t) => {
  const agent = await startAgent(t);
  const { certificatePem } = await createCertificate('127.0.0.1');
  const client = clientOf(agent.url, { ca: certificatePem });
  await assert.rejects(client.list(), (error: Error) => {
    assert.ok(error instanceof AgentUnreachableError);
    assert.match(error.message, /certificate|self-signed/i);
    return true;
  });
  assert.deepEqual(agent.ran, []);
});

test('a wrong token is a refusal with the words of the agent, and the token is in no message', async (t) => {
  const agent = await startAgent(t);
  const ca = agent.certificatePem;
  const client = clientOf(agent.url, { ca, token: 'not-the-token' });
  await assert.rejects(client.list(), (error: Error) => {
    assert.ok(error instanceof AgentRefusalError);
    assert.match(error.message, /status 401.*Token invalid/);
    assert.doesNotMatch(error.message, /not-the-token/);
    return true;
  });
});

test('a busy agent is told from a broken one', async (t) => {
  const agent = await startAgent(t);
  const client = clientOf(agent.url, { ca: agent.certificatePem });
  const params = { step: { interface: 'deploy', step: 'a' } };
  await client.post({ name: 'deploy.execute_deploy_step', params, wait: false });
  await assert.rejects(client.post({ name: 'standby.sync', params: {}, wait: true }), AgentBusyError);
  agent.succeed({});
});

test('the same idempotency key runs once', async (t) => {
  const agent = await startAgent(t);
  const client = clientOf(agent.url, { ca: agent.certificatePem });
  const call = { name: 'deploy.execute_deploy_step', params: { step: {} }, wait: false, idempotencyKey: 'run/1' };
  const first = await client.post(call);
  assert.equal((await client.post(call)).id, first.id);
  assert.equal(agent.ran.length, 1);
  agent.succeed({});
});

test('an agent that is gone is named with address, tries and reason', async () => {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  const client = clientOf(`http://127.0.0.1:${port}`, { set: ['agent.max_command_attempts=2'] });
  await assert.rejects(client.list(), (error: Error) => {
    assert.ok(error instanceof AgentUnreachableError);
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port} did not answer in 2 tries: .*ECONNREFUSED`));
    return true;
  });
});

test('an agent that has not called back is named', () => {
  const { task } = testTask();
  assert.throws(() => agentClient(task), /has not called back/);
});

test('a command whose answer was lost is found in the list and not sent again', async (t) => {
  let posts = 0;
  const url = await startForeignAgent(t, (request, response) => {
    if (request.method === 'POST') {
      posts += 1;
      request.socket.destroy();
      return;
    }
    const command = { id: '7', command_name: 'execute_deploy_step', command_status: 'RUNNING' };
    response.end(JSON.stringify({ commands: [{ ...command, command_error: null, command_result: null }] }));
  });
  const client = clientOf(url, { set: ['agent.max_command_attempts=3'] });
  const result = await client.post({ name: 'deploy.execute_deploy_step', params: {}, wait: false });
  assert.equal(result.id, '7');
  assert.equal(posts, 1);
});

test('an agent that never answers is given up after the time-out', async (t) => {
  const url = await startForeignAgent(t, () => {});
  const client = clientOf(url, { set: ['agent.max_command_attempts=1', 'agent.command_timeout=1'] });
  await assert.rejects(client.list(), /did not answer in 1 tries: .*Timeout/i);
});

test('the node goes to the agent without its secrets and its config drive', () => {
  const { task } = testTask({
    node: {
      driver_info: { ipmi_password: 'x', ipmi_address: 'a', deploy_kernel: 'k' },
      driver_internal_info: { agent_secret_token: 't', agent_url: 'u' },
      instance_info: { configdrive: 'big', image_source: 'i' },
      properties: { root_device: { size: 1 } },
    },
  });
  const sent = nodeForAgent(task);
  assert.deepEqual(sent.driver_info, { ipmi_address: 'a', deploy_kernel: 'k' });
  assert.deepEqual(sent.driver_internal_info, { agent_url: 'u' });
  assert.deepEqual(sent.instance_info, { image_source: 'i' });
  assert.deepEqual(sent.properties, { root_device: { size: 1 } });
});
