// Every route of the API, asked by every kind of caller: who is not allowed gets nothing and changes nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { PolicyRuleName } from '@wrought/contract';
import { allRoutes } from '../src/api/app.ts';
import type { Route } from '../src/api/core/route.ts';
import { createPolicy } from '../src/api/policy/policy.ts';
import { startApi, type TestApi } from './api-fixture/server.ts';
import { callerNamed, callerNames, LESSEE, OWNER } from './support/callers.ts';

const NODE = '11111111-1111-4111-8111-111111111111';
const UNKNOWN = '99999999-9999-4999-8999-999999999999';
const PORTGROUP = '0000000b-0000-4000-8000-000000000001';
const ALLOCATION = '0000000f-0000-4000-8000-000000000001';
const RUNBOOK = '00000011-0000-4000-8000-000000000001';
const runbookSteps = [{ interface: 'deploy', step: 'erase_devices', order: 1 }];
const CONNECTOR = '0000000e-0000-4000-8000-000000000001';
const VOLUME_TARGET = '0000000e-0000-4000-8000-000000000002';
const PORT = '22222222-2222-4222-8222-222222222222';
const CHASSIS = '33333333-3333-4333-8333-333333333333';
const TEMPLATE = '44444444-4444-4444-8444-444444444444';

const idents: Readonly<Record<string, string>> = {
  node: NODE,
  port: PORT,
  chassis: CHASSIS,
  template: TEMPLATE,
  portgroup: PORTGROUP,
  allocation: ALLOCATION,
  runbook: RUNBOOK,
  connector: CONNECTOR,
  target: VOLUME_TARGET,
  driver: 'fake-hardware',
};

const target = { 'node.owner': OWNER, 'node.lessee': LESSEE, 'allocation.owner': OWNER, 'runbook.owner': OWNER };

/** Bodies that say enough to come as far as the policy. */
const bodies: Readonly<Record<string, unknown>> = {
  'POST /v1/nodes': { driver: 'fake-hardware' },
  'POST /v1/ports': { address: '52:54:00:00:00:09', node_uuid: NODE },
  'POST /v1/portgroups': { node_uuid: NODE },
  'POST /v1/volume/connectors': { node_uuid: NODE, type: 'iqn', connector_id: 'b' },
  'POST /v1/volume/targets': { node_uuid: NODE, volume_type: 'iscsi', boot_index: 1, volume_id: 'b' },
  'POST /v1/allocations': { resource_class: 'rc', owner: OWNER },
  'POST /v1/runbooks': { name: 'r2', steps: runbookSteps },
  'PUT /v1/runbooks/:runbook/traits': { traits: [] },
  'POST /v1/chassis': {},
  'PATCH /v1/nodes/:node': [{ op: 'add', path: '/extra/x', value: 1 }],
  'PATCH /v1/ports/:port': [{ op: 'add', path: '/extra/x', value: 1 }],
  'PATCH /v1/allocations/:allocation': [{ op: 'add', path: '/extra/x', value: 1 }],
  'PATCH /v1/runbooks/:runbook': [{ op: 'add', path: '/extra/x', value: 1 }],
  'PATCH /v1/portgroups/:portgroup': [{ op: 'add', path: '/extra/x', value: 1 }],
  'PATCH /v1/volume/connectors/:connector': [{ op: 'add', path: '/extra/x', value: 1 }],
  'PATCH /v1/volume/targets/:target': [{ op: 'add', path: '/extra/x', value: 1 }],
  'PATCH /v1/chassis/:chassis': [{ op: 'add', path: '/extra/x', value: 1 }],
};

let api: TestApi;
const errors: unknown[] = [];
const policy = createPolicy(new Map(), () => ({
  rbac_service_role_elevated_access: false,
  rbac_service_project_name: 'service',
}));

