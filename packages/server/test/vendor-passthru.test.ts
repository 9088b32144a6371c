// Vendor methods through the API on a real conductor: lists, calls of each manner, locks, failures, limits, and what is kept.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { loadConfig } from '../src/config/index.ts';
import { type Driver, driverMethod, nodeMethod, type VendorInterface } from '../src/drivers/kit/index.ts';
import { getNode, updateNode } from '../src/store/nodes.ts';
import { serveApi } from './api-fixture/server.ts';
import { startConductor } from './support/conductor.ts';

const secret = 'a-secret-of-the-body';

/** Resolved by the test; what waits on it is under way until then. */
interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

/** A vendor interface with what the fake one has not: other HTTP methods, raw answers, failures, methods of the type. */
function acmeDriver(wait: Gate): Driver {
  const vendor: VendorInterface = {
    kind: 'vendor',
    name: 'acme',
    properties: {},
    supported: true,
    validate: async () => {},
    nodeMethods: [
      nodeMethod({
        name: 'echo',
        httpMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
        description: 'Answers what it was handed.',
        isAsync: false,
        run: async (_task, { httpMethod, body }) => ({ httpMethod, body }),
      }),
      nodeMethod({
        name: 'nothing',
        httpMethods: ['POST'],
        description: 'Answers nothing.',
        isAsync: false,
        run: async () => undefined,
      }),
      nodeMethod({
        name: 'file',
        httpMethods: ['GET'],
        description: 'Answers bytes.',
        isAsync: false,
        attach: true,
        run: async () => Uint8Array.of(0x7b, 0x7d),
      }),
      nodeMethod({
        name: 'no_file',
        httpMethods: ['GET'],
        description: 'Should answer bytes, and does not.',
        isAsync: false,
        attach: true,
        run: async () => ({}),
      }),
      nodeMethod({
        name: 'slow',
        httpMethods: ['POST'],
        description: 'Takes its time.',
        run: () => wait.opened,
      }),
      nodeMethod({
        name: 'broken',
        httpMethods: ['POST'],
        description: 'Fails in the background.',
        async run(task) {
          task.learn({ boot_mode: 'uefi' });
          throw new Error('the fan is gone');
        },
      }),
      nodeMethod({
        name: 'broken_beside',
        httpMethods: ['POST'],
        description: 'Fails in the background, without a lock.',
        requireExclusiveLock: false,
        run: async () => {
          throw new Error('the light is gone');
        },
      }),
      nodeMethod({
        name: 'broken_sync',
        httpMethods: ['POST'],
        description: 'Fails.',
        isAsync: false,
        run: async () => {
          throw new Error('the door is gone');
        },
      }),
    ],
    driverMethods: [
      driverMethod({
        name: 'count',
        httpMethods: ['GET', 'POST'],
        description: 'Counts the members of the body.',
        isAsync: false,
        run: async (_work, { body }) => ({ members: Object.keys(body).length }),
      }),
      driverMethod({ name: 'wait', httpMethods: ['POST'], description: 'Waits.', run: () => wait.opened }),
    ],
  };
  return {
    hardwareTypes: [
      {
        name: 'acme',
        supported: {
          bios: ['no-bios'],
          boot: ['fake'],
          console: ['no-console'],
          deploy: ['fake'],
          firmware: ['no-firmware'],
          inspect: ['no-inspect'],
          management: ['noop'],
          network: ['noop'],
          power: ['fake'],
          raid: ['no-raid'],
          rescue: ['no-rescue'],
          storage: ['noop'],
          vendor: ['acme', 'no-vendor'],
        },
      },
    ],
    interfaces: [vendor],
  };
}

