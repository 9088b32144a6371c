// PATCH of nodes: the operations, and the rules of states, flags, references, driver and interfaces.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  interfaceUpdateStates,
  type ProvisionState,
  protectedSettableStates,
  provisionStates,
  resourceClassChangeStates,
  updateAllowedStates,
} from '@wrought/contract';
import fc from 'fast-check';
import { getNode, type NodeChanges, updateNode } from '../src/store/nodes.ts';
import { startApi, type TestAnswer, type TestApi } from './api-fixture/server.ts';

const NODE = '0000000a-0000-4000-8000-000000000001';
const PATH = `/v1/nodes/${NODE}`;
const states = Object.keys(provisionStates) as ProvisionState[];

let api: TestApi;

before(async () => {
  api = await startApi();
  const { status } = await api.request('POST', '/v1/nodes', {
    body: { driver: 'fake-hardware', uuid: NODE, name: 'n1' },
  });
  assert.equal(status, 201);
});
after(() => api.close());

/** The node as each case finds it. */
const fresh: NodeChanges = {
  name: 'n1',
  provision_state: 'enroll',
  target_provision_state: null,
  maintenance: false,
  maintenance_reason: null,
  fault: null,
  protected: false,
  protected_reason: null,
  retired: false,
  retired_reason: null,
  instance_uuid: null,
  instance_info: {},
  instance_name: null,
  resource_class: 'rc',
  owner: null,
  chassis_uuid: null,
  console_enabled: false,
  driver: 'fake-hardware',
  power_interface: 'fake',
  deploy_interface: 'fake',
  extra: {},
  reservation: null,
};

async function given(changes: NodeChanges = {}): Promise<void> {
  await api.store.transaction(async (trx) => {
    await updateNode(trx, await getNode(trx, NODE), { ...fresh, ...changes });
  });
}

type Operation = { op: string; path: string; value?: unknown; [other: string]: unknown };

function patch(operations: readonly Operation[], version = 'latest', query = ''): Promise<TestAnswer> {
  return api.request('PATCH', PATH + query, { body: operations, version });
}

const replace = (path: string, value: unknown): Operation[] => [{ op: 'replace', path, value }];

test('operations apply in order, inside objects and lists, all or none', async () => {
  await given();
  const steps: readonly [Operation[], unknown][] = [
    [[{ op: 'add', path: '/extra/a', value: 1 }], { a: 1 }],
    [[{ op: 'replace', path: '/extra/a', value: [1, 2] }], { a: [1, 2] }],
    [[{ op: 'add', path: '/extra/a/0', value: 0 }], { a: [0, 1, 2] }],
    [[{ op: 'add', path: '/extra/a/-', value: 9 }], { a: [0, 1, 2, 9] }],
    [[{ op: 'remove', path: '/extra/a/0' }], { a: [1, 2, 9] }],
    [
      [
        { op: 'add', path: '/extra/o', value: {} },
        { op: 'add', path: '/extra/o/p', value: 1 },
      ],
      { a: [1, 2, 9], o: { p: 1 } },
    ],
    [[{ op: 'remove', path: '/extra' }], {}],
    [[{ op: 'add', path: '/extra/__proto__', value: { x: 1 } }], JSON.parse('{"__proto__": {"x": 1}}')],
    [[{ op: 'replace', path: '/extra', value: null }], {}],
    [[], {}],
  ];
  for (const [operations, extra] of steps) {
    const answer = await patch(operations);
    assert.equal(answer.status, 200, `${JSON.stringify(operations)}: ${answer.text}`);
    assert.deepEqual(answer.json.extra, extra);
    assert.notEqual(answer.json.updated_at, null);
  }
  const failing = [...replace('/extra', { n: 1 }), { op: 'remove', path: '/extra/zz' }, ...replace('/name', 'changed')];
  assert.equal((await patch(failing)).status, 400);
  const { json } = await api.request('GET', PATH);
  assert.deepEqual([json.extra, json.name], [{}, 'n1']);
});