before(async () => {
  // Whoever asks for the stream of events gets an empty one.
  api = await startApi({ errors, caller: callerNamed, stopping: AbortSignal.abort() });
  const as = { 'X-Caller': 'system admin' };
  const make = async (path: string, body: unknown) => {
    const { status, text } = await api.request('POST', path, { body, headers: as });
    assert.equal(status, 201, text);
  };
  await make('/v1/chassis', { uuid: CHASSIS });
  await make('/v1/nodes', { uuid: NODE, driver: 'fake-hardware', name: 'n1', owner: OWNER, lessee: LESSEE });
  await make('/v1/ports', { uuid: PORT, node_uuid: NODE, address: '52:54:00:00:00:01' });
  await make('/v1/allocations', { uuid: ALLOCATION, resource_class: 'rc', owner: OWNER });
  await make('/v1/runbooks', { uuid: RUNBOOK, name: 'r1', steps: runbookSteps, owner: OWNER });
  await make('/v1/portgroups', { uuid: PORTGROUP, node_uuid: NODE });
  await make('/v1/volume/connectors', { uuid: CONNECTOR, node_uuid: NODE, type: 'iqn', connector_id: 'a' });
  await make('/v1/volume/targets', {
    uuid: VOLUME_TARGET,
    node_uuid: NODE,
    volume_type: 'iscsi',
    boot_index: 0,
    volume_id: 'a',
  });
  await make('/v1/deploy_templates', {
    uuid: TEMPLATE,
    name: 'CUSTOM_T',
    steps: [{ interface: 'deploy', step: 'deploy', args: {}, priority: 1 }],
  });
});

after(() => api.close());

async function stored(): Promise<string> {
  const { read } = api.store;
  const tables = [
    'nodes',
    'ports',
    'portgroups',
    'allocations',
    'runbooks',
    'volume_connectors',
    'volume_targets',
    'chassis',
    'deploy_templates',
  ] as const;
  return JSON.stringify(await Promise.all(tables.map((table) => read.selectFrom(table).selectAll().execute())));
}

function pathOf(route: Route): string {
  return route.path.replace(/:(\w+)/g, (_, name: string) => idents[name] ?? UNKNOWN);
}

/** The rules of a route of which at least one has to allow the caller. */
function rulesOf({ policy: declared }: Route): readonly PolicyRuleName[] {
  if (declared === 'anyone') {
    return [];
  }
  if ('rule' in declared) {
    return [declared.rule];
  }
  if ('onObject' in declared) {
    return [declared.onObject];
  }
  return 'listAll' in declared ? [declared.listAll, declared.listOwn] : declared.byHandler;
}

/** A rule that is asked before anything is looked at knows of no object. */
function targetOf({ policy: declared }: Route): Record<string, string> {
  return typeof declared === 'object' && 'rule' in declared ? {} : target;
}

test('who is not allowed gets an error and changes nothing; who is allowed is never told otherwise', async () => {
  const before = await stored();
  const withRules = allRoutes(api.services).filter(
    (route) => route.policy !== 'anyone' && !/lookup|heartbeat/.test(route.path),
  );
  for (const route of withRules) {
    const denied = callerNames.filter((name) =>
      rulesOf(route).every((rule) => !policy.decide(rule, callerNamed(name), targetOf(route)).allowed),
    );
    const path = pathOf(route);
    for (const name of denied) {
      const body = bodies[`${route.method} ${route.path}`];
      const { status, text } = await api.request(route.method, path, {
        headers: { 'X-Caller': name },
        ...(body === undefined ? {} : { body }),
      });
      assert.ok([400, 403, 404, 405].includes(status), `${route.method} ${path} as ${name}: ${status} ${text}`);
      if (typeof route.policy === 'object' && 'rule' in route.policy) {
        assert.equal(status, 403, `${route.method} ${path} as ${name}: ${text}`);
      }
    }
    if (route.method === 'GET') {
      for (const name of callerNames.filter((each) => !denied.includes(each))) {
        const { status, text } = await api.request('GET', path, { headers: { 'X-Caller': name } });
        const isForeignList = typeof route.policy === 'object' && 'listAll' in route.policy && status === 404;
        assert.ok(status !== 403 || isForeignList, `GET ${path} as ${name}: ${status} ${text}`);
      }
    }
  }
  assert.equal(await stored(), before);
  assert.deepEqual(errors, []);
});

test('a node is concealed from other projects, and told of to whom it belongs', async () => {
  const statusFor = async (name: string, path = `/v1/nodes/${NODE}`) =>
    (await api.request('GET', path, { headers: { 'X-Caller': name } })).status;
  assert.equal(await statusFor('owner reader'), 200);
  assert.equal(await statusFor('lessee reader'), 200);
  assert.equal(await statusFor('foreign admin'), 404, 'as if it did not exist');
  assert.equal(await statusFor('domain admin'), 403, 'without a project nothing is concealed');
  assert.equal(await statusFor('foreign admin', `/v1/ports/${PORT}`), 404);
  assert.equal(await statusFor('owner member', `/v1/nodes/${NODE}/management/boot_device`), 403);
});