async function start(t: TestContext, set: readonly string[] = []) {
  const wait = gate();
  const logged: unknown[] = [];
  const log = {
    debug: (fields: object, message: string) => logged.push(fields, message),
    info: (fields: object, message: string) => logged.push(fields, message),
    warn: (fields: object, message: string) => logged.push(fields, message),
    error: (fields: object, message: string) => logged.push(fields, message),
  };
  const settings = [
    'drivers.enabled=["fake-hardware", "acme"]',
    'conductor.node_locked_retry_attempts=1',
    'conductor.node_locked_retry_interval=0.01',
    ...set,
  ];
  const under = await startConductor(t, { set: settings, drivers: [acmeDriver(wait)], log });
  const config = loadConfig({ dataDirectory: under.directory, set: settings });
  const api = await serveApi(config, under.store, under.conductor.doors, { user: 'tester', errors: logged });
  t.after(() => api.close());
  const passthru = (owner: string, method: string, body?: unknown, httpMethod = 'POST') =>
    api.request(httpMethod, `${owner}/vendor_passthru/${method}`, body === undefined ? {} : { body });
  /** The node once nothing holds it. */
  const free = async (uuid: string) => under.untilState(uuid, (await getNode(under.store.read, uuid)).provision_state);
  return { ...under, api, passthru, wait, logged, free };
}

const fakeMethods = {
  second_method: { async: true, require_exclusive_lock: true },
  third_method_sync: { async: false, require_exclusive_lock: true },
  fourth_method_shared_lock: { async: true, require_exclusive_lock: false },
};

test('the methods of a node are listed by UUID, by name and by argument', async (t) => {
  const { api, node: create } = await start(t);
  const node = await create({ name: 'n1' });
  for (const path of [
    `/v1/nodes/${node.uuid}/vendor_passthru/methods`,
    '/v1/nodes/n1/vendor_passthru/methods',
    '/v1/nodes/vendor_passthru/methods?node_ident=n1',
  ]) {
    const { status, json } = await api.request('GET', path, { version: '1.5' });
    assert.equal(status, 200, path);
    for (const method of Object.values<{ description?: string }>(json)) {
      assert.match(method.description ?? '', /bar/);
      delete method.description;
    }
    const expected = Object.entries(fakeMethods).map(([name, method]) => [
      name,
      { http_methods: ['POST'], attach: false, ...method },
    ]);
    assert.deepEqual(json, Object.fromEntries(expected), path);
  }
  assert.equal((await api.request('GET', '/v1/nodes/vendor_passthru/methods')).status, 400);
  assert.equal((await api.request('GET', '/v1/nodes/vendor_passthru')).status, 400);
  assert.equal((await api.request('GET', '/v1/nodes/nobody/vendor_passthru/methods')).status, 404);
  const none = await create({ vendor_interface: 'no-vendor' });
  assert.deepEqual((await api.request('GET', `/v1/nodes/${none.uuid}/vendor_passthru/methods`)).json, {});
});

test('the fake methods answer as they are declared', async (t) => {
  const { api, passthru, node: create, free } = await start(t);
  const { uuid } = await create({ name: 'n1' });
  for (const [method, body, status, json] of [
    ['second_method', { bar: 'kazoo' }, 202, null],
    ['second_method', { bar: 'baz' }, 202, null],
    ['third_method_sync', { bar: 'meow' }, 200, true],
    ['third_method_sync', { bar: 'baz' }, 200, false],
    ['fourth_method_shared_lock', { bar: 'woof' }, 202, null],
  ] as const) {
    await free(uuid);
    const answer = await passthru('/v1/nodes/n1', method, body);
    assert.deepEqual([answer.status, answer.json, answer.headers.get('location')], [status, json, null], method);
  }
  await free(uuid);
  const byArgument = await api.request('POST', '/v1/nodes/n1/vendor_passthru?method=third_method_sync', {
    body: { bar: 'meow' },
  });
  assert.deepEqual([byArgument.status, byArgument.json], [200, true]);
});

