// Whatever a client sends, no route fails: every answer is below 500 (501 for verbs to come) and errors can be read twice.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isRegisteredError } from '@wrought/contract';
import fc from 'fast-check';
import { allRoutes } from '../src/api/app.ts';
import { startApi, type TestApi } from './api-fixture/server.ts';

const NODE = '0000000a-0000-4000-8000-000000000001';

let api: TestApi;
const serverErrors: unknown[] = [];

before(async () => {
  api = await startApi({ errors: serverErrors });
  for (const [path, body] of [
    ['nodes', { driver: 'fake-hardware', uuid: NODE }],
    ['ports', { node_uuid: NODE, address: '52:54:00:00:00:01' }],
    ['chassis', {}],
  ] as const) {
    assert.equal((await api.request('POST', `/v1/${path}`, { body })).status, 201);
  }
});
after(() => api.close());

const routes = allRoutes({
  config: () => {
    throw new Error('Listing the routes reads no configuration.');
  },
  // The list of routes is data; nothing of these is used to make it.
  store: {} as never,
  doors: { call: {}, start: {}, signal: {} } as never,
  log: { debug: () => {}, error: () => {} },
});

const words = [
  ...['name', 'driver', 'extra', 'target', 'value', 'op', 'path', 'add', '/extra', '/name', 'fake-hardware', 'active'],
  ...['uuid', 'traits', 'steps', 'id', 'reason', NODE, '__proto__', 'constructor', 'configdrive', 'network_data'],
];
const word = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 8 }));
const json = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    word,
    fc.integer(),
    fc.constantFrom(null, true, 1.5, -1),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(word, tie('any'), { maxKeys: 4 }),
  ),
})).any;
const operations = fc.array(
  fc.record({
    op: fc.constantFrom('add', 'replace', 'remove'),
    path: fc.constantFrom(
      '/extra',
      '/extra/a',
      '/name',
      '/driver_info/a/b',
      '/properties/cpus',
      '/local_link_connection',
      '/instance_uuid',
      '/network_data',
    ),
    value: json,
  }),
  { maxLength: 3 },
);

test('random bodies and arguments', async () => {
  const property = fc.asyncProperty(
    fc.constantFrom(...routes),
    fc.oneof(json, operations),
    fc.array(word, { minLength: 3, maxLength: 3 }),
    fc.dictionary(fc.constantFrom('limit', 'marker', 'sort_key', 'fields', 'detail', 'shard', 'foo', 'node'), word, {
      maxKeys: 2,
    }),
    fc.integer({ min: 1, max: 115 }),
    async (route, body, idents, query, minor) => {
      let next = 0;
      const path = route.path.replace(/:(\w+)/g, (_, name: string) => {
        const ident = idents[next++] ?? 'x';
        return name === 'node' && ident.length % 2 === 0 ? NODE : encodeURIComponent(ident.replaceAll('.', '-') || 'x');
      });
      const { method } = route;
      // Deleting would leave nothing to look at.
      if (method === 'DELETE' && path.endsWith(NODE)) {
        return;
      }
      const search = new URLSearchParams(query).toString();
      const options = { version: `1.${minor}`, ...(method === 'GET' ? {} : { body }) };
      const answer = await api.request(method, search === '' ? path : `${path}?${search}`, options);
      assert.ok(
        answer.status < 500 || answer.status === 501,
        `${method} ${path} ${JSON.stringify(body)}: ${answer.text}`,
      );
      if (answer.status >= 400) {
        assert.notEqual(answer.message, '', `${method} ${path}: ${answer.text}`);
      }
    },
  );
  await fc.assert(property, { numRuns: 300 });
  assert.deepEqual(serverErrors, []);
});

test('an unexpected failure is told without its inside, with the id to find it by', async () => {
  await api.store.transaction((trx) => trx.schema.dropTable('chassis').execute());
  const { status, message, json: body } = await api.request('GET', '/v1/chassis');
  assert.equal(status, 500);
  assert.equal(JSON.parse(body.error_message).faultcode, 'Server');
  assert.match(message, /request req-[0-9a-f-]+;/);
  const [logged] = serverErrors as { err: unknown }[];
  assert.ok(logged !== undefined && !isRegisteredError(logged.err));
});
