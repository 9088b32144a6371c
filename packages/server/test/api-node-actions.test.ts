// Actions on nodes: provision verbs, power, maintenance, validation, boot device, traits, VIFs, history.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  isProvisionVerb,
  nextState,
  type ProvisionState,
  powerChangeRefusedStates,
  powerTargets,
  provisionStates,
  verbs,
} from '@wrought/contract';
import { appendHistory } from '../src/store/evidence.ts';
import { getNode, type NodeChanges, updateNode } from '../src/store/nodes.ts';
import { startApi, type TestApi } from './api-fixture/server.ts';

const NODE = '0000000a-0000-4000-8000-000000000001';
const PATH = `/v1/nodes/${NODE}`;
const states = Object.keys(provisionStates) as ProvisionState[];
const deployStep = { interface: 'deploy', step: 'write', args: {}, priority: '10' };
const cleanStep = { interface: 'deploy', step: 'erase' };

let api: TestApi;

before(async () => {
  api = await startApi({ set: ['conductor.node_locked_retry_interval=0'] });
  const { status } = await api.request('POST', '/v1/nodes', {
    body: { driver: 'fake-hardware', uuid: NODE, name: 'n1' },
  });
  assert.equal(status, 201);
});
after(() => api.close());
beforeEach(() => given());

async function given(changes: NodeChanges = {}): Promise<void> {
  const fresh: NodeChanges = {
    provision_state: 'enroll',
    target_provision_state: null,
    maintenance: false,
    maintenance_reason: null,
    protected: false,
    reservation: null,
    reserved_for: null,
    traits: [],
  };
  await api.store.transaction(async (trx) => {
    await updateNode(trx, await getNode(trx, NODE), { ...fresh, ...changes });
  });
  api.calls.provisions.length = 0;
  api.calls.powers.length = 0;
}

const provision = (body: unknown, version = 'latest') =>
  api.request('PUT', `${PATH}/states/provision`, { body, version });

/** What a verb needs besides its name. */
function bodyOf(verb: string): Record<string, unknown> {
  const needed: Record<string, Record<string, unknown>> = {
    clean: { clean_steps: [cleanStep] },
    service: { service_steps: [cleanStep] },
    rescue: { rescue_password: 'x' },
  };
  return { target: verb, ...needed[verb] };
}

test('each verb is accepted where the state machine knows it, and refused elsewhere', async () => {
  for (const [verb, { event }] of Object.entries(verbs)) {
    for (const state of states) {
      await given({ provision_state: state });
      const answer = await provision(bodyOf(verb));
      const isPossible = nextState(state, event) !== undefined;
      assert.equal(answer.status, isPossible ? 202 : 400, `${verb} in ${state}: ${answer.text}`);
      if (isPossible) {
        assert.equal(answer.headers.get('location'), `${api.base}${PATH}/states`);
        assert.equal(answer.text, '');
      } else {
        assert.match(answer.message, new RegExp(`"${verb}".*"${state}"`));
      }
    }
  }
});

test('each verb needs its version', async () => {
  for (const [verb, { since }] of Object.entries(verbs)) {
    for (const minor of [since - 1, since].filter((candidate) => candidate >= 1)) {
      const { status } = await provision(bodyOf(verb), `1.${minor}`);
      assert.equal(status === 406, minor < since, `${verb} at 1.${minor}: ${status}`);
    }
  }
  for (const [state, since] of [
    ['inspect wait', 41],
    ['wait call-back', 110],
  ] as const) {
    await given({ provision_state: state });
    assert.equal((await provision({ target: 'abort' }, `1.${since - 1}`)).status, 406, state);
    assert.equal((await provision({ target: 'abort' }, `1.${since}`)).status, 202, state);
  }
});

test('targets that do not exist are refused', async () => {
  for (const target of [null, '', 5, 'nope', 'ACTIVE', 'fail', undefined]) {
    assert.equal((await provision({ target })).status, 400, String(target));
  }
  assert.equal((await provision({ target: 'manage', more: 1 })).status, 400);
  assert.equal((await api.request('PUT', `${PATH}/states/provision?target=manage`)).status, 202);
  assert.ok(!isProvisionVerb('constructor'));
});

test('a node that is reserved is locked for verbs that are possible and for those that are not', async () => {
  await given({ provision_state: 'available', reservation: 'other', reserved_for: 'work' });
  for (const target of ['manage', 'abort']) {
    assert.equal((await provision({ target })).status, 409, target);
  }
});

test('maintenance, protection and retirement stand in the way', async () => {
  await given({ provision_state: 'available', maintenance: true, maintenance_reason: 'broken fan' });
  const refused = await provision({ target: 'active' });
  assert.equal(refused.status, 400);
  assert.match(refused.message, /broken fan/);
  await given({ provision_state: 'active', protected: true });
  for (const target of ['deleted', 'undeploy', 'rebuild']) {
    assert.equal((await provision({ target })).status, 403, target);
  }
});

