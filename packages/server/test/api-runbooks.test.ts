// Runbooks over real HTTP, and provision requests that run them.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { getNode, type NodeChanges, updateNode } from '../src/store/nodes.ts';
import { startApi, type TestApi } from './api-fixture/server.ts';
import { callerNamed, OWNER } from './support/callers.ts';

const NODE = '0000000a-0000-4000-8000-000000000001';
const NOBODY = '0000000a-0000-4000-8000-000000000063';
const step = { interface: 'deploy', step: 'erase_devices', order: 1, args: { password: 'hidden' } };

let api: TestApi;

before(async () => {
  api = await startApi();
  const { status } = await api.request('POST', '/v1/nodes', {
    body: { driver: 'fake-hardware', uuid: NODE, name: 'n1' },
  });
  assert.equal(status, 201);
});
after(() => api.close());
beforeEach(() => api.store.transaction((trx) => trx.deleteFrom('runbooks').execute()));

async function setNode(changes: NodeChanges): Promise<void> {
  await api.store.transaction(async (trx) => {
    await updateNode(trx, await getNode(trx, NODE), changes);
  });
}

const create = (body: Record<string, unknown>, version = 'latest') =>
  api.request('POST', '/v1/runbooks', { body: { name: 'wipe', steps: [step], ...body }, version });
const patch = (body: unknown, version = 'latest', ident = 'wipe') =>
  api.request('PATCH', `/v1/runbooks/${ident}`, { body, version });
const replace = (path: string, value: unknown) => [{ op: 'replace', path, value }];

test('a runbook lives from POST to DELETE', async () => {
  const { status, json, headers } = await create({ description: 'wipe it', steps: [{ ...step, order: '2' }] });
  assert.equal(status, 201);
  assert.equal(headers.get('location'), `${api.base}/v1/runbooks/${json.uuid}`);
  assert.deepEqual(json.steps, [{ ...step, order: 2, args: { password: '******' } }]);
  assert.deepEqual(
    [json.name, json.description, json.public, json.owner, json.disable_ramdisk, json.traits, json.extra],
    ['wipe', 'wipe it', false, null, false, [], {}],
  );
  const older = (await api.request('GET', '/v1/runbooks/wipe', { version: '1.111' })).json;
  assert.deepEqual(['description' in older, 'traits' in older], [false, false]);
  const changed = await patch([
    { op: 'replace', path: '/name', value: 'wipe-all' },
    { op: 'replace', path: '/steps/0/order', value: 5 },
    { op: 'replace', path: '/disable_ramdisk', value: true },
  ]);
  assert.deepEqual(
    [changed.json.name, changed.json.steps[0].order, changed.json.disable_ramdisk],
    ['wipe-all', 5, true],
  );
  const list = await api.request('GET', '/v1/runbooks?limit=1');
  assert.match(list.json.next, /fields=uuid,name&limit=1&marker=/);
  assert.equal((await api.request('DELETE', '/v1/runbooks/wipe-all')).status, 204);
  assert.equal((await api.request('GET', `/v1/runbooks/${json.uuid}`)).status, 404);
});

test('what is wrong with a runbook is refused', async () => {
  const { uuid } = (await create({})).json;
  const cases: readonly [Record<string, unknown>, number, string?][] = [
    [{}, 409],
    [{ name: 'x', uuid }, 409],
    [{ name: 'a b' }, 400],
    [{ name: 'x', steps: [] }, 400],
    [{ name: 'x', steps: [{ ...step, order: undefined }] }, 400],
    [{ name: 'x', steps: [step, step] }, 400],
    [{ name: 'x', steps: [{ ...step, priority: 1 }] }, 400],
    [{ name: 'x', traits: ['CUSTOM_A'] }, 400],
    [{ name: 'x', owner: 'p', public: true }, 400],
    [{ name: 'x' }, 400, '1.111'],
    [{ name: 'CUSTOM_X', description: 'd' }, 406, '1.111'],
    [{ name: 'CUSTOM_X' }, 405, '1.91'],
    [{ name: 'CUSTOM_X' }, 201, '1.111'],
  ];
  for (const [body, expected, version] of cases) {
    const { status, text } = await create(body, version);
    assert.equal(status, expected, `${JSON.stringify(body)}: ${text}`);
  }
  for (const [body, expected] of [
    [[{ op: 'remove', path: '/steps' }], 400],
    [[{ op: 'remove', path: '/steps/0' }], 400],
    [replace('/traits', ['CUSTOM_A']), 400],
    [replace('/name', 'CUSTOM_X'), 409],
    [replace('/uuid', NOBODY), 400],
  ] as const) {
    assert.equal((await patch(body)).status, expected, JSON.stringify(body));
  }
  assert.equal((await api.request('GET', '/v1/runbooks', { version: '1.91' })).status, 404);
  assert.equal((await api.request('GET', '/v1/runbooks?marker=wipe')).status, 404);
});

test('a runbook is public or has an owner', async () => {
  await create({ owner: 'p1' });
  const opened = await patch(replace('/public', true));
  assert.deepEqual([opened.json.public, opened.json.owner], [true, null]);
  assert.equal((await patch(replace('/owner', 'p2'))).status, 400);
  const taken = await patch([...replace('/public', false), ...replace('/owner', 'p2')]);
  assert.deepEqual([taken.json.public, taken.json.owner], [false, 'p2']);
});

