// The smaller resources over real HTTP: chassis, drivers, conductors, deploy templates, shards, events.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startApi, type TestApi } from './api-fixture/server.ts';

const step = { interface: 'deploy', step: 'write', args: { password: 'hidden' }, priority: '5' };

let api: TestApi;

before(async () => {
  api = await startApi();
});
after(() => api.close());

test('a chassis lives from POST to DELETE, and holds its nodes', async () => {
  const { status, json, headers } = await api.request('POST', '/v1/chassis', { body: { description: 'rack 1' } });
  assert.equal(status, 201);
  const path = `/v1/chassis/${json.uuid}`;
  assert.equal(headers.get('location'), api.base + path);
  // The quirk: a list of links inside a list.
  assert.deepEqual(json.nodes, [
    [
      { href: `${api.base}${path}/nodes`, rel: 'self' },
      { href: `${api.base}/chassis/${json.uuid}/nodes`, rel: 'bookmark' },
    ],
  ]);
  const patched = await api.request('PATCH', path, {
    body: [{ op: 'replace', path: '/description', value: 'rack 2' }],
  });
  assert.equal(patched.json.description, 'rack 2');
  const node = await api.request('POST', '/v1/nodes', { body: { driver: 'fake-hardware', chassis_uuid: json.uuid } });
  const nodes = await api.request('GET', `${path}/nodes`);
  assert.deepEqual(
    nodes.json.nodes.map(({ uuid }: { uuid: string }) => uuid),
    [node.json.uuid],
  );
  const refused = await api.request('DELETE', path);
  assert.equal(refused.status, 400);
  assert.match(refused.message, /still has nodes/);
  await api.request('DELETE', `/v1/nodes/${node.json.uuid}`);
  assert.equal((await api.request('DELETE', path)).status, 204);
  assert.equal((await api.request('GET', path)).status, 404);
});

test('chassis are refused by what is wrong with them', async () => {
  const { json } = await api.request('POST', '/v1/chassis', { body: {} });
  for (const [method, path, body, status] of [
    ['POST', '/v1/chassis', { uuid: json.uuid }, 409],
    ['POST', '/v1/chassis', { description: 'x'.repeat(256) }, 400],
    ['POST', '/v1/chassis', { foo: 1 }, 400],
    ['PATCH', `/v1/chassis/${json.uuid}`, [{ op: 'replace', path: '/uuid', value: json.uuid }], 400],
    ['PATCH', '/v1/chassis', [], 400],
    ['GET', '/v1/chassis/nope', undefined, 400],
    ['GET', `/v1/chassis/${json.uuid}/nope`, undefined, 400],
    ['GET', '/v1/chassis?sort_key=extra', undefined, 400],
    ['PUT', '/v1/chassis', {}, 405],
  ] as const) {
    const answer = await api.request(method, path, body === undefined ? {} : { body });
    assert.equal(answer.status, status, `${method} ${path} ${JSON.stringify(body)}`);
  }
});

test('drivers show their interfaces from their versions on', async () => {
  const list = await api.request('GET', '/v1/drivers');
  assert.deepEqual(
    list.json.drivers.map(({ name }: { name: string }) => name),
    ['fake-hardware', 'ipmi', 'manual-management'],
  );
  assert.deepEqual(Object.keys(list.json.drivers[0]).sort(), ['hosts', 'links', 'name', 'properties', 'type']);
  const oldest = await api.request('GET', '/v1/drivers', { version: '1.1' });
  assert.deepEqual(Object.keys(oldest.json.drivers[0]).sort(), ['hosts', 'links', 'name']);
  const one = await api.request('GET', '/v1/drivers/fake-hardware');
  assert.equal(one.json.default_power_interface, 'fake');
  assert.deepEqual(one.json.enabled_power_interfaces, ['fake', 'ipmitool', 'redfish']);
  const older = await api.request('GET', '/v1/drivers/fake-hardware', { version: '1.39' });
  assert.equal('default_bios_interface' in older.json, false);
  assert.equal('default_rescue_interface' in older.json, true);
  const detailed = await api.request('GET', '/v1/drivers?detail=true');
  assert.deepEqual(detailed.json.drivers[0], one.json);
  assert.deepEqual(Object.keys((await api.request('GET', '/v1/drivers/ipmi/properties')).json), ['B1', 'B2']);
  for (const [path, version, status] of [
    ['/v1/drivers?type=classic', 'latest', 200],
    ['/v1/drivers?type=nope', 'latest', 400],
    ['/v1/drivers?detail=true', '1.29', 406],
    ['/v1/drivers?fields=name', '1.76', 406],
    ['/v1/drivers/nope', 'latest', 404],
    ['/v1/drivers/nope/properties', 'latest', 404],
    ['/v1/drivers/ipmi/nope', 'latest', 400],
  ] as const) {
    assert.equal((await api.request('GET', path, { version })).status, status, `${path} at ${version}`);
  }
});

