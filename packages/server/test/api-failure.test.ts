// What a client is told when the server itself fails.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isRegisteredError } from '@wrought/contract';
import { startApi, type TestApi } from './api-fixture/server.ts';

let api: TestApi;
const serverErrors: unknown[] = [];

before(async () => {
  api = await startApi({ errors: serverErrors });
});
after(() => api.close());

test('an unexpected failure is told without its inside, with the id to find it by', async () => {
  await api.store.transaction((trx) => trx.schema.dropTable('chassis').execute());
  const { status, message, json: body } = await api.request('GET', '/v1/chassis');
  assert.equal(status, 500);
  assert.equal(JSON.parse(body.error_message).faultcode, 'Server');
  assert.match(message, /request req-[0-9a-f-]+;/);
  const [logged] = serverErrors as { err: unknown }[];
  assert.ok(logged !== undefined && !isRegisteredError(logged.err));
});
