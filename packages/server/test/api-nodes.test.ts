// Nodes over real HTTP: create, show, list, filters, paging, delete.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { deleteStates, type ProvisionState, provisionStates, reservedNodeNames } from '@wrought/contract';
import { getNode, updateNode } from '../src/store/nodes.ts';
import { startApi, type TestApi } from './api-fixture/server.ts';

let api: TestApi;
let serverErrors: unknown[];

beforeEach(async () => {
  serverErrors = [];
  api = await startApi({ errors: serverErrors });
});
afterEach(async () => {
  await api.close();
  assert.deepEqual(serverErrors, []);
});

async function enrol(body: Record<string, unknown> = {}): Promise<string> {
  const { status, json, text } = await api.request('POST', '/v1/nodes', { body: { driver: 'fake-hardware', ...body } });
  assert.equal(status, 201, text);
  return json.uuid;
}

async function set(uuid: string, changes: Parameters<typeof updateNode>[2]): Promise<void> {
  await api.store.transaction(async (trx) => {
    await updateNode(trx, await getNode(trx, uuid), changes);
  });
}

test('a new node is shown whole, with its place, and with defaults for what was left out', async () => {
  const { status, json, headers } = await api.request('POST', '/v1/nodes', {
    body: { driver: 'fake-hardware', name: 'n1', properties: { cpus: '4' }, maintenance: 'yes' },
  });
  assert.equal(status, 201);
  assert.equal(headers.get('location'), `${api.base}/v1/nodes/${json.uuid}`);
  const { provision_state, maintenance, power_interface, conductor, traits, driver_info, updated_at } = json;
  assert.deepEqual(
    { provision_state, maintenance, power_interface, conductor, traits, driver_info, updated_at },
    {
      provision_state: 'enroll',
      maintenance: true,
      power_interface: 'fake',
      conductor: '127.0.0.1',
      traits: [],
      driver_info: {},
      updated_at: null,
    },
  );
  assert.match(json.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00$/);
  const shown = await api.request('GET', '/v1/nodes/n1');
  assert.deepEqual(shown.json, json);
  assert.equal((await api.request('GET', `/v1/nodes/${json.uuid.toUpperCase()}`)).status, 200);
  assert.equal((await api.request('GET', '/v1/nodes/n1', { version: '1.4' })).status, 404);
});

test('older clients get nodes that are available', async () => {
  const { json } = await api.request('POST', '/v1/nodes', { version: '1.10', body: { driver: 'fake-hardware' } });
  assert.equal(json.provision_state, 'available');
});

test('what is wrong with a new node is told by field, value and what is allowed', async () => {
  const cases: readonly [Record<string, unknown>, RegExp][] = [
    [{}, /driver is required/],
    [{ driver: 'nope' }, /"nope".*fake-hardware/],
    [{ driver: 'fake-hardware', power_interface: 'nope' }, /No power interface "nope".*ipmitool/],
    [{ driver: 'ipmi', power_interface: 'fake' }, /power interface "fake" is not supported by hardware type "ipmi"/],
    [{ driver: 'fake-hardware', foo: 1 }, /"foo".*allowed: /],
    [{ driver: 'fake-hardware', protected: true }, /"protected"/],
    [{ driver: 'fake-hardware', traits: [] }, /"traits"/],
    [{ driver: 'fake-hardware', properties: { cpus: 'x' } }, /properties\.cpus has the invalid value "x".*integer/],
    [{ driver: 'fake-hardware', maintenance: 'maybe' }, /maintenance has the invalid value "maybe"; allowed: true/],
    [{ driver: 'fake-hardware', resource_class: 'x'.repeat(81) }, /resource_class.*at most 80/],
    [{ driver: 'fake-hardware', name: 'a b' }, /name has the invalid value "a b"/],
    [{ driver: 'fake-hardware', name: '0000000a-0000-4000-8000-000000000001' }, /look like a UUID/],
    [{ driver: 'fake-hardware', chassis_uuid: '0000000c-0000-4000-8000-000000000009' }, /chassis .*could not be found/],
    [{ driver: 'fake-hardware', parent_node: 'nobody' }, /parent_node names "nobody"/],
    [{ driver: 'fake-hardware', conductor_group: 'far' }, /conductor group "far"/],
    [{ driver: 'fake-hardware', owner: 'someone' }, /owner "someone"/],
  ];
  for (const [body, message] of cases) {
    const answer = await api.request('POST', '/v1/nodes', { body });
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.match(answer.message, message);
  }
  for (const name of reservedNodeNames) {
    assert.equal(
      (await api.request('POST', '/v1/nodes', { body: { driver: 'fake-hardware', name } })).status,
      400,
      name,
    );
  }
  for (const name of ['n_7', 'N7']) {
    const answer = await api.request('POST', '/v1/nodes', { version: '1.9', body: { driver: 'fake-hardware', name } });
    assert.equal(answer.status, 400, name);
  }
});

