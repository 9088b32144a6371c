// Inspection rules over real HTTP: their conditions and actions are checked when they are written.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startApi, type TestApi } from './api-fixture/server.ts';

const action = { op: 'add-trait', args: { name: 'CUSTOM_A' } };
const condition = { op: 'eq', args: { values: ['{inventory[cpu][count]}', 4] } };

let api: TestApi;

before(async () => {
  api = await startApi();
});
after(() => api.close());
beforeEach(() => api.store.transaction((trx) => trx.deleteFrom('inspection_rules').execute()));

const create = (body: Record<string, unknown>, version = 'latest') =>
  api.request('POST', '/v1/inspection_rules', { body: { actions: [action], ...body }, version });

test('a rule lives from POST to DELETE', async () => {
  const body = { conditions: [condition], priority: 5, description: 'small ones' };
  const { status, json, headers } = await create(body);
  assert.equal(status, 201);
  const path = `/v1/inspection_rules/${json.uuid}`;
  assert.equal(headers.get('location'), api.base + path);
  assert.equal(json.links[0].href, `${api.base}/v1/inspection/${json.uuid}`);
  assert.deepEqual(
    [json.conditions, json.actions, json.priority, json.phase, json.sensitive],
    [[condition], [action], 5, 'main', false],
  );
  const changed = await api.request('PATCH', path, {
    body: [
      { op: 'remove', path: '/conditions' },
      { op: 'remove', path: '/priority' },
      { op: 'replace', path: '/actions/0/args/name', value: 'CUSTOM_B' },
    ],
  });
  assert.deepEqual(
    [changed.json.conditions, changed.json.priority, changed.json.actions[0].args.name],
    [[], 0, 'CUSTOM_B'],
  );
  const list = await api.request('GET', '/v1/inspection_rules?phase=main');
  assert.deepEqual(Object.keys(list.json.inspection_rules[0]), ['uuid', 'priority', 'phase', 'description', 'links']);
  assert.equal((await api.request('DELETE', path)).status, 204);
  assert.equal((await api.request('GET', path)).status, 404);
});

test('a sensitive rule hides what it holds, and stays sensitive', async () => {
  const { json } = await create({ sensitive: true, conditions: [condition] });
  assert.deepEqual([json.actions, json.conditions], [null, null]);
  const path = `/v1/inspection_rules/${json.uuid}`;
  const patch = (body: unknown) => api.request('PATCH', path, { body });
  assert.equal((await patch([{ op: 'replace', path: '/sensitive', value: false }])).status, 400);
  assert.equal((await patch([{ op: 'remove', path: '/sensitive' }])).status, 400);
  assert.equal((await patch([{ op: 'replace', path: '/priority', value: 7 }])).json.priority, 7);
});

test('what is wrong with a rule is refused', async () => {
  const { uuid } = (await create({})).json;
  const cases: readonly [Record<string, unknown>, number, string?][] = [
    [{ uuid }, 409],
    [{ actions: [] }, 400],
    [{ actions: undefined }, 400],
    [{ actions: [{ op: 'nope', args: {} }] }, 400],
    [{ actions: [{ op: 'add-trait' }] }, 400],
    [{ actions: [{ op: 'add-trait', args: {} }] }, 400],
    [{ actions: [{ op: 'add-trait', args: { name: 'x', foo: 1 } }] }, 400],
    [{ actions: [{ ...action, foo: 1 }] }, 400],
    [{ actions: [{ op: 'add-trait', args: ['CUSTOM_A'] }] }, 201],
    [{ actions: [{ op: 'add-trait', args: ['CUSTOM_A', 'CUSTOM_B'] }] }, 400],
    [{ actions: [{ op: 'set-attribute', args: { path: '/x', value: 1 }, loop: ['a'] }] }, 201],
    [{ conditions: [{ op: '!eq', args: { values: [1, 2] } }] }, 201],
    [{ conditions: [{ op: 'eq', args: { values: [1, 2], force_strings: true } }] }, 201],
    [{ conditions: [{ op: 'nope', args: {} }] }, 400],
    [{ conditions: [{ ...condition, multiple: 'some' }] }, 400],
    [{ conditions: [{ ...condition, loop: [1], multiple: 'all' }] }, 201],
    [{ conditions: [{ op: 'in-net', args: { address: 'x' } }] }, 400],
    [{ conditions: [{ op: 'eq', args: { values: 'x' } }] }, 400],
    [{ conditions: [{ op: 'matches', args: { value: 'x', regex: '(?=x)' } }] }, 400],
    [{ conditions: [{ op: 'contains', args: ['x', '['] }] }, 400],
    [{ conditions: [{ op: 'contains', args: { value: 'x', regex: 'a'.repeat(501) } }] }, 400],
    [{ actions: [{ op: 'log', args: { msg: 'x', level: 'loud' } }] }, 400],
    [{ actions: [{ op: 'log', args: { msg: 'x', level: '{item}' }, loop: ['info'] }] }, 201],
    [{ actions: [{ op: 'api-call', args: { url: 'http://[::1]/', timeout: 0 } }] }, 400],
    [{ actions: [{ op: 'api-call', args: { url: 'http://[::1]/', retries: 11 } }] }, 400],
    [{ actions: [{ op: 'set-attribute', args: { path: '', value: 1 } }] }, 400],
    [{ priority: -1 }, 400],
    [{ priority: 10_000 }, 400],
    [{ phase: 'early' }, 400],
    [{ foo: 1 }, 400],
    [{}, 405, '1.95'],
  ];
  for (const [body, expected, version] of cases) {
    const { status, text } = await create(body, version);
    assert.equal(status, expected, `${JSON.stringify(body)}: ${text}`);
  }
  const wrong = await create({ conditions: [condition, { op: 'matches', args: { value: 'x' } }] });
  assert.match(wrong.message, /conditions\[1\]\.args has the invalid value .*; allowed: the arguments value, regex/);
  const regex = await create({ conditions: [{ op: 'matches', args: { value: 'x', regex: '(?=x)' } }] });
  assert.match(regex.message, /the regular expression "\(\?=x\)" can not be used .*; allowed: the syntax of RE2/);
  for (const [method, path, status] of [
    ['GET', '/v1/inspection_rules/nope', 400],
    ['DELETE', '/v1/inspection_rules', 400],
    ['GET', '/v1/inspection_rules?sort_key=actions', 400],
  ] as const) {
    assert.equal((await api.request(method, path)).status, status, `${method} ${path}`);
  }
  assert.equal((await api.request('GET', '/v1/inspection_rules', { version: '1.95' })).status, 404);
});
