// Ten thousand requests that make little sense: none fails the server, and none that is refused changes a row.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Resource, resources } from '@wrought/contract';
import fc from 'fast-check';
import { allRoutes } from '../src/api/app.ts';
import type { Route } from '../src/api/core/route.ts';
import { type RequestOptions, startApi, type TestApi } from './api-fixture/server.ts';
import { dataVersion } from './support/data-version.ts';

/** Tries of each of the four properties. */
const TRIES = 2_500;

const NODE = '0000000a-0000-4000-8000-000000000001';
const PORT = '0000000d-0000-4000-8000-000000000001';
const CHASSIS = '0000000c-0000-4000-8000-000000000001';

let api: TestApi;
let routes: readonly Route[];
let presentData: () => Promise<string>;
const serverErrors: unknown[] = [];

before(async () => {
  // Whoever asks for the stream of events gets an empty one.
  api = await startApi({ errors: serverErrors, stopping: AbortSignal.abort() });
  routes = allRoutes(api.services);
  presentData = await dataVersion(api.store.read);
  for (const [path, body] of [
    ['nodes', { driver: 'fake-hardware', uuid: NODE, name: 'n1' }],
    ['ports', { node_uuid: NODE, uuid: PORT, address: '52:54:00:00:00:01' }],
    ['chassis', { uuid: CHASSIS }],
  ] as const) {
    assert.equal((await api.request('POST', `/v1/${path}`, { body })).status, 201);
  }
});
after(() => api.close());

const fieldNames = [...new Set(resources.flatMap(({ fields }) => Object.keys(fields)))];
const idents = fc.constantFrom(
  NODE,
  NODE,
  'n1',
  PORT,
  CHASSIS,
  'fake-hardware',
  'x',
  'CUSTOM_X',
  'a b',
  '%00',
  '..',
  'é',
);
const word = fc.oneof(
  fc.constantFrom(
    ...fieldNames,
    'target',
    'value',
    'op',
    'path',
    'active',
    NODE,
    '__proto__',
    'constructor',
    'node',
    'id',
  ),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.integer(),
    fc.double(),
    fc.constantFrom(null, true, false, -1, 0, '', '1', 'true', 2 ** 53, {}, []),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(word, tie('any'), { maxKeys: 5 }),
  ),
})).any;

/** A body with the members of a resource and values of any kind. */
const bodyOf = ({ fields }: Resource) => fc.dictionary(fc.constantFrom(...Object.keys(fields)), value, { maxKeys: 6 });

const operation = fc.record(
  {
    op: fc.oneof({ weight: 8, arbitrary: fc.constantFrom('add', 'replace', 'remove') }, { weight: 1, arbitrary: word }),
    path: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...fieldNames).map((name) => `/${name}`) },
      {
        weight: 4,
        arbitrary: fc.tuple(fc.constantFrom(...fieldNames), word, word).map((parts) => `/${parts.join('/')}`),
      },
      { weight: 1, arbitrary: value },
    ),
    value,
  },
  { requiredKeys: ['op', 'path'] },
);

/** Sends a request and checks what holds whatever it says. */
async function send(method: string, path: string, options: RequestOptions): Promise<void> {
  const before = await presentData();
  const { status, text, message } = await api.request(method, path, options);
  const told = `${method} ${path} ${JSON.stringify(options)}: ${status} ${text}`;
  assert.ok(status < 500, told);
  if (status >= 400) {
    assert.ok(method === 'HEAD' || text.startsWith('{"error_message":') || text.startsWith('{"faultcode":'), told);
    assert.ok(method === 'HEAD' || text.startsWith('{"faultcode":') || message !== '', told);
    assert.equal(await presentData(), before, `a refused request changed a row: ${told}`);
  }
}

/** A path of the route with these idents in it, in turn. */
function pathWith(route: Route, names: readonly string[]): string {
  let next = 0;
  return route.path.replace(/:(\w+)/g, () => encodeURIComponent(names[next++ % names.length] ?? 'x'));
}

/** Deleting what the others look at would leave them nothing to do. */
const destroys = (route: Route, path: string) =>
  route.method === 'DELETE' && [NODE, 'n1', PORT, CHASSIS].some((ident) => path.endsWith(ident));