test('UUID, name and instance belong to one node', async () => {
  const instance_uuid = '000000ab-0000-4000-8000-000000000006';
  const uuid = await enrol({ name: 'n1', instance_uuid });
  for (const [body, message] of [
    [{ uuid }, new RegExp(`UUID ${uuid} already`)],
    [{ name: 'n1' }, /name "n1" already/],
    [{ instance_uuid }, new RegExp(`${instance_uuid} is already associated with node ${uuid}`)],
  ] as const) {
    const answer = await api.request('POST', '/v1/nodes', { body: { driver: 'fake-hardware', ...body } });
    assert.equal(answer.status, 409);
    assert.match(answer.message, message);
  }
});

test('the character NUL, which no database keeps, is refused by name', async () => {
  const { status, message } = await api.request('POST', '/v1/nodes', {
    body: { driver: 'fake-hardware', description: 'a\0b' },
  });
  assert.equal(status, 400);
  assert.match(message, /description has the invalid value "a\\u0000b"; allowed: .*none of them NUL/);
});

test('secrets are masked wherever a node is shown, and kept as they are', async () => {
  const driver_info = { ipmi_password: 'hidden-1', nested: { api_token: 'hidden-2', b: 1 }, address: 'x' };
  const instance_info = { configdrive: 'hidden-3', image_url: 'http://u:hidden-4@h/', display_name: 'web' };
  const uuid = await enrol({ driver_info, instance_info, extra: { password: 'not hidden' } });
  for (const path of [`/v1/nodes/${uuid}`, '/v1/nodes/detail', `/v1/nodes/${uuid}?fields=driver_info,instance_info`]) {
    const { text } = await api.request('GET', path);
    assert.ok(!text.includes('hidden-'), path);
  }
  const { json } = await api.request('GET', `/v1/nodes/${uuid}`);
  assert.deepEqual(json.driver_info, { ipmi_password: '******', nested: { api_token: '******', b: 1 }, address: 'x' });
  assert.deepEqual(json.extra, { password: 'not hidden' });
  assert.equal(json.instance_name, 'web');
  assert.deepEqual((await getNode(api.store.read, uuid)).driver_info, driver_info);
});

test('every state may be deleted or not by the rules, and any in maintenance', async () => {
  for (const state of Object.keys(provisionStates) as ProvisionState[]) {
    for (const maintenance of [false, true]) {
      const uuid = await enrol();
      await set(uuid, { provision_state: state, maintenance });
      const { status } = await api.request('DELETE', `/v1/nodes/${uuid}`);
      assert.equal(status, maintenance || deleteStates.has(state) ? 204 : 409, `${state}, maintenance ${maintenance}`);
    }
  }
});

test('protected, associated and locked nodes are not deleted', async () => {
  const uuid = await enrol();
  await set(uuid, { protected: true, protected_reason: 'mine', maintenance: true });
  const refused = await api.request('DELETE', `/v1/nodes/${uuid}`);
  assert.equal(refused.status, 403);
  assert.match(refused.message, /mine/);
  await set(uuid, { protected: false, maintenance: false, instance_uuid: '000000ab-0000-4000-8000-000000000001' });
  assert.equal((await api.request('DELETE', `/v1/nodes/${uuid}`)).status, 409);
  await set(uuid, { instance_uuid: null, reservation: 'other', reserved_for: 'cleaning', reserved_at: null });
  const locked = await api.request('DELETE', `/v1/nodes/${uuid}`);
  assert.equal(locked.status, 409);
  assert.match(locked.message, /other.*cleaning/);
  assert.equal(locked.headers.get('retry-after'), '1');
  assert.equal((await api.request('DELETE', '/v1/nodes/nope')).status, 404);
});

test('pages follow each other through the whole list, in every order', async () => {
  const names = ['b', 'a', null, 'd', null, 'c', 'e'];
  for (const name of names) {
    await enrol(name === null ? {} : { name });
  }
  const all = (await api.request('GET', '/v1/nodes?fields=uuid,name')).json.nodes as {
    uuid: string;
    name: string | null;
  }[];
  assert.deepEqual(
    all.map(({ name }) => name),
    names,
  );
  for (const sort of ['', '&sort_dir=desc', '&sort_key=name', '&sort_key=name&sort_dir=desc', '&sort_key=created_at']) {
    const whole = (await api.request('GET', `/v1/nodes?fields=uuid,name${sort}`)).json.nodes as { uuid: string }[];
    for (const limit of [1, 2, 3, 7]) {
      const seen: string[] = [];
      let next: string | undefined = `/v1/nodes?fields=uuid,name&limit=${limit}${sort}`;
      while (next !== undefined) {
        const { json, status } = await api.request('GET', next);
        assert.equal(status, 200);
        seen.push(...json.nodes.map(({ uuid }: { uuid: string }) => uuid));
        next = json.next?.slice(api.base.length);
      }
      assert.deepEqual(
        seen,
        whole.map(({ uuid }) => uuid),
        `limit ${limit}${sort}`,
      );
    }
  }
  const byName = (await api.request('GET', '/v1/nodes?sort_key=name')).json.nodes as { name: string | null }[];
  assert.deepEqual(
    byName.map(({ name }) => name),
    [null, null, 'a', 'b', 'c', 'd', 'e'],
  );
});

