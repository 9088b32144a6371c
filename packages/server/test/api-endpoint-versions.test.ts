// Every endpoint of the contract right below its version and at it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startApi, type TestApi } from './api-fixture/server.ts';
import { endpoints } from './support/endpoints.ts';

const NODE = '0000000a-0000-4000-8000-000000000001';

let api: TestApi;
before(async () => {
  api = await startApi();
  const node = { driver: 'fake-hardware', uuid: NODE };
  assert.equal((await api.request('POST', '/v1/nodes', { body: node })).status, 201);
});
after(() => api.close());

const pathOf = (path: string) =>
  path.replace(/\{(\w+)\}/g, (_, name: string) =>
    name === 'node_ident' ? NODE : name === 'driver_name' ? 'fake-hardware' : 'x',
  );

/** Asks for an endpoint without a body, so that it does nothing. */
const ask = (method: string, path: string, minor: number) =>
  api.request(method, pathOf(path), { version: `1.${minor}`, ...(method === 'GET' ? {} : { body: {} }) });

/** The framework's answers to what does not exist have a title and no faultcode. */
const isUnknown = ({ status, json }: Awaited<ReturnType<typeof ask>>) =>
  (status === 404 || status === 405) && JSON.parse(json?.error_message ?? '{}').faultcode === undefined;

test('every endpoint exists from its version on', async () => {
  for (const [method, path, since] of endpoints) {
    const answer = await ask(method, path, Math.max(since, 1));
    assert.ok(!isUnknown(answer), `${method} ${path} in 1.${since}: ${answer.status} ${answer.text}`);
    assert.ok(answer.status !== 406, `${method} ${path} in 1.${since}: ${answer.text}`);
  }
});

test('older clients are told that it does not exist, each in the way that clients know', async () => {
  for (const [method, path, since, tooOld] of endpoints) {
    if (tooOld !== null) {
      const answer = await ask(method, path, since - 1);
      assert.equal(answer.status, tooOld, `${method} ${path} in 1.${since - 1}: ${answer.text}`);
    }
  }
});