test('a call that is wrong is refused with what is allowed', async (t) => {
  const { api, node: create } = await start(t);
  await create({ name: 'n1' });
  const cases: [string, string, unknown, RegExp][] = [
    ['POST', '/nope', { bar: 'x' }, /no vendor method "nope".*second_method, third_method_sync/],
    ['POST', '/bmc_reset', {}, /no vendor method "bmc_reset"/],
    ['POST', '/methods', {}, /no vendor method "methods"/],
    ['GET', '?method=methods', undefined, /no vendor method "methods"/],
    ['GET', '/second_method', undefined, /does not take GET; it takes: POST/],
    ['PUT', '/second_method', {}, /does not take PUT/],
    ['PATCH', '/second_method', {}, /does not take PATCH/],
    ['DELETE', '/second_method', undefined, /does not take DELETE/],
    ['POST', '', {}, /Name the vendor method/],
    ['GET', '', undefined, /Name the vendor method/],
    ['POST', '?method=', {}, /Name the vendor method/],
    ['POST', '/second_method', {}, /needs the argument "bar"/],
    ['POST', '/third_method_sync', {}, /needs the argument "bar"/],
    ['POST', '/fourth_method_shared_lock', {}, /needs the argument "bar"/],
    ['POST', '/third_method_sync', { bar: 'meow', [secret]: 1 }, /takes the argument "bar" alone/],
    ['POST', '/third_method_sync', [1], /JSON object/],
    ['POST', '/third_method_sync?bar=meow', undefined, /Unknown argument: "bar"/],
    ['POST', '?method=third_method_sync&bar=meow', undefined, /Unknown argument: "bar"/],
    ['POST', '?method=third_method_sync&method=nope', {}, /more than once/],
  ];
  for (const [method, rest, body, expected] of cases) {
    const options = body === undefined ? {} : { body };
    const answer = await api.request(method, `/v1/nodes/n1/vendor_passthru${rest}`, options);
    assert.equal(answer.status, 400, `${method} ${rest}: ${answer.text}`);
    assert.match(answer.message, expected);
    assert.doesNotMatch(answer.text, new RegExp(secret));
  }
  assert.equal((await api.request('POST', '/v1/nodes/nobody/vendor_passthru/x', { body: {} })).status, 404);
});

test('every HTTP method reaches its vendor method, with the body as it came', async (t) => {
  const { passthru, node: create } = await start(t);
  const { uuid } = await create({ driver: 'acme' });
  const body = { a: [1, { b: null }], c: 'd' };
  for (const httpMethod of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    const { status, json } = await passthru(`/v1/nodes/${uuid}`, 'echo', body, httpMethod);
    assert.deepEqual([status, json], [200, { httpMethod, body }]);
  }
  const got = await passthru(`/v1/nodes/${uuid}`, 'echo', undefined, 'GET');
  assert.deepEqual(got.json, { httpMethod: 'GET', body: {} });
  const nothing = await passthru(`/v1/nodes/${uuid}`, 'nothing');
  assert.deepEqual([nothing.status, nothing.text], [200, 'null']);
});

test('an attached result is the answer itself', async (t) => {
  const { passthru, node: create } = await start(t);
  const { uuid } = await create({ driver: 'acme' });
  const file = await passthru(`/v1/nodes/${uuid}`, 'file', undefined, 'GET');
  assert.deepEqual([file.status, file.text, file.headers.get('content-type')], [200, '{}', 'application/octet-stream']);
  const wrong = await passthru(`/v1/nodes/${uuid}`, 'no_file', undefined, 'GET');
  assert.equal(wrong.status, 500);
  assert.match(wrong.message, /"no_file".*declared to answer text or bytes/);
});

test('a method that fails while the client waits tells it so', async (t) => {
  const { passthru, store, node: create } = await start(t);
  const { uuid } = await create({ driver: 'acme' });
  const answer = await passthru(`/v1/nodes/${uuid}`, 'broken_sync');
  assert.equal(answer.status, 500);
  assert.match(answer.message, /The vendor method "broken_sync" of node .* failed: the door is gone/);
  const node = await getNode(store.read, uuid);
  assert.deepEqual([node.last_error, node.reservation], [null, null]);
});

