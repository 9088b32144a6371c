// The agent against a server: lookup, token, heartbeats, commands over TLS, and the server's absence.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import type { JsonObject, LookupResponse } from '@wrought/contract';
import { type RunningAgent, startAgent } from '../src/agent.ts';
import type { Run } from '../src/process.ts';
import { type ApiClient, ApiStatusError } from '../src/session/api-client.ts';
import { negotiateVersion } from '../src/session/api-version.ts';
import { heartbeatIntervalSeconds } from '../src/session/heartbeat.ts';
import { lookUpNode } from '../src/session/lookup.ts';
import { callbackUrl } from '../src/session/own-address.ts';
import { readSettings } from '../src/settings.ts';
import { type AgentClient, createAgentClient } from './support/agent-client.ts';
import { type FakeServer, NODE_UUID, startFakeServer, TOKEN } from './support/fake-server.ts';
import { fakeTools, quietLog } from './support/fake-tools.ts';

const DEADLINE_SECONDS = 20;
const MAC = '52:54:00:aa:bb:cc';

suite('an agent and its server', () => {
  let directory: string;
  let server: FakeServer;
  let agent: RunningAgent | undefined;
  let stopping: AbortController;
  /** Ends the running `sync`, so that tests decide how long a command takes. */
  let endErasure: () => void;
  const run: Run = async (program, args) => {
    const { run: answer } = fakeTools({ lsblk: '{"blockdevices":[]}', sync: '' });
    if (program === 'lsblk') await new Promise<void>((resolve) => (endErasure = resolve));
    return answer(program, args);
  };

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'agent-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));
  beforeEach(async () => {
    server = await startFakeServer();
    stopping = new AbortController();
    endErasure = () => undefined;
  });
  afterEach(async () => {
    stopping.abort();
    await agent?.stop();
    agent = undefined;
    await server.close();
    await rm(join(directory, 'run'), { recursive: true, force: true });
  });

  const settings = (...more: string[]) =>
    readSettings(`ipa-api-url=http://127.0.0.1:${server.port}`, [
      'ipa-listen-port=0',
      'ipa-listen-host=127.0.0.1',
      `wrought-run-directory=${join(directory, 'run')}`,
      ...more,
    ]);
  const start = async (...more: string[]): Promise<AgentClient> => {
    agent = await startAgent(
      { settings: settings(...more), log: quietLog, run, macAddresses: () => [MAC] },
      stopping.signal,
    );
    const heartbeat = await server.heartbeat(0, DEADLINE_SECONDS);
    return createAgentClient(heartbeat, Number(new URL(heartbeat.callback_url).port), TOKEN);
  };
  const cleanStep = (step: string, more: JsonObject = {}): JsonObject => ({
    step: { step, interface: 'deploy' },
    node: { ...server.node },
    ports: [],
    ...more,
  });

  test('it looks itself up and sends a heartbeat, each in the right version', async () => {
    await start();
    assert.deepEqual(
      server.requests.map((line) => line.split(' ').slice(0, 3).join(' ')),
      ['GET / -', 'GET /v1/lookup 1.62', `POST /v1/heartbeat/${NODE_UUID} 1.68`],
    );
    const [heartbeat] = server.heartbeats;
    assert.equal(heartbeat?.agent_token, TOKEN);
    assert.match(heartbeat?.callback_url ?? '', /^https:\/\/127\.0\.0\.1:\d+$/);
    assert.match(heartbeat?.agent_verify_ca ?? '', /BEGIN CERTIFICATE/);
    assert.match(heartbeat?.agent_version ?? '', /^\d+\.\d+\.\d+$/);
  });

  test('its root and status are open, its commands are not', async () => {
    const client = await start();
    assert.equal((await client.request('GET', '/')).status, 200);
    assert.equal((await client.request('GET', '/v1/')).status, 200);
    assert.equal(typeof (await client.request('GET', '/v1/status')).body.version, 'string');
    for (const path of ['/v1/commands', '/v1/commands/?agent_token=', '/v1/commands/x?agent_token=wrong']) {
      const refused = await client.request('GET', path);
      assert.equal(refused.status, 401);
      assert.equal(refused.body.type, 'Unauthorized');
    }
    assert.equal((await client.request('DELETE', '/v1/status')).status, 405);
    assert.equal((await client.request('GET', '/v2')).status, 404);
  });

  test('TLS 1.2 is refused unless the server allows it', async () => {
    const client = await start();
    const { port } = new URL(server.heartbeats[0]?.callback_url ?? '');
    const attempt = new Promise((resolve, reject) => {
      https
        .get({ host: '127.0.0.1', port, maxVersion: 'TLSv1.2', rejectUnauthorized: false, agent: false }, resolve)
        .on('error', reject);
    });
    await assert.rejects(attempt, /alert protocol version|EPROTO/);
    assert.equal((await client.request('GET', '/')).status, 200);
  });

  test('synchronous commands are answered with their result', async () => {
    const client = await start();
    const steps = await client.command('clean.get_clean_steps', { node: { ...server.node }, ports: [] });
    assert.equal(steps.command_name, 'get_clean_steps');
    assert.equal(steps.command_status, 'SUCCEEDED');
    assert.deepEqual(steps.command_result?.hardware_manager_version, { wrought_generic: '1.0' });
    const services = await client.command('service.get_service_steps', {});
    assert.deepEqual(services.command_result?.service_steps, { wrought_generic: [] });
  });

  test('unknown and malformed commands are refused', async () => {
    const client = await start();
    const post = async (body: object) => {
      const { status, body: fault } = await client.request('POST', `/v1/commands/?agent_token=${TOKEN}`, body);
      return [status, fault.type];
    };
    assert.deepEqual(await post({ name: 'nothing.at_all', params: {} }), [404, 'RequestedObjectNotFoundError']);
    assert.deepEqual(await post({ name: 'clean.nothing', params: {} }), [400, 'InvalidCommandError']);
    assert.deepEqual(await post({ name: 'sync', params: {} }), [400, 'InvalidCommandError']);
    assert.deepEqual(await post({ name: 'standby.sync' }), [400, 'InvalidContentError']);
    assert.deepEqual(await post({ name: 'poll.set_node_info', params: {} }), [400, 'InvalidCommandParamsError']);
    assert.equal((await client.request('GET', `/v1/commands/none?agent_token=${TOKEN}`)).status, 404);
  });

  test('while an asynchronous command runs others are refused, and its end brings a heartbeat', async () => {
    const client = await start();
    const started = await client.start('clean.execute_clean_step', cleanStep('erase_devices_metadata'), 'key-1');
    assert.equal(started.body.command_status, 'RUNNING');
    const busy = await client.start('standby.sync', {});
    assert.equal(busy.status, 409);
    assert.equal(busy.body.faultstring, 'Agent is busy: executing command execute_clean_step');
    const again = await client.start('clean.execute_clean_step', cleanStep('erase_devices_metadata'), 'key-1');
    assert.equal(again.body.id, started.body.id);
    endErasure();
    await server.heartbeat(1, DEADLINE_SECONDS);
    const ended = await client.get(String(started.body.id));
    assert.equal(ended.command_status, 'SUCCEEDED');
    assert.equal(ended.idempotency_key, 'key-1');
    const later = await client.start('clean.execute_clean_step', cleanStep('erase_devices_metadata'), 'key-1');
    assert.equal(later.body.id, started.body.id);
    const list = await client.request('GET', `/v1/commands/?agent_token=${TOKEN}`);
    assert.equal((list.body.commands as unknown[]).length, 1);
  });

  test('steps of another version are told apart from failures', async () => {
    const client = await start();
    const other = cleanStep('erase_devices_metadata', { clean_version: { wrought_generic: '0.9' } });
    assert.equal((await client.command('clean.execute_clean_step', other)).command_status, 'CLEAN_VERSION_MISMATCH');
    const failed = await client.command('clean.execute_clean_step', cleanStep('polish'));
    assert.equal(failed.command_status, 'FAILED');
    assert.match(
      JSON.stringify(failed.command_error),
      /no clean step deploy\.polish; known are: erase_devices_metadata/,
    );
  });

  test('secrets and config drives are not shown in the list of commands', async () => {
    const client = await start();
    const args = {
      image_info: { id: 'i', urls: ['http://x'], image_server_password: 'hush' },
      configdrive: 'A'.repeat(5000),
    };
    await client.start('deploy.execute_deploy_step', {
      ...cleanStep('write_image'),
      step: { step: 'write_image', args },
    });
    const text = JSON.stringify((await client.request('GET', `/v1/commands?agent_token=${TOKEN}`)).body);
    assert.ok(!text.includes('hush') && !text.includes('AAAA'));
    assert.match(text, /\(5000 characters\)/);
    endErasure();
  });

  test('it keeps on through an absence of the server', async () => {
    server.config.heartbeat_timeout = 3;
    await start();
    const { port, config } = server;
    await server.close();
    server = await startFakeServer(port);
    server.config = config;
    assert.equal((await server.heartbeat(0, DEADLINE_SECONDS)).agent_token, TOKEN);
  });

  test('it waits for a server that is not there yet', async () => {
    const { port } = server;
    const waiting = settings();
    await server.close();
    const starting = startAgent({ settings: waiting, log: quietLog, run, macAddresses: () => [MAC] }, stopping.signal);
    server = await startFakeServer(port);
    agent = await starting;
    await server.heartbeat(0, DEADLINE_SECONDS);
  });

  test('started again on the same machine, it goes on with the token it was told', async () => {
    await start();
    await agent?.stop();
    server.config.agent_token = '******';
    server.heartbeats.length = 0;
    await start();
    assert.equal(server.heartbeats[0]?.agent_token, TOKEN);
  });

  test('a masked token that it never heard is an error with its remedy', async () => {
    server.config.agent_token = '******';
    await assert.rejects(start(), /handed out to an earlier boot.*power the node off and on/);
  });

  test('a token handed over beforehand is used', async () => {
    server.config.agent_token = '******';
    await start(`ipa-agent-token=${'t'.repeat(40)}`);
    assert.equal(server.heartbeats[0]?.agent_token, 't'.repeat(40));
  });

  test('an inspection is told the inventory before anything else', async () => {
    const lsblk = { blockdevices: [{ name: 'sda', path: '/dev/sda', type: 'disk', size: 8_000_000_000 }] };
    const tools = fakeTools({ lsblk: JSON.stringify(lsblk), udevadm: '', dmidecode: '', ipmitool: '' });
    const url = `http://127.0.0.1:${server.port}/v1/continue_inspection`;
    agent = await startAgent(
      {
        settings: settings(`ipa-inspection-callback-url=${url}`),
        log: quietLog,
        run: tools.run,
        macAddresses: () => [MAC],
      },
      stopping.signal,
    );
    const [inspection] = server.inspections;
    assert.match(JSON.stringify(inspection?.inventory), /"disks":\[\{"name":"\/dev\/sda"/);
    assert.match(JSON.stringify(inspection?.root_disk), /"name":"\/dev\/sda"/);
    assert.ok(
      server.requests.findIndex((line) => line.includes('inspection')) <
        server.requests.findIndex((line) => line.includes('lookup')),
    );
  });

  test('locked down, it takes no more commands', async () => {
    const client = await start();
    assert.equal((await client.command('system.lockdown')).command_status, 'SUCCEEDED');
    const deadline = Date.now() + DEADLINE_SECONDS * 1000;
    const isOpen = () =>
      client.request('GET', '/').then(
        () => true,
        () => false,
      );
    while (await isOpen()) assert.ok(Date.now() < deadline, 'the command server still answers');
    await agent?.lockedDown;
  });

  test('it keeps the hash of the rescue password and leaves the machine alone', async () => {
    const client = await start();
    const hash = '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc8';
    const give = async (params: JsonObject) => {
      const { status, body } = await client.start('rescue.finalize_rescue', params);
      return [status, body.command_status ?? body.type];
    };
    for (const params of [{}, { rescue_password: 'open', hashed: false }, { rescue_password: 'a:b', hashed: true }]) {
      assert.deepEqual(await give(params), [400, 'InvalidCommandParamsError']);
    }
    assert.deepEqual(await give({ rescue_password: hash, hashed: true }), [200, 'SUCCEEDED']);
    assert.equal(await readFile(join(directory, 'run/rescue-password'), 'utf8'), `${hash}\n`);
    await agent?.lockedDown;
    await assert.rejects(client.request('GET', '/'));
    assert.equal(server.heartbeats.length, 1);
  });
});

suite('the session', () => {
  test('versions are the highest that both know', () => {
    const root = (version: string) => ({ default_version: { id: 'v1', version } });
    assert.equal(negotiateVersion(root('1.115'), [1, 68]), '1.68');
    assert.equal(negotiateVersion(root('1.40'), [1, 68]), '1.40');
    assert.equal(negotiateVersion(null, [1, 62]), '1.62');
    assert.equal(negotiateVersion({}, [1, 62]), '1.62');
  });

  test('heartbeats come after 0.3 to 0.6 of the time-out', () => {
    assert.equal(
      heartbeatIntervalSeconds(300, () => 0),
      90,
    );
    assert.equal(Math.round(heartbeatIntervalSeconds(300, () => 1)), 180);
  });

  test('addresses become URLs', () => {
    assert.equal(callbackUrl('192.0.2.1', 9999), 'https://192.0.2.1:9999');
    assert.equal(callbackUrl('2001:db8::1', 9999), 'https://[2001:db8::1]:9999');
  });

  test('a refused lookup waits 5, 10, then 30 s each; an absent server is asked again sooner', async () => {
    const outcomes: (Error | LookupResponse)[] = [404, 409, 404, 404].map(
      (status) => new ApiStatusError('refused', status),
    );
    const node = { uuid: NODE_UUID, properties: {}, instance_info: {}, driver_internal_info: {} };
    outcomes.push(new Error('ECONNREFUSED'), { node, config: { heartbeat_timeout: 1 } });
    const unused = (): Promise<never> => Promise.reject(new Error('not asked for here'));
    const client: ApiClient = {
      lookup: async () => {
        const outcome = outcomes.shift();
        if (outcome instanceof Error || outcome === undefined) throw outcome ?? new Error('no outcome is left');
        return outcome;
      },
      readRoot: unused,
      heartbeat: unused,
      continueInspection: unused,
    };
    const waits: number[] = [];
    const wait = async (milliseconds: number): Promise<void> => void waits.push(milliseconds / 1000);
    const found = await lookUpNode(client, () => [MAC], quietLog, new AbortController().signal, wait);
    assert.equal(found.node.uuid, NODE_UUID);
    assert.deepEqual(waits, [5, 10, 30, 30, 1]);
  });

  test('errors of the server are shown in its own words', async () => {
    const { createApiClient } = await import('../src/session/api-client.ts');
    const plain = http
      .createServer((_, response) => response.writeHead(503).end('down for now'))
      .listen(0, '127.0.0.1');
    await new Promise((resolve) => plain.once('listening', resolve));
    const address = plain.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const client = createApiClient(readSettings(`ipa-api-url=http://127.0.0.1:${port}`, []));
    await assert.rejects(client.lookup([MAC]), /lookup\?addresses=52:54:00:aa:bb:cc was answered 503: down for now/);
    plain.close();
  });
});