test('what a verb carries is checked by verb and version, and handed on', async () => {
  const cases: readonly [ProvisionState, Record<string, unknown>, number, number][] = [
    ['available', { target: 'active', configdrive: 'http://192.0.2.1/c' }, 1, 202],
    ['available', { target: 'active', configdrive: 'not base64!' }, 115, 400],
    ['available', { target: 'active', configdrive: '' }, 115, 202],
    ['available', { target: 'active', configdrive: { meta_data: {} } }, 55, 400],
    ['available', { target: 'active', configdrive: { meta_data: {} } }, 56, 202],
    ['available', { target: 'active', configdrive: { vendor_data: {} } }, 58, 400],
    ['available', { target: 'active', configdrive: { other: {} } }, 115, 400],
    ['available', { target: 'deploy', configdrive: 'aGk=' }, 115, 400],
    ['active', { target: 'rebuild', configdrive: 'aGk=' }, 34, 400],
    ['active', { target: 'rebuild', configdrive: 'aGk=' }, 35, 202],
    ['manageable', { target: 'provide', configdrive: 'aGk=' }, 115, 400],
    ['available', { target: 'active', deploy_steps: [deployStep] }, 68, 406],
    ['available', { target: 'active', deploy_steps: [deployStep] }, 69, 202],
    ['available', { target: 'active', deploy_steps: [{ ...deployStep, args: undefined }] }, 115, 400],
    [
      'available',
      { target: 'active', deploy_steps: [{ ...deployStep, interface: 'vendor', step: 'send_raw' }] },
      115,
      400,
    ],
    ['manageable', { target: 'provide', deploy_steps: [deployStep] }, 115, 400],
    ['manageable', { target: 'provide', deploy_steps: [] }, 115, 202],
    ['manageable', { target: 'clean' }, 115, 400],
    ['manageable', { target: 'clean', clean_steps: [] }, 115, 400],
    ['manageable', { target: 'clean', clean_steps: [{ interface: 'nope', step: 'x' }] }, 115, 400],
    ['manageable', { target: 'clean', clean_steps: [{ interface: 'vendor', step: 'send_raw' }] }, 115, 400],
    ['manageable', { target: 'clean', clean_steps: [cleanStep], disable_ramdisk: true }, 69, 406],
    ['manageable', { target: 'clean', clean_steps: [cleanStep], disable_ramdisk: 'yes' }, 70, 202],
    ['manageable', { target: 'provide', disable_ramdisk: true }, 115, 400],
    ['manageable', { target: 'provide', clean_steps: [cleanStep] }, 115, 400],
    ['manageable', { target: 'clean', clean_steps: [cleanStep], runbook: 'r' }, 91, 406],
    ['active', { target: 'rescue' }, 115, 400],
    ['active', { target: 'rescue', rescue_password: ' ' }, 115, 400],
    ['manageable', { target: 'provide', rescue_password: 'x' }, 115, 400],
  ];
  for (const [state, body, minor, expected] of cases) {
    await given({ provision_state: state });
    const { status, text } = await provision(body, `1.${minor}`);
    assert.equal(status, expected, `${JSON.stringify(body)} at 1.${minor}: ${text}`);
  }
  await given({ provision_state: 'available' });
  await provision({ target: 'active', deploy_steps: [deployStep], configdrive: 'aGk=' });
  const [handed] = api.calls.provisions;
  assert.deepEqual(handed?.deploySteps, [{ ...deployStep, priority: 10 }]);
  assert.deepEqual([handed?.verb, handed?.configdrive, handed?.node.uuid], ['active', 'aGk=', NODE]);
  assert.match(handed?.requester.requestId ?? '', /^req-/);
});

test('power targets by version, state and form', async () => {
  const power = (body: unknown, version = 'latest') => api.request('PUT', `${PATH}/states/power`, { body, version });
  for (const [target, { since }] of Object.entries(powerTargets)) {
    const answer = await power({ target }, `1.${since}`);
    assert.equal(answer.status, 202, target);
    assert.equal(answer.headers.get('location'), `${api.base}${PATH}/states`);
    if (since > 1) {
      assert.equal((await power({ target }, `1.${since - 1}`)).status, 406, target);
    }
  }
  assert.equal((await power({ target: 'power on', timeout: 5 }, '1.26')).status, 406);
  assert.equal((await power({ target: 'power on', timeout: 5 })).status, 202);
  assert.equal(api.calls.powers.at(-1)?.timeoutSeconds, 5);
  for (const body of [
    { target: 'nope' },
    { target: null },
    {},
    { target: 'POWER ON' },
    { target: 'power on', foo: 1 },
    { target: 'power on', timeout: 0 },
    { target: 'power on', timeout: 'x' },
  ]) {
    assert.equal((await power(body)).status, 400, JSON.stringify(body));
  }
  for (const state of states) {
    await given({ provision_state: state });
    assert.equal((await power({ target: 'power off' })).status, powerChangeRefusedStates.has(state) ? 400 : 202, state);
  }
  const named = await api.request('PUT', '/v1/nodes/n1/states/power?target=power%20on');
  assert.equal(named.headers.get('location'), `${api.base}/v1/nodes/n1/states`);
  assert.equal(
    (await api.request('PUT', '/v1/nodes/nobody/states/power', { body: { target: 'power on' } })).status,
    404,
  );
});

