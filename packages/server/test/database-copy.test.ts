// Moving an installation between SQLite and PostgreSQL: everything arrives, and unfinished work goes on.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { sql } from 'kysely';
import { loadConfig } from '../src/config/index.ts';
import { lockDataDirectory } from '../src/data-lock.ts';
import { copyDatabase } from '../src/database/copy.ts';
import { digestTable, lastKey } from '../src/database/rows.ts';
import { schemaShape } from '../src/database/shape.ts';
import { done } from '../src/drivers/kit/index.ts';
import { startServer } from '../src/main.ts';
import { chassisTable } from '../src/store/chassis.ts';
import { takeLease } from '../src/store/conductor-lease.ts';
import { connect, type Database } from '../src/store/connections.ts';
import { openStore, type Store } from '../src/store/store.ts';
import { requester, startConductor } from './support/conductor.ts';
import { fillUp } from './support/many-rows.ts';
import { newPostgresDatabase } from './support/postgres.ts';
import { deployStep, gate, scripted, scriptedDriver } from './support/scripted-driver.ts';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-copy-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function inStore<T>(location: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(location);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Digest and last key of every table. */
async function contentOf(location: string): Promise<Record<string, unknown>> {
  const { write } = await connect(location);
  const content: Record<string, unknown> = {};
  for (const table of await schemaShape()) {
    content[table.name] = { ...(await digestTable(write, table)), lastKey: await lastKey(write, table) };
  }
  await write.destroy();
  return content;
}

const insertChassis = (store: Store, description = '') =>
  store.transaction((trx) => chassisTable.insert(trx, { uuid: randomUUID(), description, extra: {} }));

/** A row in each table, whatever it means. */
async function fillEveryTable(db: Database): Promise<void> {
  for (const { name, columns } of await schemaShape()) {
    const values = columns.slice(1).map((column) => (column === 'name' ? `"quoted" ${name} – ünïcode\n` : 7));
    await sql`insert into ${sql.table(name)} (${sql.join(columns.slice(1).map((column) => sql.ref(column)))})
      values (${sql.join(values)})`.execute(db);
  }
}

test('a round trip through PostgreSQL ends with the same content, and new rows get new keys', async (t) => {
  const folder = folderOf(t);
  const [first, last] = [join(folder, 'first.db'), join(folder, 'last.db')];
  await inStore(first, async (store) => {
    await fillUp(store, 0, 700);
    await store.transaction(async (trx) => {
      await fillEveryTable(trx);
      // The newest row is gone: its key must not be given again.
      await trx.deleteFrom('chassis').where('id', '>', 650).execute();
    });
  });
  const before = await contentOf(first);
  assert.ok(Object.values(before).every((table) => (table as { rows: number }).rows > 0));

  const url = await newPostgresDatabase();
  const { tables, migrated } = await copyDatabase({ from: first, to: url });
  assert.deepEqual(migrated, []);
  assert.equal(tables.find(({ table }) => table === 'nodes')?.rows, (before.nodes as { rows: number }).rows);
  assert.deepEqual(await contentOf(url), before);
  await copyDatabase({ from: url, to: last });
  assert.deepEqual(await contentOf(last), before);

  for (const location of [url, last]) {
    const row = await inStore(location, (store) => insertChassis(store));
    assert.equal(row.id, (before.chassis as { lastKey: number }).lastKey + 1);
  }
});

test('work that was under way goes on where the copy is', async (t) => {
  const cut = gate();
  let isFirst = true;
  const ran: string[] = [];
  const driver = scriptedDriver({
    steps: [
      deployStep('work', 80, async () => {
        ran.push('work');
        if (isFirst) {
          await cut.pass();
        }
        return done();
      }),
    ],
  });
  const file = join(folderOf(t), 'wrought.db');
  const options = scripted(driver);
  const before = await startConductor(t, { ...options, database: file });
  const { uuid } = await before.node({ driver: 'scripted', provision_state: 'available' });
  const node = await before.untilState(uuid, 'available');
  await before.conductor.doors.start.provision({ node, verb: 'active', requester });
  await cut.reached;
  isFirst = false;
  await before.stop();

  const url = await newPostgresDatabase();
  await copyDatabase({ from: file, to: url });
  const after = await startConductor(t, { ...options, database: url });
  const active = await after.untilState(uuid, 'active');
  assert.equal(active.last_error, null);
  assert.deepEqual(ran, ['work', 'work']);
});

test('what must not be copied is refused, and the target stays as it was', async (t) => {
  const folder = folderOf(t);
  const from = join(folder, 'wrought.db');
  const to = join(folder, 'target.db');
  await assert.rejects(copyDatabase({ from, to }), /There is no database .* to copy/);
  await inStore(from, insertChassis);
  await assert.rejects(copyDatabase({ from, to: from }), /can not be copied to itself/);

  const lock = lockDataDirectory(folder);
  await assert.rejects(copyDatabase({ from, to }), /is in use by another server/);
  lock.release();

  const filled = await newPostgresDatabase();
  await inStore(filled, insertChassis);
  const content = await contentOf(filled);
  await assert.rejects(copyDatabase({ from, to: filled }), /is not empty: its table "chassis" has rows/);
  assert.deepEqual(await contentOf(filled), content);

  await inStore(filled, (store) =>
    store.transaction((trx) =>
      takeLease(trx, { hostname: 'rack-1', conductor_group: '', drivers: [], internal_url: null, durationSeconds: 60 }),
    ),
  );
  await assert.rejects(copyDatabase({ from: filled, to }), /is in use by rack-1\. Stop the servers first/);

  const empty = await newPostgresDatabase();
  await assert.rejects(copyDatabase({ from: empty, to }), /holds nothing of this program/);

  await inStore(from, async (store) => {
    await store.transaction((trx) =>
      sql`insert into kysely_migration (name, timestamp) values ('9999-more', '2030-01-01T00:00:00.000Z')`.execute(trx),
    );
  });
  await assert.rejects(copyDatabase({ from, to }), /was made by a newer program \(9999-more\)/);
  assert.equal(existsSync(to), false);
});

test('a process that is only an API is seen, and has to be stopped', async (t) => {
  const folder = folderOf(t);
  const url = await newPostgresDatabase();
  const set = [`database.url=${url}`, 'api.listen=', 'log.level=silent', 'conductor.host=api-7'];
  const server = await startServer({ config: loadConfig({ dataDirectory: folderOf(t), set }), role: 'api' });
  let isRunning = true;
  t.after(() => (isRunning ? server.stop() : undefined));
  const to = join(folder, 'target.db');
  const refusal = /is in use by wrought api-7.*\. Stop the servers first, also those that are only an API/;
  await assert.rejects(copyDatabase({ from: url, to }), refusal);
  const from = join(folder, 'other.db');
  await inStore(from, insertChassis);
  await assert.rejects(copyDatabase({ from, to: url }), refusal);
  isRunning = false;
  await server.stop();
  assert.ok((await copyDatabase({ from: url, to })).tables.length > 0);
});

test('a copy that breaks off leaves the target empty', async (t) => {
  const from = join(folderOf(t), 'wrought.db');
  await inStore(from, async (store) => {
    await insertChassis(store);
    // An integer column of SQLite takes text, which PostgreSQL refuses in the last table.
    await store.transaction((trx) =>
      sql`insert into volume_targets (uuid, node_id, volume_type, boot_index, volume_id,
      properties, extra, created_at) values ('u', 'seven', '', 0, '', '', '', '')`.execute(trx),
    );
  });
  const to = await newPostgresDatabase();
  await assert.rejects(copyDatabase({ from, to }), /invalid input syntax for type bigint: "seven"/);
  const content = await contentOf(to);
  assert.deepEqual(new Set(Object.values(content).map((table) => (table as { rows: number }).rows)), new Set([0]));
});