test('conductors are alive while they are on and seen', async () => {
  const time = new Date().toISOString();
  const common = { conductor_group: '', drivers: '["ipmi"]', epoch: 1, lease_expires_ms: 0, created_at: time };
  await api.store.transaction(async (trx) => {
    const rows = [
      { ...common, hostname: 'here', online: 1, updated_at: time },
      { ...common, hostname: 'gone', online: 1, updated_at: '2001-01-01T00:00:00.000Z' },
      { ...common, hostname: 'off', online: 0, updated_at: time },
    ] as const;
    await trx.insertInto('conductors').values(rows).execute();
  });
  const { json } = await api.request('GET', '/v1/conductors');
  assert.deepEqual(
    json.conductors.map(({ hostname, alive }: { hostname: string; alive: boolean }) => [hostname, alive]),
    [
      ['here', true],
      ['gone', false],
      ['off', false],
    ],
  );
  const one = await api.request('GET', '/v1/conductors/here');
  assert.deepEqual(one.json.drivers, ['ipmi']);
  const page = await api.request('GET', '/v1/conductors?limit=1');
  assert.match(page.json.next, /fields=hostname,conductor_group,alive&limit=1&marker=here$/);
  assert.equal((await api.request('GET', page.json.next.slice(api.base.length))).json.conductors[0].hostname, 'gone');
  assert.equal((await api.request('GET', '/v1/conductors/nope')).status, 404);
  assert.equal((await api.request('GET', '/v1/conductors', { version: '1.48' })).status, 404);
});

test('a deploy template lives from POST to DELETE', async () => {
  const body = { name: 'CUSTOM_A', steps: [step], description: 'not kept' };
  const { status, json, headers } = await api.request('POST', '/v1/deploy_templates', { body });
  assert.equal(status, 201);
  assert.equal(headers.get('location'), `${api.base}/v1/deploy_templates/${json.uuid}`);
  assert.deepEqual(json.steps, [{ ...step, priority: 5, args: { password: '******' } }]);
  assert.equal('description' in json, false);
  const renamed = await api.request('PATCH', '/v1/deploy_templates/CUSTOM_A', {
    body: [
      { op: 'replace', path: '/name', value: 'CUSTOM_B' },
      { op: 'replace', path: '/steps/0/priority', value: 0 },
    ],
  });
  assert.equal(renamed.status, 200, renamed.text);
  assert.deepEqual([renamed.json.name, renamed.json.steps[0].priority], ['CUSTOM_B', 0]);
  const list = await api.request('GET', '/v1/deploy_templates?limit=1');
  assert.match(list.json.next, /fields=uuid,name&limit=1&marker=/);
  assert.equal((await api.request('DELETE', '/v1/deploy_templates/CUSTOM_B')).status, 204);
  assert.equal((await api.request('GET', `/v1/deploy_templates/${json.uuid}`)).status, 404);
});

