// What only PostgreSQL has: other processes that write at the same time, and a server that goes away and comes back.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { isRegisteredError } from '@wrought/contract';
import { sql } from 'kysely';
import { Client } from 'pg';
import { openStore, type Store } from '../src/store/store.ts';
import { newPostgresDatabase } from './support/postgres.ts';
import { startPostgres } from './support/postgres-server.ts';

async function open(t: TestContext, url: string): Promise<Store> {
  const store = await openStore(url);
  t.after(() => store.close());
  return store;
}

function assertTemporary(error: unknown): true {
  assert.ok(isRegisteredError(error, 'TemporaryFailure'), String(error));
  assert.equal(error.status, 503);
  assert.equal(error.retryAfterSeconds, 5);
  assert.match(error.message, /^The database .* can not be used at the moment: .+ Try again in a little while\.$/);
  return true;
}

test('processes that start together make the schema once', async (t) => {
  const url = await newPostgresDatabase();
  const stores = await Promise.all([open(t, url), open(t, url), open(t, url), open(t, url)]);
  for (const store of stores) {
    assert.deepEqual(await store.read.selectFrom('nodes').selectAll().execute(), []);
  }
});

test('a transaction sees what those before it wrote, whichever process they came from', async (t) => {
  const url = await newPostgresDatabase();
  const stores = [await open(t, url), await open(t, url)] as const;
  await stores[0].transaction((trx) => sql`create table counters (value bigint not null)`.execute(trx));
  await stores[0].transaction((trx) => sql`insert into counters values (0)`.execute(trx));
  const increment = (store: Store) =>
    store.transaction(async (trx) => {
      const { rows } = await sql<{ value: number }>`select value from counters`.execute(trx);
      await sql`update counters set value = ${(rows[0]?.value ?? 0) + 1}`.execute(trx);
    });
  await Promise.all(Array.from({ length: 200 }, (_, at) => increment(stores[at % 2 === 0 ? 0 : 1])));
  const { rows } = await sql<{ value: number }>`select value from counters`.execute(stores[0].read);
  assert.equal(rows[0]?.value, 200);
});

test('a process that stops in the middle of a transaction does not hold the others up for ever', async (t) => {
  const url = await newPostgresDatabase();
  const stalled = await open(t, `${url}&idle_in_transaction_session_timeout=300`);
  const other = await open(t, url);
  const begun = Promise.withResolvers<void>();
  const wakeUp = Promise.withResolvers<void>();
  const late = stalled.transaction(async (trx) => {
    await sql`select 1`.execute(trx);
    begun.resolve();
    await wakeUp.promise;
    await sql`select 1`.execute(trx);
  });
  await begun.promise;
  await other.transaction((trx) => sql`select 1`.execute(trx));
  wakeUp.resolve();
  await assert.rejects(late, assertTemporary);
  await stalled.transaction((trx) => sql`select 1`.execute(trx));
});

test('reading connections can not write', async (t) => {
  const store = await open(t, await newPostgresDatabase());
  await assert.rejects(sql`create table nothing (id bigint)`.execute(store.read), /read-only transaction/);
});

test('a server that is gone is a temporary failure, and is used again when it is back', async (t) => {
  const server = await startPostgres();
  t.after(() => server.remove());
  const store = await open(t, await server.createDatabase());
  const read = () => store.read.selectFrom('chassis').selectAll().execute();
  const write = () => store.transaction((trx) => trx.deleteFrom('chassis').execute());
  await Promise.all([read(), read(), write()]);
  await server.kill();
  await assert.rejects(read(), assertTemporary);
  await assert.rejects(write(), assertTemporary);
  await server.start();
  assert.deepEqual(await read(), []);
  await write();
  const cut = store.transaction(async (trx) => {
    await server.kill();
    await trx.deleteFrom('chassis').execute();
  });
  await assert.rejects(cut, assertTemporary);
  await server.start();
  await write();
});

test('a database that can not be used is named without its password', async () => {
  const unreachable = openStore('postgres://wrought:geheim@localhost/machines?host=/nonexistent');
  await assert.rejects(unreachable, (error: Error) => {
    assert.match(error.message, /^The database \/nonexistent\/machines can not be used at the moment: .*ENOENT/);
    assert.doesNotMatch(error.message, /geheim/);
    return true;
  });
  const url = await newPostgresDatabase();
  const missing = url.replace(/test_\w+/, 'missing');
  await assert.rejects(
    openStore(missing),
    /\/missing can not be used at the moment: database "missing" does not exist/,
  );
});

test('a database in another encoding is refused', async () => {
  const url = await newPostgresDatabase();
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("create database latin encoding 'LATIN1' locale 'C' template template0");
  await client.end();
  await assert.rejects(openStore(url.replace(/test_\w+/, 'latin')), /has the encoding LATIN1; create it anew/);
});