test('a failure in the background becomes the last error, with history and timeline', async (t) => {
  const { passthru, store, logged, node: create, free } = await start(t);
  const { uuid, id } = await create({ driver: 'acme' });
  assert.equal((await passthru(`/v1/nodes/${uuid}`, 'broken', { [secret]: secret })).status, 202);
  const node = await free(uuid);
  assert.match(node.last_error ?? '', /The vendor method "broken" of node .* failed: the fan is gone/);
  assert.equal(node.boot_mode, 'uefi', 'what it learned before is kept');
  const history = await store.read.selectFrom('node_history').selectAll().where('node_id', '=', id).execute();
  assert.deepEqual(
    history.map(({ event_type, severity, user, event }) => [event_type, severity, user, event]),
    [['vendor passthru', 'ERROR', 'tester', node.last_error]],
  );
  const timeline = await store.read.selectFrom('timeline').selectAll().where('node_id', '=', id).execute();
  assert.deepEqual(
    timeline.map(({ kind, message }) => [kind, message]),
    [
      ['vendor', 'The vendor method "broken" was called.'],
      ['failure', node.last_error],
    ],
  );
  assert.ok(logged.includes('A vendor method failed.'));
});

test('nothing of a body is stored or logged', async (t) => {
  const { passthru, conductor, logged, directory, node: create, free } = await start(t);
  const { uuid } = await create({ driver: 'acme' });
  for (const method of ['echo', 'broken', 'broken_sync', 'broken_beside', 'no_such_method']) {
    await free(uuid);
    await passthru(`/v1/nodes/${uuid}`, method, { password: secret });
  }
  await free(uuid);
  await conductor.stop();
  for (const file of ['wrought.db', 'wrought.db-wal']) {
    assert.ok(!readFileSync(join(directory, file), 'latin1').includes(secret), file);
  }
  assert.doesNotMatch(JSON.stringify(logged), new RegExp(secret));
});