test('deploy templates are refused by what is wrong with them', async () => {
  await api.request('POST', '/v1/deploy_templates', { body: { name: 'CUSTOM_T', steps: [step] } });
  for (const [body, status] of [
    [{ name: 'CUSTOM_T', steps: [step] }, 409],
    [{ name: 'nope', steps: [step] }, 400],
    [{ name: 'CUSTOM_U' }, 400],
    [{ name: 'CUSTOM_U', steps: [] }, 400],
    [{ name: 'CUSTOM_U', steps: [step, step] }, 400],
    [{ name: 'CUSTOM_U', steps: [{ ...step, priority: -1 }] }, 400],
    [{ name: 'CUSTOM_U', steps: [step], foo: 1 }, 400],
  ] as const) {
    const answer = await api.request('POST', '/v1/deploy_templates', { body });
    assert.equal(answer.status, status, answer.text);
  }
  const patch = (body: unknown) => api.request('PATCH', '/v1/deploy_templates/CUSTOM_T', { body });
  assert.equal((await patch([{ op: 'remove', path: '/steps' }])).status, 400);
  assert.equal((await patch([{ op: 'remove', path: '/steps/0' }])).status, 400);
  assert.equal((await patch([{ op: 'replace', path: '/uuid', value: 'x' }])).status, 400);
  for (const [method, status] of [
    ['GET', 404],
    ['POST', 405],
    ['DELETE', 405],
  ] as const) {
    const { status: found } = await api.request(method, '/v1/deploy_templates', { version: '1.54' });
    assert.equal(found, status, method);
  }
});

test('shards are counted, the largest first', async () => {
  for (const shard of ['s2', 's1', 's2', undefined]) {
    const body = { driver: 'fake-hardware', ...(shard === undefined ? {} : { shard }) };
    assert.equal((await api.request('POST', '/v1/nodes', { body })).status, 201);
  }
  const { json } = await api.request('GET', '/v1/shards');
  assert.deepEqual(json, {
    shards: [
      { name: 's2', count: 2 },
      { name: 'None', count: 1 },
      { name: 's1', count: 1 },
    ],
  });
  for (const [method, path, status, version] of [
    ['GET', '/v1/shards', 404, '1.81'],
    ['GET', '/v1/shards?x=1', 400, 'latest'],
    ['GET', '/v1/shards/s1', 404, 'latest'],
    ['POST', '/v1/shards', 405, 'latest'],
  ] as const) {
    assert.equal((await api.request(method, path, { version })).status, status, `${method} ${path} at ${version}`);
  }
});

test('events of the network service are checked and taken', async () => {
  const event = {
    event: 'network.bind_port',
    port_id: '000000ef-0000-4000-8000-000000000001',
    mac_address: '52:54:00:00:00:01',
    status: 'ACTIVE',
    device_id: null,
    'binding:host_id': '0000000a-0000-4000-8000-000000000001',
    'binding:vnic_type': 'baremetal',
  };
  const { status: _, ...without } = event;
  for (const [body, status] of [
    [{ events: [event] }, 204],
    [{ events: [event, { ...event, event: 'network.delete_port' }] }, 204],
    [{}, 400],
    [{ events: [] }, 400],
    [{ events: 'x' }, 400],
    [{ events: [event], foo: 1 }, 400],
    [{ events: [{ ...event, event: 'zz' }] }, 400],
    [{ events: [{ ...event, mac_address: 'zz' }] }, 400],
    [{ events: [{ ...event, port_id: 'zz' }] }, 400],
    [{ events: [{ ...event, foo: 1 }] }, 400],
    [{ events: [without] }, 400],
  ] as const) {
    const answer = await api.request('POST', '/v1/events', { body });
    assert.equal(answer.status, status, `${JSON.stringify(body)}: ${answer.text}`);
  }
  const wrong = await api.request('POST', '/v1/events', { body: { events: [event, { ...event, status: 5 }] } });
  assert.match(wrong.message, /events\[1\]\.status has the invalid value 5; allowed: text/);
  assert.equal((await api.request('POST', '/v1/events', { body: { events: [event] }, version: '1.53' })).status, 404);
});
