// Transactions that share a commit stay transactions: each is whole or leaves nothing, and none is answered before the commit.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { sql } from 'kysely';
import { openStore, type Store, type StoreTransaction } from '../src/store/store.ts';
import { newDatabase, newStore, testOnBoth } from './support/databases.ts';

async function openTestStore(t: TestContext): Promise<Store> {
  const store = await newStore(t);
  await store.transaction((trx) => sql`CREATE TABLE marks (mark TEXT PRIMARY KEY)`.execute(trx));
  return store;
}

const insert = (mark: string) => (trx: StoreTransaction) => sql`INSERT INTO marks VALUES (${mark})`.execute(trx);

async function marks(store: Store): Promise<string[]> {
  const { rows } = await sql<{ mark: string }>`SELECT mark FROM marks ORDER BY mark`.execute(store.read);
  return rows.map(({ mark }) => mark);
}

testOnBoth(
  'a transaction that throws leaves nothing behind and harms none of those it shares a commit with',
  async (t) => {
    const store = await openTestStore(t);
    const results = await Promise.allSettled([
      store.transaction(insert('a')),
      store.transaction(async (trx) => {
        await insert('b')(trx);
        throw new Error('changed its mind');
      }),
      store.transaction(insert('a')),
      store.transaction(insert('c')),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(await marks(store), ['a', 'c']);
  },
);

testOnBoth('what a transaction wrote can be read when it is answered', async (t) => {
  const store = await openTestStore(t);
  await Promise.all(
    Array.from({ length: 300 }, async (_, at) => {
      const mark = String(at).padStart(3, '0');
      await store.transaction(insert(mark));
      assert.ok((await marks(store)).includes(mark));
    }),
  );
  assert.equal((await marks(store)).length, 300);
});

testOnBoth('a commit that fails fails every transaction of its group, and the next group goes on', async (t) => {
  const store = await openTestStore(t);
  // A deferred foreign key is checked by the commit, not by the statement.
  await store.transaction((trx) =>
    sql`CREATE TABLE notes (mark TEXT REFERENCES marks (mark) DEFERRABLE INITIALLY DEFERRED)`.execute(trx),
  );
  const results = await Promise.allSettled([
    store.transaction(insert('a')),
    store.transaction((trx) => sql`INSERT INTO notes VALUES ('nowhere')`.execute(trx)),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  await store.transaction(insert('z'));
  assert.deepEqual(await marks(store), ['z']);
});

testOnBoth('closing waits for the transactions under way', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-test-'));
  const database = await newDatabase(t, directory);
  const store = await openStore(database);
  const write = store.transaction((trx) => sql`CREATE TABLE marks (mark TEXT)`.execute(trx));
  await store.close();
  await write;
  await rm(directory, { recursive: true });
});
