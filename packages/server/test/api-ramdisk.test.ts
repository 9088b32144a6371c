// What agents call (lookup, heartbeat), who may call what, and our own routes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { lookupStates, type ProvisionState, provisionStates } from '@wrought/contract';
import { createApi } from '../src/api/app.ts';
import { createPolicy } from '../src/api/policy/policy.ts';
import { loadConfig } from '../src/config/index.ts';
import { appendTimeline } from '../src/store/evidence.ts';
import { getNode, type NodeChanges, updateNode } from '../src/store/nodes.ts';
import { insertRun, updateRun } from '../src/store/runs.ts';
import { fakeDoors } from './api-fixture/doors.ts';
import { startApi, type TestApi } from './api-fixture/server.ts';

const NODE = '0000000a-0000-4000-8000-000000000001';
const ADDRESS = '52:54:00:00:00:01';

let api: TestApi;

before(async () => {
  api = await startApi();
  const node = { driver: 'fake-hardware', uuid: NODE, name: 'n1', properties: { cpus: 4 } };
  assert.equal((await api.request('POST', '/v1/nodes', { body: node })).status, 201);
  const port = { node_uuid: NODE, address: ADDRESS };
  assert.equal((await api.request('POST', '/v1/ports', { body: port })).status, 201);
});
after(() => api.close());

async function given(changes: NodeChanges): Promise<void> {
  await api.store.transaction(async (trx) => {
    await updateNode(trx, await getNode(trx, NODE), changes);
  });
}

test('a lookup finds the node of an agent by UUID or addresses, in the states that expect one', async () => {
  for (const state of Object.keys(provisionStates) as ProvisionState[]) {
    await given({ provision_state: state });
    const { status } = await api.request('GET', `/v1/lookup?node_uuid=${NODE}`);
    assert.equal(status, lookupStates.has(state) ? 200 : 404, state);
  }
  await given({ provision_state: 'wait call-back', driver_internal_info: {} });
  for (const [query, version, status] of [
    ['', 'latest', 400],
    ['?addresses=zz', 'latest', 400],
    ['?addresses=zz,52:54:00:00:00:77', 'latest', 404],
    [`?addresses=00:00:00:00:00:00:00:01,${ADDRESS.toUpperCase()}`, 'latest', 200],
    ['?node_uuid=x', 'latest', 400],
    ['?node_uuid=0000000a-0000-4000-8000-000000000063', 'latest', 404],
    ['?foo=1', 'latest', 400],
    [`?node_uuid=${NODE}`, '1.21', 404],
  ] as const) {
    assert.equal((await api.request('GET', `/v1/lookup${query}`, { version })).status, status, query);
  }
});

test('a lookup hands the token out once, and never below its version', async () => {
  await given({ provision_state: 'wait call-back', driver_internal_info: {} });
  const path = `/v1/lookup?addresses=${ADDRESS}`;
  const older = await api.request('GET', path, { version: '1.61' });
  assert.equal(older.json.config.agent_token, null);
  const first = await api.request('GET', path);
  assert.ok(first.json.config.agent_token.length >= 32);
  assert.deepEqual(Object.keys(first.json.node), [
    'uuid',
    'properties',
    'instance_info',
    'driver_internal_info',
    'links',
  ]);
  assert.equal(first.json.node.driver_internal_info.agent_secret_token, '******');
  assert.equal(first.json.config.heartbeat_timeout, 300);
  assert.equal(first.json.config.agent_token_required, true);
  const second = await api.request('GET', path);
  assert.equal(second.json.config.agent_token, '******');
});

test('heartbeats are checked in form and version, and handed on', async () => {
  const beat = { callback_url: 'https://192.0.2.7:9999', agent_token: 't', agent_version: '1' };
  const send = (body: unknown, version = 'latest', ident = NODE) =>
    api.request('POST', `/v1/heartbeat/${ident}`, { body, version });
  const accepted = await send(beat);
  assert.equal(accepted.status, 202);
  assert.equal(accepted.headers.get('location'), null);
  assert.deepEqual(api.calls.heartbeats.at(-1), { node: NODE, body: beat });
  assert.equal((await send(beat, 'latest', 'n1')).status, 202);
  for (const [body, version, status] of [
    [{}, 'latest', 400],
    [{ ...beat, foo: 1 }, 'latest', 400],
    [{ ...beat, agent_status: 'zz' }, 'latest', 400],
    [{ ...beat, agent_status: 'start' }, '1.71', 400],
    [{ ...beat, agent_verify_ca: 'x' }, '1.67', 400],
    [beat, '1.35', 400],
    [beat, '1.21', 404],
    [{ ...beat, agent_verify_ca: null }, 'latest', 202],
  ] as const) {
    assert.equal((await send(body, version)).status, status, `${JSON.stringify(body)} at ${version}`);
  }
  assert.equal((await send(beat, 'latest', '0000000a-0000-4000-8000-000000000063')).status, 404);
  assert.equal((await api.request('POST', '/v1/heartbeat', { body: beat })).status, 400);
});