const anyRoute = fc.nat().map((number) => routes[number % routes.length] as Route);
const version = fc.integer({ min: 1, max: 115 }).map((minor) => `1.${minor}`);
const names = fc.array(idents, { minLength: 3, maxLength: 3 });

async function check<Values extends [unknown, ...unknown[]]>(property: fc.IAsyncProperty<Values>): Promise<void> {
  await fc.assert(property, { numRuns: TRIES });
  assert.deepEqual(serverErrors, []);
}

test('bodies of every kind', async () => {
  const body = fc.oneof(value, ...resources.map(bodyOf));
  await check(
    fc.asyncProperty(anyRoute, names, version, body, async (route, named, minor, sent) => {
      const path = pathWith(route, named);
      if (route.method !== 'GET' && !destroys(route, path)) {
        await send(route.method, path, { version: minor, body: sent });
      }
    }),
  );
});

test('patches of every kind', async () => {
  const patches = fc.oneof(
    { weight: 9, arbitrary: fc.array(operation, { maxLength: 4 }) },
    { weight: 1, arbitrary: value },
  );
  const targets = fc.constantFrom(`nodes/${NODE}`, 'nodes/n1', `ports/${PORT}`, `chassis/${CHASSIS}`);
  await check(
    fc.asyncProperty(targets, version, patches, (target, minor, body) =>
      send('PATCH', `/v1/${target}`, { version: minor, body }),
    ),
  );
});

test('arguments of every kind', async () => {
  const argument = fc.oneof(word, fc.constantFrom('1', '0', '-1', 'true', 'asc', 'uuid,name', NODE, ','));
  const known = fc.constantFrom(...new Set(['limit', 'marker', 'sort_key', 'sort_dir', 'fields', 'detail']));
  await check(
    fc.asyncProperty(
      anyRoute,
      names,
      version,
      fc.nat(),
      fc.array(fc.tuple(fc.oneof(known, word), argument), { maxLength: 3 }),
      argument,
      async (route, named, minor, pick, pairs, own) => {
        const path = pathWith(route, named);
        if (destroys(route, path)) {
          return;
        }
        const query = new URLSearchParams(pairs);
        const declared = route.query?.[pick % Math.max(route.query.length, 1)];
        if (declared !== undefined) {
          query.append(declared, own);
        }
        await send(route.method, `${path}?${query}`, {
          version: minor,
          ...(route.method === 'GET' ? {} : { body: {} }),
        });
      },
    ),
  );
});

test('headers and bytes of every kind', async () => {
  // What a header may hold by HTTP itself; anything else the client would not send.
  const text = fc.stringMatching(/^[\x21-\x7e]{0,20}$/);
  const headers = fc.record(
    {
      'X-OpenStack-Ironic-API-Version': fc.oneof(text, fc.constantFrom('latest', '1.0', '1.999', '2.1', '01.05')),
      'OpenStack-API-Version': fc.oneof(
        text,
        fc.constantFrom('baremetal 1.50', 'baremetal', 'compute 2.1, baremetal 1.9'),
      ),
      'Content-Type': fc.oneof(
        text,
        fc.constantFrom('application/json', 'text/plain', 'application/x-www-form-urlencoded'),
      ),
      Accept: fc.oneof(text, fc.constantFrom('*/*', 'text/html', 'application/json')),
      Authorization: text,
      'X-Auth-Token': text,
      Origin: text,
    },
    { requiredKeys: [] },
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .constantFrom('{', '[[[[', '{"a":', 'null', '"', '{"target":"active"}')
      .map((each) => new TextEncoder().encode(each)),
  );
  await check(
    fc.asyncProperty(anyRoute, names, headers, bytes, async (route, named, sent, body) => {
      const path = pathWith(route, named);
      if (!destroys(route, path)) {
        const given = Object.fromEntries(Object.entries(sent).filter(([, each]) => each !== ''));
        await send(route.method, path, {
          version: null,
          headers: given as Record<string, string>,
          ...(route.method === 'GET' ? {} : { rawBody: body }),
        });
      }
    }),
  );
});