test('operations that are malformed are refused with their reason', async () => {
  await given({ extra: { l: [1], t: 'x' } });
  const cases: readonly [unknown, RegExp][] = [
    [{}, /list of operations/],
    ['x', /list of operations/],
    [[1], /object with op, path and value/],
    [[{ op: 'test', path: '/name', value: 'n1' }], /op is "test"; allowed: add, replace, remove/],
    [[{ op: 'copy', from: '/name', path: '/extra/n' }], /member "from"/],
    [[{ path: '/name', value: 'x' }], /op is nothing/],
    [[{ op: 'replace', path: 'name', value: 'x' }], /path is "name"/],
    [[{ op: 'replace', path: '/', value: 'x' }], /path is/],
    [[{ op: 'add', path: '/extra/a~1b', value: 'x' }], /path is/],
    [[{ op: 'add', path: '/extra/', value: 'x' }], /path is/],
    [[{ op: 'add', path: '/description' }], /needs a value/],
    [[{ op: 'replace', path: '/extra/zz', value: 1 }], /no member "zz"/],
    [[{ op: 'add', path: '/extra/x/y', value: 1 }], /no member "x"/],
    [[{ op: 'add', path: '/extra/l/9', value: 1 }], /"9" is no index of a list of 1/],
    [[{ op: 'replace', path: '/extra/l/-', value: 1 }], /"-" is no index/],
    [[{ op: 'add', path: '/extra/t/u', value: 1 }], /has members/],
    [[{ op: 'replace', path: '/extra', value: 5 }], /extra has the invalid value 5/],
    [
      [{ op: 'replace', path: '/provision_state', value: 'active' }],
      /"\/provision_state".*can not be patched; allowed: /,
    ],
    [[{ op: 'add', path: '/traits/0', value: 'X' }], /"\/traits".*can not be patched/],
    [[{ op: 'remove', path: '/driver' }], /driver.*required/],
    [[{ op: 'replace', path: '/name', value: null }], /"remove" clears/],
    [[{ op: 'replace', path: '/name', value: 'detail' }], /reserved/],
    [[{ op: 'replace', path: '/network_data', value: {} }], /"remove" clears/],
    [[{ op: 'replace', path: '/maintenance', value: null }], /maintenance has the invalid value null/],
  ];
  for (const [body, message] of cases) {
    const answer = await api.request('PATCH', PATH, { body });
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.match(answer.message, message, JSON.stringify(body));
  }
});