test('states are shown by themselves, with the names of the version', async () => {
  await given({ provision_state: 'inspect wait', target_provision_state: 'manageable' });
  const newest = await api.request('GET', `${PATH}/states`);
  assert.deepEqual(Object.keys(newest.json), [
    'console_enabled',
    'last_error',
    'power_state',
    'provision_state',
    'target_power_state',
    'target_provision_state',
    'provision_updated_at',
    'raid_config',
    'target_raid_config',
    'boot_mode',
    'secure_boot',
  ]);
  assert.equal(newest.json.provision_state, 'inspect wait');
  const older = await api.request('GET', `${PATH}/states`, { version: '1.38' });
  assert.equal(older.json.provision_state, 'inspecting');
  assert.equal('boot_mode' in older.json, false);
  const oldest = await api.request('GET', `${PATH}/states`, { version: '1.1' });
  assert.equal('raid_config' in oldest.json, false);
});

test('maintenance is set with a reason and cleared with everything that belongs to it', async () => {
  const path = `${PATH}/maintenance`;
  const shown = async () => {
    const { json } = await api.request('GET', `${PATH}?fields=maintenance,maintenance_reason,fault`);
    return [json.maintenance, json.maintenance_reason, json.fault];
  };
  assert.equal((await api.request('PUT', path, { body: { reason: 'why' } })).status, 202);
  assert.deepEqual(await shown(), [true, 'why', null]);
  assert.equal((await api.request('PUT', path)).status, 202);
  assert.deepEqual(await shown(), [true, null, null]);
  assert.equal((await api.request('PUT', `${path}?reason=q`)).status, 202);
  assert.deepEqual(await shown(), [true, 'q', null]);
  await given({ maintenance: true, fault: 'clean failure' });
  assert.equal((await api.request('DELETE', path)).status, 202);
  assert.deepEqual(await shown(), [false, null, null]);
  for (const body of [{ reason: 5 }, { foo: 1 }]) {
    assert.equal((await api.request('PUT', path, { body })).status, 400);
  }
  assert.equal((await api.request('PUT', '/v1/nodes/maintenance?node_ident=n1')).status, 202);
  assert.equal((await api.request('DELETE', '/v1/nodes/maintenance?node_ident=n1')).status, 202);
  assert.equal((await api.request('PUT', '/v1/nodes/maintenance')).status, 400);
});

test('validation names every interface but the vendor one', async () => {
  const { json } = await api.request('GET', `${PATH}/validate`);
  assert.deepEqual(json.power, { result: true });
  assert.ok(!('vendor' in json));
  for (const query of ['node=n1', `node_uuid=${NODE}`]) {
    assert.deepEqual((await api.request('GET', `/v1/nodes/validate?${query}`)).json, json);
  }
});

test('the boot device is read, set, and refused in words', async () => {
  const path = `${PATH}/management/boot_device`;
  assert.deepEqual((await api.request('GET', path)).json, { boot_device: 'pxe', persistent: false });
  const set = await api.request('PUT', path, { body: { boot_device: 'pxe', persistent: 'yes' } });
  assert.equal(set.status, 204);
  assert.deepEqual((await api.request('GET', path)).json, { boot_device: 'pxe', persistent: true });
  assert.deepEqual((await api.request('GET', `${path}/supported`)).json, { supported_boot_devices: ['pxe'] });
  assert.equal((await api.request('PUT', `${path}?boot_device=pxe`)).status, 204);
  for (const body of [
    { boot_device: 'disk' },
    {},
    { boot_device: 'pxe', persistent: 'maybe' },
    { boot_device: 'pxe', x: 1 },
  ]) {
    assert.equal((await api.request('PUT', path, { body })).status, 400, JSON.stringify(body));
  }
  const nmi = await api.request('PUT', `${PATH}/management/inject_nmi`, { body: {} });
  assert.equal(nmi.status, 400);
  assert.match(nmi.message, /inject_nmi/);
});