test('lists are narrowed to the project of the caller', async () => {
  const listed = async (name: string, path: string) =>
    (await api.request('GET', path, { headers: { 'X-Caller': name } })).json;
  assert.equal((await listed('foreign admin', '/v1/nodes')).nodes.length, 0);
  assert.equal((await listed('lessee reader', '/v1/nodes')).nodes.length, 1);
  assert.equal((await listed('owner reader', '/v1/ports')).ports.length, 1);
  assert.equal((await listed('foreign reader', '/v1/ports')).ports.length, 0);
  const asked = await api.request('GET', `/v1/nodes?project=${OWNER}`, { headers: { 'X-Caller': 'foreign admin' } });
  assert.equal(asked.status, 403, 'another project than the own one stays forbidden');
});

test('a lessee does not read what belongs to the owner and the operators', async () => {
  const details = async (name: string) =>
    (await api.request('GET', '/v1/nodes/detail', { headers: { 'X-Caller': name } })).json.nodes[0];
  const patch = [{ op: 'add', path: '/driver_info/ipmi_address', value: '192.0.2.1' }];
  const owner = { 'X-Caller': 'owner member' };
  assert.equal((await api.request('PATCH', `/v1/nodes/${NODE}`, { body: patch, headers: owner })).status, 200);
  assert.equal((await details('owner reader')).driver_info.ipmi_address, '192.0.2.1');
  assert.equal((await details('system reader')).driver_info.ipmi_address, '192.0.2.1');
  assert.match((await details('lessee member')).driver_info.content, /baremetal:node:get:driver_info/);
  assert.equal((await details('lessee member')).last_error, null, 'what is empty hides nothing');
});

test('each field of a patch has its rule, and all have to hold', async () => {
  const patched = async (name: string, ...fields: [string, unknown][]) => {
    const body = fields.map(([path, value]) => ({ op: 'add', path, value }));
    return (await api.request('PATCH', `/v1/nodes/${NODE}`, { body, headers: { 'X-Caller': name } })).status;
  };
  assert.equal(await patched('lessee member', ['/extra/a', 1]), 200);
  assert.equal(await patched('lessee member', ['/extra/a', 2], ['/driver_info/a', 1]), 403);
  assert.equal(await patched('lessee admin', ['/instance_info/a', 1]), 200);
  assert.equal(await patched('lessee member', ['/instance_info/a', 1]), 403);
  assert.equal(await patched('owner member', ['/owner', 'me']), 403);
  assert.equal(await patched('owner member', ['/automated_clean', false]), 403);
  assert.equal(await patched('owner member', ['/automated_clean', true]), 200);
  assert.equal(await patched('owner member', ['/bios_interface', 'fake']), 403);
  assert.equal(await patched('foreign admin', ['/extra/a', 3]), 404);
});

test('administrators of a project enrol nodes of their own, and delete them', async () => {
  const as = (name: string) => ({ headers: { 'X-Caller': name } });
  const made = await api.request('POST', '/v1/nodes', { body: { driver: 'fake-hardware' }, ...as('foreign admin') });
  assert.equal(made.status, 201, made.text);
  assert.equal(made.json.owner, 'another-project');
  const foreign = { driver: 'fake-hardware', owner: OWNER };
  assert.equal((await api.request('POST', '/v1/nodes', { body: foreign, ...as('foreign admin') })).status, 400);
  assert.equal((await api.request('POST', '/v1/nodes', { body: foreign, ...as('foreign member') })).status, 403);
  assert.equal((await api.request('DELETE', `/v1/nodes/${made.json.uuid}`, as('owner admin'))).status, 404);
  assert.equal((await api.request('DELETE', `/v1/nodes/${made.json.uuid}`, as('foreign admin'))).status, 204);
});

test('who only leases a machine has no switch logged in to, which its owner has', async () => {
  const ask = async (caller: string) => {
    const { status } = await api.request('GET', `/wrought/v1/nodes/${NODE}/switch-ports`, {
      headers: { 'X-Caller': caller },
    });
    return status;
  };
  assert.equal(await ask('lessee admin'), 403);
  assert.notEqual(await ask('owner reader'), 403);
});