test('patches of free objects do what JSON patch says', async () => {
  const key = fc.stringMatching(/^[a-z]{1,2}$/);
  const operation = fc.record({
    op: fc.constantFrom('add', 'replace', 'remove'),
    keys: fc.array(key, { minLength: 1, maxLength: 2 }),
    value: fc.oneof(fc.integer(), fc.dictionary(key, fc.integer(), { maxKeys: 3 })),
  });
  const property = fc.asyncProperty(
    fc.dictionary(key, fc.oneof(fc.integer(), fc.dictionary(key, fc.integer(), { maxKeys: 3 })), { maxKeys: 4 }),
    fc.array(operation, { maxLength: 5 }),
    async (extra, operations) => {
      await given({ extra });
      const body = operations.map(({ op, keys, value }) =>
        op === 'remove' ? { op, path: `/extra/${keys.join('/')}` } : { op, path: `/extra/${keys.join('/')}`, value },
      );
      const expected = model(extra, operations);
      const { status, json } = await patch(body);
      assert.equal(status, expected === undefined ? 400 : 200, JSON.stringify(body));
      if (expected !== undefined) {
        assert.deepEqual(json.extra, expected);
      }
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

/** JSON patch on objects of objects, written as plainly as it goes; undefined when an operation can not be applied. */
function model(
  start: Record<string, unknown>,
  operations: readonly { op: string; keys: readonly string[]; value: unknown }[],
): Record<string, unknown> | undefined {
  const document = structuredClone(start);
  for (const { op, keys, value } of operations) {
    const [first = '', second] = keys;
    const parent = second === undefined ? document : document[first];
    const name = second ?? first;
    if (typeof parent !== 'object' || parent === null || (op !== 'add' && !Object.hasOwn(parent, name))) {
      return undefined;
    }
    const members = parent as Record<string, unknown>;
    if (op === 'remove') {
      delete members[name];
    } else {
      members[name] = structuredClone(value);
    }
  }
  return document;
}

test('in every state: what may be changed, and what not', async () => {
  for (const state of states) {
    for (const target of [null, 'active']) {
      await given({ provision_state: state, target_provision_state: target });
      const { status } = await patch([{ op: 'add', path: '/extra/a', value: 1 }]);
      const isRefused = (target !== null && !updateAllowedStates.has(state)) || state === 'inspecting';
      assert.equal(status, isRefused ? 409 : 200, `${state} with target ${target}`);
    }
    if (state === 'inspecting') {
      assert.equal((await patch([{ op: 'add', path: '/extra/a', value: 2 }], '1.38')).status, 200);
      continue;
    }
    const cases: readonly [Operation[], boolean][] = [
      [replace('/deploy_interface', 'direct'), interfaceUpdateStates.has(state)],
      [replace('/resource_class', 'other'), resourceClassChangeStates.has(state)],
      [replace('/protected', true), protectedSettableStates.has(state)],
      [replace('/retired', true), state !== 'available'],
      [replace('/deploy_interface', 'fake'), true],
      [replace('/resource_class', 'rc'), true],
      [replace('/description', 'd'), true],
    ];
    for (const [operations, isAllowed] of cases) {
      await given({ provision_state: state });
      const { status, text } = await patch(operations);
      assert.equal(status, isAllowed ? 200 : 409, `${state} ${JSON.stringify(operations)}: ${text}`);
    }
    await given({ provision_state: state, maintenance: true });
    assert.equal((await patch(replace('/deploy_interface', 'direct'))).status, 200, `${state} in maintenance`);
  }
});

test('an instance may be taken off a node in transition when it is in maintenance', async () => {
  const instance_uuid = '000000ab-0000-4000-8000-000000000001';
  const locked: NodeChanges = { provision_state: 'deploying', target_provision_state: 'active', instance_uuid };
  const remove: Operation[] = [{ op: 'remove', path: '/instance_uuid' }];
  await given(locked);
  assert.equal((await patch(remove)).status, 409);
  await given({ ...locked, maintenance: true });
  assert.equal((await patch([...remove, ...replace('/description', 'x')])).status, 409);
  assert.equal((await patch(remove)).json.instance_uuid, null);
});

test('a second instance is refused, the same one again is not', async () => {
  const first = '000000ab-0000-4000-8000-000000000001';
  await given();
  assert.equal((await patch(replace('/instance_uuid', first))).status, 200);
  assert.equal((await patch(replace('/instance_uuid', first))).status, 200);
  const refused = await patch(replace('/instance_uuid', '000000ab-0000-4000-8000-000000000002'));
  assert.equal(refused.status, 409);
  assert.match(refused.message, new RegExp(first));
  await given();
});

test('flags take their reasons with them', async () => {
  await given({ provision_state: 'active', maintenance: true, maintenance_reason: 'why', fault: 'power failure' });
  const cleared = await patch(replace('/maintenance', false));
  assert.deepEqual([cleared.json.maintenance_reason, cleared.json.fault], [null, null]);

  assert.equal((await patch(replace('/protected_reason', 'x'))).status, 400);
  const guarded = await patch([...replace('/protected', true), ...replace('/protected_reason', 'mine')]);
  assert.deepEqual([guarded.json.protected, guarded.json.protected_reason], [true, 'mine']);
  const unguarded = await patch([{ op: 'remove', path: '/protected' }]);
  assert.deepEqual([unguarded.json.protected, unguarded.json.protected_reason], [false, null]);

  assert.equal((await patch(replace('/retired_reason', 'x'))).status, 400);
  const retired = await patch([...replace('/retired', true), ...replace('/retired_reason', 'old')]);
  assert.deepEqual([retired.json.retired, retired.json.retired_reason], [true, 'old']);
  const back = await patch(replace('/retired', null));
  assert.deepEqual([back.json.retired, back.json.retired_reason], [null, null]);
});

test('driver and interfaces go together', async () => {
  await given();
  const alone = await patch(replace('/driver', 'manual-management'));
  assert.equal(alone.status, 400);
  assert.match(alone.message, /interface "fake" is not supported by hardware type "manual-management"/);
  const reset = await patch(replace('/driver', 'manual-management'), 'latest', '?reset_interfaces=true');
  assert.deepEqual([reset.json.driver, reset.json.boot_interface], ['manual-management', 'ipxe']);
  const back = await patch(
    [...replace('/driver', 'fake-hardware'), ...replace('/power_interface', 'redfish')],
    'latest',
    '?reset_interfaces=true',
  );
  assert.deepEqual([back.json.boot_interface, back.json.power_interface], ['fake', 'redfish']);
  const removed = await patch([{ op: 'remove', path: '/power_interface' }]);
  assert.equal(removed.json.power_interface, 'fake');

  for (const [operations, query, version, status] of [
    [replace('/driver', 'nope'), '', 'latest', 400],
    [replace('/power_interface', 'nope'), '', 'latest', 400],
    [replace('/description', 'x'), '?reset_interfaces=true', 'latest', 400],
    [replace('/driver', 'fake-hardware'), '?reset_interfaces=true', '1.44', 406],
    [replace('/driver', 'fake-hardware'), '?reset_interfaces=x', 'latest', 400],
    [replace('/conductor_group', 'far'), '', 'latest', 400],
  ] as const) {
    assert.equal((await patch(operations, version, query)).status, status, `${JSON.stringify(operations)} ${query}`);
  }
  await given({ console_enabled: true });
  const withConsole = await patch(replace('/driver', 'manual-management'), 'latest', '?reset_interfaces=true');
  assert.equal(withConsole.status, 409);
});

test('unsetting the chassis needs a version that knows how', async () => {
  const chassis = '0000000c-0000-4000-8000-000000000001';
  await api.request('POST', '/v1/chassis', { body: { uuid: chassis } });
  await given();
  assert.equal((await patch(replace('/chassis_uuid', chassis))).json.chassis_uuid, chassis);
  const remove: Operation[] = [{ op: 'remove', path: '/chassis_uuid' }];
  assert.equal((await patch(remove, '1.24')).status, 406);
  assert.equal((await patch(remove, '1.25')).json.chassis_uuid, null);
  assert.equal((await patch(remove, '1.24')).status, 200);
});

test('a locked node is not patched, and the answer says by whom it is held', async () => {
  await given({ reservation: 'other', reserved_for: 'deploying' });
  const { status, message } = await patch(replace('/description', 'x'));
  assert.equal(status, 409);
  assert.match(message, /other.*deploying/);
});

test('changes that come at the same time are all kept', async () => {
  await given();
  const keys = Array.from({ length: 40 }, (_, index) => `k${index}`);
  const answers = await Promise.all(keys.map((key) => patch([{ op: 'add', path: `/extra/${key}`, value: true }])));
  assert.ok(answers.every(({ status }) => status === 200));
  const { json } = await api.request('GET', PATH);
  assert.deepEqual(Object.keys(json.extra).sort(), keys.toSorted());
});
