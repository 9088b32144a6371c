// What the dialect of SQLite adds to node:sqlite: rows as objects, of the columns that a table has now.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CompiledQuery, Kysely } from 'kysely';
import { openSqlite, sqliteDialect } from '../src/store/dialect/sqlite.ts';

test('rows are objects by column, with names of every kind', async () => {
  await using db = new Kysely<unknown>({ dialect: sqliteDialect(openSqlite(':memory:')) });
  const { rows } = await db.executeQuery(CompiledQuery.raw(`select 1 as "a", null as "b c", 'x' as "it's; \\"`));
  assert.deepEqual(rows, [{ a: 1, 'b c': null, "it's; \\": 'x' }]);
});

test('a statement that was prepared before a column came reads it, too', async () => {
  await using db = new Kysely<unknown>({ dialect: sqliteDialect(openSqlite(':memory:')) });
  const run = (sql: string) => db.executeQuery(CompiledQuery.raw(sql)).then(({ rows }) => rows);
  await run('create table things (id integer primary key, name text)');
  await run(`insert into things (name) values ('one')`);
  assert.deepEqual(await run('select * from things'), [{ id: 1, name: 'one' }]);
  await run(`alter table things add column colour text default 'red'`);
  assert.deepEqual(await run('select * from things'), [{ id: 1, name: 'one', colour: 'red' }]);
});