test('a held node refuses what needs it alone, and takes what does not', async (t) => {
  const { passthru, wait, store, node: create, free } = await start(t);
  const { uuid, id } = await create({ driver: 'acme' });
  assert.equal((await passthru(`/v1/nodes/${uuid}`, 'slow')).status, 202);
  assert.equal((await getNode(store.read, uuid)).reserved_for, 'vendor method slow');
  for (const method of ['slow', 'echo']) {
    const refused = await passthru(`/v1/nodes/${uuid}`, method);
    assert.equal(refused.status, 409, method);
    assert.match(refused.message, /"vendor method slow"/);
    assert.equal(refused.headers.get('retry-after'), '1');
  }
  assert.equal((await passthru(`/v1/nodes/${uuid}`, 'broken_beside')).status, 202);
  const failures = () =>
    store.read
      .selectFrom('timeline')
      .select('message')
      .where('node_id', '=', id)
      .where('kind', '=', 'failure')
      .execute();
  while ((await failures()).length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal((await getNode(store.read, uuid)).last_error, null, 'the last error belongs to who holds the node');
  wait.open();
  assert.equal((await free(uuid)).last_error, null);
  assert.equal((await passthru(`/v1/nodes/${uuid}`, 'broken_beside')).status, 202);
  while ((await getNode(store.read, uuid)).last_error === null) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
});

test('a node that somebody else reserved is locked for both manners of exclusive methods', async (t) => {
  const { passthru, store, node: create } = await start(t);
  const node = await create();
  await store.transaction((trx) => updateNode(trx, node, { reservation: 'other', reserved_for: 'work' }));
  const owner = `/v1/nodes/${node.uuid}`;
  assert.equal((await passthru(owner, 'third_method_sync', { bar: 'meow' })).status, 409);
  assert.equal((await passthru(owner, 'second_method', { bar: 'kazoo' })).status, 409);
  assert.equal((await passthru(owner, 'fourth_method_shared_lock', { bar: 'woof' })).status, 202);
});

test('calls in the background are bounded', async (t) => {
  const { passthru, wait, node: create } = await start(t, ['conductor.workers_pool_size=3']);
  const nodes = await Promise.all(Array.from({ length: 4 }, () => create({ driver: 'acme' })));
  const statuses: number[] = [];
  for (const { uuid } of nodes) {
    statuses.push((await passthru(`/v1/nodes/${uuid}`, 'slow')).status);
  }
  assert.deepEqual(statuses, [202, 202, 202, 503]);
  wait.open();
});

test('a stop does not wait for ever, and a restart frees the node', async (t) => {
  const {
    passthru,
    conductor,
    restart,
    store,
    node: create,
  } = await start(t, ['conductor.graceful_shutdown_timeout=0']);
  const { uuid } = await create({ driver: 'acme' });
  assert.equal((await passthru(`/v1/nodes/${uuid}`, 'slow')).status, 202);
  await conductor.stop();
  assert.equal((await getNode(store.read, uuid)).reserved_for, 'vendor method slow');
  const next = await restart();
  assert.equal((await getNode(next.store.read, uuid)).reservation, null);
});

test('methods of a hardware type are those of its default vendor interface', async (t) => {
  const { api, passthru, wait } = await start(t);
  const list = (driver: string) => api.request('GET', `/v1/drivers/${driver}/vendor_passthru/methods`);
  assert.deepEqual((await list('fake-hardware')).json, {});
  assert.deepEqual((await list('acme')).json, {
    count: {
      http_methods: ['GET', 'POST'],
      async: false,
      description: 'Counts the members of the body.',
      attach: false,
    },
    wait: { http_methods: ['POST'], async: true, description: 'Waits.', attach: false },
  });
  assert.equal((await list('nope')).status, 404);
  const counted = await passthru('/v1/drivers/acme', 'count', { a: 1, b: 2 });
  assert.deepEqual([counted.status, counted.json], [200, { members: 2 }]);
  const byArgument = await api.request('GET', '/v1/drivers/acme/vendor_passthru?method=count');
  assert.deepEqual([byArgument.status, byArgument.json], [200, { members: 0 }]);
  const waiting = await passthru('/v1/drivers/acme', 'wait');
  assert.deepEqual([waiting.status, waiting.text], [202, '']);
  wait.open();
  for (const [driver, method, status] of [
    ['fake-hardware', 'x', 400],
    ['nope', 'x', 404],
  ] as const) {
    assert.equal((await passthru(`/v1/drivers/${driver}`, method, {})).status, status);
  }
  for (const method of ['GET', 'POST']) {
    assert.equal((await api.request(method, '/v1/drivers/acme/vendor_passthru')).status, 400);
  }
  assert.equal((await passthru('/v1/drivers/acme', 'count', {}, 'PUT')).status, 400);
});

test('size and depth of a body have their limits', async (t) => {
  const { api, node: create } = await start(t, ['api.max_json_body_size=4', 'api.max_json_body_depth=10']);
  const { uuid } = await create({ driver: 'acme' });
  const path = `/v1/nodes/${uuid}/vendor_passthru/echo`;
  assert.equal((await api.request('POST', path, { body: { long: 'x'.repeat(5_000) } })).status, 413);
  const rawBody = `{"a":${'['.repeat(20)}${']'.repeat(20)}}`;
  assert.equal((await api.request('POST', path, { rawBody })).status, 400);
  assert.equal((await api.request('POST', path, { rawBody: '{' })).status, 400);
});

test('the real client lists and calls vendor methods', async (t) => {
  const { api, wait, node: create, free } = await start(t);
  const { uuid } = await create({ name: 'n1' });
  await create({ name: 'a1', driver: 'acme' });
  const baremetal = (...args: string[]) =>
    promisify(execFile)('baremetal', ['--os-auth-type', 'none', '--os-endpoint', api.base, ...args]);
  const listed = await baremetal('node', 'passthru', 'list', 'n1', '-f', 'json');
  const names = JSON.parse(listed.stdout).map((row: Record<string, unknown>) => [row.Name, row.Async]);
  assert.deepEqual(names.sort(), [
    ['fourth_method_shared_lock', true],
    ['second_method', true],
    ['third_method_sync', false],
  ]);
  await baremetal('node', 'passthru', 'call', 'n1', 'second_method', '--arg', 'bar=kazoo');
  await free(uuid);
  const echo = await baremetal('node', 'passthru', 'call', 'a1', 'echo', '--http-method', 'PATCH', '--arg', 'a=b');
  assert.match(echo.stdout, /PATCH.*'a': 'b'/s);
  const ofType = await baremetal('driver', 'passthru', 'list', 'acme', '-f', 'json');
  assert.deepEqual(
    JSON.parse(ofType.stdout)
      .map((row: Record<string, unknown>) => row.Name)
      .sort(),
    ['count', 'wait'],
  );
  wait.open();
  await baremetal('driver', 'passthru', 'call', 'acme', 'wait');
});