test('next links are spelled as clients expect them', async () => {
  const uuid = await enrol({ maintenance: true });
  const listed = 'instance_uuid,maintenance,power_state,provision_state,uuid,name';
  const cases: readonly [string, string | undefined][] = [
    ['nodes?limit=1', `nodes?sort_key=id&sort_dir=asc&fields=${listed}&limit=1&marker=${uuid}`],
    ['nodes?limit=1&fields=name', `nodes?sort_key=id&sort_dir=asc&fields=name&limit=1&marker=${uuid}`],
    ['nodes?limit=1&detail=true', `nodes?sort_key=id&sort_dir=asc&detail=True&limit=1&marker=${uuid}`],
    ['nodes/detail?limit=1', `nodes/detail?sort_key=id&sort_dir=asc&limit=1&marker=${uuid}`],
    [
      'nodes?limit=1&maintenance=1&driver=fake-hardware',
      `nodes?sort_key=id&sort_dir=asc&maintenance=True&fields=${listed}&limit=1&marker=${uuid}`,
    ],
    ['nodes?limit=2', undefined],
  ];
  for (const [path, next] of cases) {
    const { json } = await api.request('GET', `/v1/${path}`);
    assert.equal(json.next, next === undefined ? undefined : `${api.base}/v1/${next}`, path);
  }
});

test('filters narrow the list, and wrong values are refused', async () => {
  const parent = await enrol({ name: 'parent', resource_class: 'gold', shard: 's1', description: 'rack 100% full' });
  const child = await enrol({ name: 'child', parent_node: 'parent', retired: true, retired_reason: 'old' });
  const other = await enrol({ name: 'other', instance_uuid: '000000ab-0000-4000-8000-000000000001', lessee: 'l1' });
  await set(other, { provision_state: 'active', maintenance: true, fault: 'power failure' });
  const cases: readonly [string, readonly string[]][] = [
    ['', [parent, other]],
    ['include_children=true', [parent, child, other]],
    [`parent_node=${parent}`, [child]],
    ['parent_node=parent', [child]],
    ['maintenance=true', [other]],
    ['maintenance=0', [parent]],
    ['retired=true&include_children=true', [child]],
    ['retired=false', [parent, other]],
    ['associated=true', [other]],
    ['associated=false', [parent]],
    ['provision_state=active', [other]],
    ['driver=fake-hardware&resource_class=gold', [parent]],
    ['driver=nope', []],
    ['fault=power%20failure', [other]],
    ['conductor_group=', [parent, other]],
    ['conductor=127.0.0.1', [parent, other]],
    ['conductor=elsewhere', []],
    ['lessee=l1', [other]],
    ['project=l1', [other]],
    ['shard=s1,s2', [parent]],
    ['sharded=true', [parent]],
    ['sharded=false', [other]],
    ['description_contains=100%25', [parent]],
    ['description_contains=0_', []],
    ['instance_uuid=000000AB-0000-4000-8000-000000000001', [other]],
  ];
  for (const [query, uuids] of cases) {
    const { json, text } = await api.request('GET', `/v1/nodes?${query}`);
    const found = json.nodes?.map(({ uuid }: { uuid: string }) => uuid);
    assert.deepEqual(found, uuids, `${query}: ${text}`);
  }
  for (const [query, status] of [
    ['maintenance=maybe', 400],
    ['provision_state=nope', 400],
    ['fault=nope', 400],
    ['instance_uuid=x', 400],
    ['chassis_uuid=x', 400],
    ['chassis_uuid=0000000c-0000-4000-8000-000000000009', 404],
    ['limit=0', 400],
    ['limit=abc', 400],
    ['limit=', 400],
    ['sort_dir=DESC', 400],
    ['marker=n1', 400],
    ['marker=0000000a-0000-4000-8000-000000000063', 404],
    ['fields=uuid&detail=true', 400],
    ['detail=', 400],
  ] as const) {
    assert.equal((await api.request('GET', `/v1/nodes?${query}`)).status, status, query);
  }
  const children = await api.request('GET', '/v1/nodes/parent/children');
  assert.deepEqual(children.json, {
    children: [child],
    links: { href: `${api.base}/v1/nodes/${parent}/children`, rel: 'children' },
  });
});

test('words below nodes that are no nodes', async () => {
  await enrol({ name: 'n1' });
  for (const [path, status] of [
    ['nodes/n1/nope', 400],
    ['nodes/nobody/nope', 404],
    ['nodes/traits', 404],
    ['nodes/states', 400],
    ['nodes/validate', 400],
    ['nodes/validate?node=n1', 200],
    ['nodes/management', 405],
    ['nodes/maintenance', 405],
  ] as const) {
    assert.equal((await api.request('GET', `/v1/${path}`)).status, status, path);
  }
  for (const [method, path, status] of [
    ['POST', 'nodes/n1', 400],
    ['DELETE', 'nodes', 400],
    ['PATCH', 'nodes', 400],
    ['POST', 'nodes/detail', 400],
    ['DELETE', 'nodes/detail', 404],
  ] as const) {
    assert.equal((await api.request(method, `/v1/${path}`)).status, status, `${method} ${path}`);
  }
});
