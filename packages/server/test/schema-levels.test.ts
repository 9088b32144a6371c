// Migrations only add: what programs of every earlier level write still fits, and the newest code reads it; removals are refused early.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { releaseLease, renewLease, takeLease } from '../src/store/conductor-lease.ts';
import { listConductorRows } from '../src/store/conductors.ts';
import { type Connections, connect, type Database } from '../src/store/connections.ts';
import { migrations } from '../src/store/migrations/index.ts';
import { getNode, insertNode } from '../src/store/nodes.ts';
import { findRun, insertRun } from '../src/store/runs.ts';
import { migrateSchema, readSchema } from '../src/store/schema.ts';
import { levelOf, neededLevel, programLevel } from '../src/store/schema-level.ts';
import { newDatabase, testOnBoth } from './support/databases.ts';

const names = Object.keys(migrations);
const page = { sortKey: 'id', descending: false, limit: 100 };

async function emptyDatabase(t: TestContext): Promise<Connections> {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-schema-'));
  const connections = await connect(await newDatabase(t, directory));
  t.after(async () => {
    await connections.write.destroy();
    await rm(directory, { recursive: true, force: true });
  });
  return connections;
}

async function migrateTo(db: Database, name: string): Promise<void> {
  const provider = { getMigrations: async () => ({ ...migrations }) };
  const { error } = await new Migrator({ db: db as unknown as Kysely<unknown>, provider }).migrateTo(name);
  assert.equal(error, undefined);
}

/** The columns of every table, with a value for each that its type takes. */
async function tablesWithValues(db: Database): Promise<Map<string, Record<string, string | number>>> {
  const tables = await db.introspection.getTables();
  return new Map(
    tables.map(({ name, columns }) => [
      name,
      Object.fromEntries(
        columns
          .filter((column) => column.name !== 'id')
          .map((column) => [column.name, /int/i.test(column.dataType) ? 1 : `${column.name} of before`]),
      ),
    ]),
  );
}

async function insert(db: Database, table: string, values: Readonly<Record<string, unknown>>): Promise<void> {
  const columns = sql.join(Object.keys(values).map((column) => sql.ref(column)));
  await sql`insert into ${sql.table(table)} (${columns}) values (${sql.join(Object.values(values))})`.execute(db);
}

testOnBoth('rows in the shape of every earlier level can still be written', async (t) => {
  const oldest = Math.max(1, ...names.map(neededLevel));
  for (const name of names.filter((each) => levelOf(each) >= oldest)) {
    const { write } = await emptyDatabase(t);
    await migrateTo(write, name);
    const shape = await tablesWithValues(write);
    await migrateSchema({ name: 'test', write, openRead: () => write });
    for (const [table, values] of shape) {
      await insert(write, table, values);
      const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(table)}`.execute(write);
      assert.deepEqual({ ...rows[0], ...values }, rows[0], `${table} at the level of ${name}`);
    }
  }
});

testOnBoth('the newest code reads what a program of the level before wrote', async (t) => {
  const { write } = await emptyDatabase(t);
  await migrateTo(write, names.at(-2) ?? '');
  const before = await tablesWithValues(write);
  await migrateSchema({ name: 'test', write, openRead: () => write });
  const epoch = await takeLease(write, {
    hostname: 'newer',
    conductor_group: '',
    drivers: ['ipmi'],
    internal_url: null,
    durationSeconds: 60,
  });
  const node = await insertNode(write, { uuid: randomUUID(), driver: 'ipmi', provision_state: 'available' });
  const run = await insertRun(write, {
    uuid: randomUUID(),
    node_id: node.id,
    flow: 'deploy',
    lane: 'provision',
    conductor: 'newer',
    epoch: 1,
    arguments: {},
    plan: [],
    phase: 'prepare',
    limit_class: null,
    request_id: null,
    requested_by: null,
    requested_by_project: null,
  });

  /** Writes the row again, under another name, with the columns that the level before knew. */
  const copyInOldShape = async (table: 'conductors' | 'nodes' | 'runs', changes: Record<string, unknown>) => {
    const row: Record<string, unknown> = await write
      .selectFrom(table)
      .selectAll()
      .orderBy('id')
      .executeTakeFirstOrThrow();
    const columns = Object.keys(before.get(table) ?? {});
    await insert(write, table, { ...Object.fromEntries(columns.map((column) => [column, row[column]])), ...changes });
  };
  const older = randomUUID();
  await copyInOldShape('nodes', { uuid: older });
  const olderNode = await getNode(write, older);
  assert.deepEqual({ ...olderNode, id: node.id, uuid: node.uuid }, node);
  await copyInOldShape('runs', { uuid: randomUUID(), node_id: olderNode.id });
  const olderRun = await findRun(write, run.id + 1);
  assert.deepEqual({ ...olderRun, id: run.id, uuid: run.uuid, node_id: node.id }, run);
  await copyInOldShape('conductors', { hostname: 'older' });
  assert.deepEqual(
    (await listConductorRows(write, page)).map(({ hostname }) => hostname),
    ['newer', 'older'],
  );
  assert.equal(await renewLease(write, 'older', epoch, 60), true);
});

const adds: Migration = { up: (db) => db.schema.alterTable('chassis').addColumn('color', 'text').execute() };
const removes: Migration = { up: (db) => db.schema.alterTable('chassis').dropColumn('extra').execute() };
const level = (offset: number) => String(programLevel() + offset).padStart(4, '0');

testOnBoth('a program works with a database to which a newer one has added', async (t) => {
  const connections = await emptyDatabase(t);
  await migrateSchema(connections, { ...migrations, [`${level(1)}-color`]: adds });
  assert.deepEqual(await migrateSchema(connections), []);
  const state = await readSchema(connections.write);
  assert.deepEqual([state.level, state.pending, state.unknown], [programLevel() + 1, [], [`${level(1)}-color`]]);
});

testOnBoth('a removal waits for programs that still use what goes, and refuses them later', async (t) => {
  const connections = await emptyDatabase(t);
  await migrateSchema(connections);
  const removal = `${level(2)}-remove-extra-after-${level(1)}`;
  const newer = { ...migrations, [`${level(1)}-color`]: adds, [removal]: removes };
  const lease = { conductor_group: '', drivers: [], internal_url: null, durationSeconds: 60 };
  const epoch = await takeLease(connections.write, { ...lease, hostname: 'rack-1' });
  await assert.rejects(
    migrateSchema(connections, newer),
    /while rack-1 runs a program of a schema level below \d+, which uses/,
  );
  assert.equal((await readSchema(connections.write)).level, programLevel(), 'nothing was applied');

  await releaseLease(connections.write, 'rack-1', epoch);
  assert.deepEqual(await migrateSchema(connections, newer), [`${level(1)}-color`, removal]);
  await assert.rejects(
    migrateSchema(connections),
    /was changed by a newer program .*Install a program of schema level/,
  );
});