test('traits are a sorted set with a limit', async () => {
  const path = `${PATH}/traits`;
  const shown = async () => (await api.request('GET', path)).json.traits;
  const many = Array.from({ length: 51 }, (_, index) => `CUSTOM_${index}`);
  assert.equal(
    (await api.request('PUT', path, { body: { traits: ['CUSTOM_B', 'CUSTOM_A', 'CUSTOM_B'] } })).status,
    204,
  );
  assert.deepEqual(await shown(), ['CUSTOM_A', 'CUSTOM_B']);
  const added = await api.request('PUT', `${path}/HW_CPU_X86_VMX`);
  assert.equal(added.status, 204);
  assert.equal(added.headers.get('location'), `${api.base}${path}/HW_CPU_X86_VMX`);
  assert.equal((await api.request('DELETE', `${path}/CUSTOM_A`)).status, 204);
  assert.equal((await api.request('DELETE', `${path}/CUSTOM_A`)).status, 404);
  assert.deepEqual(await shown(), ['CUSTOM_B', 'HW_CPU_X86_VMX']);
  assert.deepEqual((await api.request('GET', `${PATH}?fields=traits`)).json.traits, ['CUSTOM_B', 'HW_CPU_X86_VMX']);
  assert.equal((await api.request('PUT', path, { body: { traits: many.slice(0, 50) } })).status, 204);
  assert.equal((await api.request('PUT', `${path}/CUSTOM_MORE`)).status, 400);
  for (const body of [{ traits: many }, {}, { traits: ['x'] }, { traits: 'x' }, { traits: [], more: 1 }]) {
    assert.equal((await api.request('PUT', path, { body })).status, 400);
  }
  assert.equal((await api.request('PUT', `${path}/nope`)).status, 400);
  assert.equal((await api.request('DELETE', path)).status, 204);
  assert.deepEqual(await shown(), []);
  for (const [method, status] of [
    ['GET', 406],
    ['PUT', 405],
    ['DELETE', 404],
  ] as const) {
    assert.equal((await api.request(method, path, { version: '1.36' })).status, status, method);
  }
});

test('VIFs are attached and detached by id', async () => {
  const path = `${PATH}/vifs`;
  assert.deepEqual((await api.request('GET', path)).json, { vifs: [] });
  for (const body of [{ id: 'v1' }, { id: NODE, port_uuid: NODE }, { id: 'v1', free: 'key' }]) {
    assert.equal((await api.request('POST', path, { body })).status, 204, JSON.stringify(body));
  }
  for (const body of [{}, { id: '' }, { id: 5 }, { id: 'a b' }, { id: 'v', port_uuid: NODE, portgroup_uuid: NODE }]) {
    assert.equal((await api.request('POST', path, { body })).status, 400, JSON.stringify(body));
  }
  assert.equal((await api.request('DELETE', `${path}/v1`)).status, 204);
  assert.equal((await api.request('DELETE', path)).status, 400);
  assert.equal((await api.request('GET', path, { version: '1.27' })).status, 404);
});

test('history is short in lists, whole in detail, and grows with the version', async () => {
  await api.store.transaction(async (trx) => {
    const node = await getNode(trx, NODE);
    await appendHistory(trx, node, {
      severity: 'ERROR',
      event_type: 'cleaning',
      event: 'x'.repeat(300),
      conductor: 'c1',
    });
    await appendHistory(trx, node, { severity: 'INFO', event_type: 'provisioning', event: 'second' });
  });
  const { json } = await api.request('GET', `${PATH}/history`);
  const [first, second] = json.history;
  assert.deepEqual(Object.keys(first).sort(), ['created_at', 'event', 'links', 'severity', 'uuid']);
  assert.equal(first.event, `${'x'.repeat(251)}...`);
  assert.equal(second.event, 'second');
  assert.deepEqual(first.links, [{ href: `${api.base}${PATH}/history/${first.uuid}`, rel: 'self' }]);
  const whole = await api.request('GET', `${PATH}/history?detail=true`, { version: '1.78' });
  assert.equal(whole.json.history[0].event.length, 300);
  assert.equal(whole.json.history[0].conductor, 'c1');
  assert.equal('project' in whole.json.history[0], false);
  const single = await api.request('GET', `${PATH}/history/${first.uuid}`);
  assert.deepEqual([single.json.state, single.json.event_type], ['enroll', 'cleaning']);
  const page = await api.request('GET', `${PATH}/history?limit=1`);
  assert.equal(page.json.history.length, 1);
  const rest = await api.request('GET', page.json.next.slice(api.base.length));
  assert.equal(rest.json.history[0].uuid, second.uuid);
  assert.equal((await api.request('GET', `${PATH}/history/${NODE}`)).status, 404);
  assert.equal((await api.request('GET', `${PATH}/history`, { version: '1.77' })).status, 404);
});
