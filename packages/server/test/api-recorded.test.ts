// What the API tells of its changes: start and end beside the change, an error without one, nothing unless it is wanted.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { recorded } from '../src/api/core/recorded.ts';
import { loadConfig } from '../src/config/index.ts';
import { eventsBetween } from '../src/store/outbox.ts';
import { StoreUnavailableError } from '../src/store/unavailable.ts';
import { startApi, type TestApi } from './api-fixture/server.ts';
import { silentLog } from './support/conductor.ts';

async function open(t: TestContext, ...set: string[]): Promise<TestApi> {
  const api = await startApi({ set });
  t.after(() => api.close());
  return api;
}

async function told({ store }: TestApi) {
  return eventsBetween(store.read, 0, Number.MAX_SAFE_INTEGER, 1000);
}

/** Sends a request that has to succeed. */
async function send(api: TestApi, method: string, path: string, body?: unknown) {
  const answer = await api.request(method, path, body === undefined ? {} : { body });
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
  return answer.json;
}

const replace = (path: string, value: unknown) => [{ op: 'replace', path, value }];

test('making, changing and deleting every kind of object is told, with the node that it belongs to', async (t) => {
  const api = await open(t, 'events.record=all');
  const node = await send(api, 'POST', '/v1/nodes', { driver: 'fake-hardware', name: 'n1' });
  const { uuid } = node;
  await send(api, 'PATCH', `/v1/nodes/${uuid}`, replace('/owner', 'p1'));
  await send(api, 'PUT', `/v1/nodes/${uuid}/maintenance`, { reason: 'disk' });
  await api.store.transaction((trx) => trx.updateTable('nodes').set({ power_state: 'power off' }).execute());
  const step = { interface: 'deploy', step: 'deploy', args: {}, priority: 80 };
  const runbookStep = { interface: 'deploy', step: 'erase_devices', args: {}, order: 1 };
  const rule = { actions: [{ op: 'fail', args: { msg: 'no' } }], conditions: [] };
  const objects: readonly [string, string, string, object, unknown][] = [
    ['port', 'ports', uuid, { node_uuid: uuid, address: '52:54:00:00:00:01' }, replace('/extra', { a: 1 })],
    ['portgroup', 'portgroups', uuid, { node_uuid: uuid }, replace('/extra', { a: 1 })],
    [
      'volumeconnector',
      'volume/connectors',
      uuid,
      { node_uuid: uuid, type: 'iqn', connector_id: 'iqn.a' },
      replace('/extra', { a: 1 }),
    ],
    [
      'volumetarget',
      'volume/targets',
      uuid,
      { node_uuid: uuid, volume_type: 'iscsi', boot_index: 0, volume_id: 'v' },
      replace('/extra', { a: 1 }),
    ],
    ['chassis', 'chassis', '', {}, replace('/description', 'rack')],
    ['allocation', 'allocations', '', { name: 'a1', resource_class: 'x' }, replace('/extra', { a: 1 })],
    ['deploytemplate', 'deploy_templates', '', { name: 'CUSTOM_A', steps: [step] }, replace('/extra', { a: 1 })],
    ['runbook', 'runbooks', '', { name: 'CUSTOM_B', steps: [runbookStep] }, replace('/description', 'b')],
    ['inspectionrule', 'inspection_rules', '', rule, replace('/description', 'c')],
  ];
  for (const [, path, , body, patch] of objects) {
    const made = await send(api, 'POST', `/v1/${path}`, body);
    await send(api, 'PATCH', `/v1/${path}/${made.uuid}`, patch);
    await send(api, 'DELETE', `/v1/${path}/${made.uuid}`);
  }
  await send(api, 'DELETE', `/v1/nodes/${uuid}`);

  const both = (kind: string) => [`baremetal.${kind}.start`, `baremetal.${kind}.end`];
  const crud = (object: string) => ['create', 'update', 'delete'].flatMap((action) => both(`${object}.${action}`));
  const events = await told(api);
  assert.deepEqual(
    events.map(({ type }) => type),
    [
      ...['create', 'update', 'maintenance_set'].flatMap((action) => both(`node.${action}`)),
      ...objects.flatMap(([object]) => crud(object)),
      ...both('node.delete'),
    ],
  );
  for (const [object, , belongsTo] of objects) {
    const own = events.filter(({ type }) => type.startsWith(`baremetal.${object}.`));
    assert.ok(
      own.every((event) => (event.node ?? '') === belongsTo),
      object,
    );
    assert.equal(new Set(own.map(({ data }) => data.uuid)).size, 1, object);
  }
  assert.ok(events.every(({ object, publisher }) => object === null && publisher.startsWith('api.')));
  const rows = await api.store.read.selectFrom('outbox').select(['event', 'owner']).execute();
  assert.ok(
    rows
      .filter(({ event }) => /\.(node\.delete|port|portgroup|volume\w+)\./.test(event))
      .every(({ owner }) => owner === 'p1'),
  );
});

test('what fails is told as an error and leaves nothing else', async (t) => {
  const api = await open(t, 'events.record=all');
  await send(api, 'POST', '/v1/nodes', { driver: 'fake-hardware', name: 'n1' });
  const before = (await told(api)).length;
  const answer = await api.request('POST', '/v1/nodes', { body: { driver: 'fake-hardware', name: 'n1' } });
  assert.equal(answer.status, 409);
  assert.deepEqual(
    (await told(api)).slice(before).map(({ type }) => type),
    ['baremetal.node.create.start', 'baremetal.node.create.error'],
  );
});

test('a database that is away is asked for nothing more, and what can not be told hides no failure', async (t) => {
  const api = await open(t, 'events.record=all');
  const services = { store: api.store, config: () => loadConfig({ set: ['events.record=all'] }), log: silentLog };
  const failing = (error: Error, asked: object) =>
    recorded(services, { object: 'node', action: 'create', asked }, async () => {
      throw error;
    });
  const away = new StoreUnavailableError('db', 'it restarts', undefined);
  await assert.rejects(failing(away, { uuid: 'u' }), away);
  const refused = new Error('refused');
  await assert.rejects(failing(refused, { uuid: 'u', extra: 'no JSON' }), refused);
  assert.deepEqual(await told(api), []);
});

test('a sink gets whole objects, with their secrets masked', async (t) => {
  const api = await open(t, 'events.sinks=["log"]');
  const driver_info = { ipmi_address: '10.0.0.1', ipmi_password: 'pw-of-bmc' };
  await send(api, 'POST', '/v1/nodes', { driver: 'fake-hardware', driver_info, extra: { rack: 4 } });
  const path = '/driver_info/ipmi_password';
  const setsSecret = { actions: [{ op: 'set-attribute', args: { path, value: 'hidden-word' } }] };
  await send(api, 'POST', '/v1/inspection_rules', setsSecret);
  const [node, , rule] = await told(api);
  assert.deepEqual(node?.object?.driver_info, { ...driver_info, ipmi_password: '******' });
  assert.deepEqual(node?.object?.extra, { rack: 4 });
  assert.equal(node?.object?.maintenance, false);
  assert.equal(rule?.object?.actions, null);
  const stored = JSON.stringify(await api.store.read.selectFrom('outbox').selectAll().execute());
  assert.doesNotMatch(stored, /pw-of-bmc|hidden-word/);
});

test('nothing is written where nobody asked for it', async (t) => {
  const api = await open(t);
  const { uuid } = await send(api, 'POST', '/v1/nodes', { driver: 'fake-hardware' });
  await send(api, 'PUT', `/v1/nodes/${uuid}/maintenance`, {});
  assert.deepEqual(await told(api), []);
});