test('the traits of a runbook are a resource of their own', async () => {
  await create({});
  const path = '/v1/runbooks/wipe/traits';
  const traits = async () => (await api.request('GET', path)).json.traits;
  const put = await api.request('PUT', path, { body: { traits: ['CUSTOM_B', 'CUSTOM_A', 'CUSTOM_B'] } });
  assert.equal(put.status, 204);
  assert.deepEqual(await traits(), ['CUSTOM_A', 'CUSTOM_B']);
  const one = await api.request('PUT', `${path}/CUSTOM_C`);
  assert.deepEqual([one.status, one.headers.get('location')], [204, `${api.base}${path}/CUSTOM_C`]);
  assert.equal((await api.request('DELETE', `${path}/CUSTOM_A`)).status, 204);
  assert.equal((await api.request('DELETE', `${path}/CUSTOM_A`)).status, 204, 'it is gone already');
  assert.deepEqual((await api.request('GET', '/v1/runbooks/wipe')).json.traits, ['CUSTOM_B', 'CUSTOM_C']);
  for (const [method, at, body, status, version] of [
    ['PUT', path, { traits: ['nope'] }, 400],
    ['PUT', path, {}, 400],
    ['PUT', `${path}/nope`, undefined, 400],
    ['GET', '/v1/runbooks/nope/traits', undefined, 404],
    ['GET', path, undefined, 404, '1.111'],
  ] as const) {
    const answer = await api.request(method, at, {
      ...(body === undefined ? {} : { body }),
      version: version ?? 'latest',
    });
    assert.equal(answer.status, status, `${method} ${at}: ${answer.text}`);
  }
  assert.equal((await api.request('DELETE', path)).status, 204);
  assert.deepEqual(await traits(), []);
});

test('clean and service run a runbook on a node with one of its traits', async () => {
  const earlier = { ...step, step: 'scan', order: 0 };
  await create({ disable_ramdisk: true, steps: [step, earlier] });
  const provision = (body: object, version = 'latest') =>
    api.request('PUT', `/v1/nodes/${NODE}/states/provision`, { body: { target: 'clean', ...body }, version });
  await setNode({ provision_state: 'manageable', traits: ['CUSTOM_A'] });
  const without = await provision({ runbook: 'wipe' });
  assert.equal(without.status, 400);
  assert.match(without.message, /has no traits/);
  await api.request('PUT', '/v1/runbooks/wipe/traits', { body: { traits: ['CUSTOM_A', 'CUSTOM_Z'] } });
  for (const [body, status, version] of [
    [{ runbook: 'nope' }, 404],
    [{ runbook: 5 }, 400],
    [{ runbook: 'wipe', clean_steps: [step] }, 400],
    [{ runbook: 'wipe', target: 'provide' }, 400],
    [{ runbook: 'wipe' }, 406, '1.91'],
    // Below 1.112 the name of the runbook is the trait.
    [{ runbook: 'wipe' }, 400, '1.111'],
  ] as const) {
    const answer = await provision(body, version);
    assert.equal(answer.status, status, `${JSON.stringify(body)}: ${answer.text}`);
  }
  const { status, text } = await provision({ runbook: 'wipe' });
  assert.equal(status, 202, text);
  const request = api.calls.provisions.at(-1);
  assert.deepEqual([request?.verb, request?.cleanSteps, request?.disableRamdisk], ['clean', [earlier, step], true]);
  await setNode({ provision_state: 'manageable', traits: ['CUSTOM_OLD'] });
  assert.equal((await provision({ runbook: 'wipe' })).status, 400);
  await create({ name: 'CUSTOM_OLD' });
  assert.equal((await provision({ runbook: 'CUSTOM_OLD' }, '1.111')).status, 202);
  await setNode({ provision_state: 'active', traits: ['CUSTOM_Z'] });
  const service = await provision({ target: 'service', runbook: 'wipe' });
  assert.equal(service.status, 202, service.text);
  assert.deepEqual(api.calls.provisions.at(-1)?.serviceSteps, [earlier, step]);
});

test('a project has runbooks of its own, and sees those for everybody', async () => {
  const restricted = await startApi({ caller: callerNamed });
  try {
    const as = (caller: string, method: string, path: string, body?: unknown) =>
      restricted.request(method, path, { headers: { 'X-Caller': caller }, ...(body === undefined ? {} : { body }) });
    const own = await as('owner manager', 'POST', '/v1/runbooks', { name: 'own', steps: [step] });
    assert.deepEqual([own.status, own.json.owner], [201, OWNER]);
    for (const body of [{ owner: 'somebody' }, { public: true }]) {
      const refused = await as('owner manager', 'POST', '/v1/runbooks', { name: 'x', steps: [step], ...body });
      assert.equal(refused.status, 400, JSON.stringify(body));
    }
    await as('system member', 'POST', '/v1/runbooks', { name: 'all', steps: [step], public: true });
    await as('system member', 'POST', '/v1/runbooks', { name: 'other', steps: [step], owner: 'somebody' });
    const { json } = await as('owner reader', 'GET', '/v1/runbooks');
    assert.deepEqual(
      json.runbooks.map(({ name }: { name: string }) => name),
      ['own', 'all'],
    );
    assert.equal((await as('owner reader', 'GET', '/v1/runbooks/all')).status, 200);
    assert.equal((await as('owner reader', 'GET', '/v1/runbooks/other')).status, 404);
    assert.equal((await as('owner manager', 'PATCH', '/v1/runbooks/own', replace('/public', true))).status, 403);
    assert.equal((await as('owner manager', 'PATCH', '/v1/runbooks/own', replace('/name', 'mine'))).status, 200);
  } finally {
    await restricted.close();
  }
});