test('the timeline of a node is read in pieces', async () => {
  await api.store.transaction(async (trx) => {
    const { id } = await getNode(trx, NODE);
    const events = ['first', 'second', 'third'].map((message) => ({ kind: 'test', message, data: { message } }));
    await appendTimeline(trx, id, events);
  });
  const path = '/wrought/v1/nodes/n1/timeline';
  const { json } = await api.request('GET', `${path}?limit=2`, { version: null });
  assert.deepEqual(
    json.events.map(({ message }: { message: string }) => message),
    ['first', 'second'],
  );
  assert.deepEqual(Object.keys(json.events[0]), ['id', 'at', 'kind', 'severity', 'message', 'data']);
  const rest = await api.request('GET', `${path}?after=${json.events[1].id}`);
  assert.deepEqual(rest.json.events[0].data, { message: 'third' });
  for (const query of ['after=x', 'limit=0', 'foo=1']) {
    assert.equal((await api.request('GET', `${path}?${query}`)).status, 400, query);
  }
  assert.equal((await api.request('GET', '/wrought/v1/nodes/nobody/timeline')).status, 404);
});

test('why a node waits is told with its end and the last evidence', async () => {
  await given({ provision_state: 'available', target_provision_state: null });
  const idle = await api.request('GET', '/wrought/v1/nodes/n1/why');
  assert.deepEqual([idle.json.state, idle.json.waiting_for], ['available', null]);
  assert.match(idle.json.next, /active/);
  await given({ provision_state: 'wait call-back', target_provision_state: 'active' });
  const deadline = '2030-01-01T00:00:00.000Z';
  await api.store.transaction(async (trx) => {
    const { id } = await getNode(trx, NODE);
    const run = await insertRun(trx, {
      uuid: '00000011-0000-4000-8000-000000000001',
      node_id: id,
      flow: 'deploy',
      lane: 'provision',
      limit_class: null,
      conductor: 'c1',
      epoch: 1,
      arguments: {},
      plan: [{ interface: 'deploy', step: 'write_image', priority: 1, args: {}, source: 'driver' }],
      phase: 'steps',
      request_id: null,
      requested_by: null,
      requested_by_project: null,
    });
    await updateRun(trx, run.id, { status: 'parked', awaiting: 'heartbeat', deadline });
    await appendTimeline(trx, id, [{ kind: 'dhcp', message: 'DHCP: the machine got 192.0.2.7.' }]);
  });
  const { json } = await api.request('GET', '/wrought/v1/nodes/n1/why');
  assert.equal(json.waiting_for, 'a heartbeat of the agent in the ramdisk');
  assert.equal(json.until, deadline);
  assert.equal(json.last_evidence.message, 'DHCP: the machine got 192.0.2.7.');
  assert.match(json.next, /"deploy".*step 1 of 1/);
});

test('who asks decides: public routes, passwords, the UNIX socket, the listener of agents', async () => {
  const config = loadConfig({ dataDirectory: '/nonexistent' });
  let kind: 'api' | 'ramdisk' | 'unix' = 'api';
  const app = createApi({
    config: () => config,
    store: api.store,
    doors: fakeDoors(api.store),
    authenticator: {
      tellsCallersApart: false,
      authenticate: async ({ authorization }, { isUnixSocket }) =>
        isUnixSocket || authorization === 'Basic right'
          ? { ok: true, user: 'someone' }
          : { ok: false, status: 401, message: 'no', headers: { 'WWW-Authenticate': 'Basic realm="Baremetal API"' } },
    },
    policy: createPolicy(new Map(), () => config.api),
    log: { debug: () => {}, error: () => {} },
    listenerKind: () => kind,
  });
  const get = async (url: string, authorization?: string) => {
    const answer = await app.inject({ url, headers: authorization === undefined ? {} : { authorization } });
    return answer;
  };
  for (const url of ['/', '/v1', '/v1/', '/v1/lookup']) {
    assert.notEqual((await get(url)).statusCode, 401, url);
  }
  const refused = await get('/v1/nodes');
  assert.equal(refused.statusCode, 401);
  assert.equal(refused.headers['www-authenticate'], 'Basic realm="Baremetal API"');
  assert.equal((await get('/wrought/v1/nodes/n1/why')).statusCode, 401);
  assert.equal((await get('/nope')).statusCode, 401);
  assert.equal((await get('/v1/nodes', 'Basic right')).statusCode, 200);
  kind = 'unix';
  assert.equal((await get('/v1/nodes')).statusCode, 200);
  kind = 'ramdisk';
  assert.equal((await get('/v1/nodes', 'Basic right')).statusCode, 404);
  assert.equal((await get('/v1/lookup')).statusCode, 404);
  assert.equal((await get(`/v1/lookup?node_uuid=${NODE}`)).statusCode, 404);
  assert.equal((await get('/v1')).statusCode, 200);
  await app.close();
});
