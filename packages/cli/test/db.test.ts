// Tests `wrought db` on a SQLite file: what each command says, and how it refuses.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { wrought } from './fake-api.ts';

function inFolder(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-db-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return { folder, db: (...args: string[]) => wrought(['--data-dir', folder, 'db', ...args]) };
}

test('a database is made, looked at, backed up, restored and copied', async (context) => {
  const { folder, db } = inFolder(context);
  const missing = await db('status');
  assert.match(missing.out, /^exists +no; the first start makes it$/m);
  assert.equal(existsSync(join(folder, 'wrought.db')), false);

  const upgraded = await db('upgrade');
  assert.match(upgraded.out, /^applied 0001-foundation$/m);
  assert.match((await db('upgrade')).out, /^nothing to do: .*wrought\.db has schema level \d+\n$/);
  const status = JSON.parse((await db('status', '--format', 'json')).out);
  assert.deepEqual([status.kind, status.exists, status.pending_migrations], ['sqlite', true, []]);
  assert.equal(status.schema_level, status.program_level);
  assert.ok(status.size_bytes > 0);

  const file = join(folder, 'backup.db');
  assert.match((await db('backup', file)).out, /^backed up .*wrought\.db to .*backup\.db \(\d+ bytes\)\n$/);
  const again = await db('backup', file);
  assert.deepEqual([again.exitCode, again.err], [1, `wrought: ${file} exists; name a new file.\n`]);
  assert.match(
    (await db('restore', file)).out,
    /^restored .*\nthe database from before is .*wrought\.db\.replaced-\d+T\d+Z\n$/,
  );
  const copied = await db('copy', '--from', `sqlite:${file}`, '--to', `sqlite:${join(folder, 'copy.db')}`);
  assert.match(copied.out, /^copied and verified 0 rows in \d+ tables$/m);
  assert.match(copied.err, /^copied nodes: 0 rows$/m);
});

test('what is no database of this kind is refused', async (context) => {
  const { folder, db } = inFolder(context);
  assert.equal((await db('copy', '--from', 'mysql://x', '--to', 'sqlite:x')).exitCode, 2);
  const url = 'database.url=postgres://wrought:secret@127.0.0.1:1/wrought';
  const backup = await db('backup', join(folder, 'x'), '--set', url);
  assert.deepEqual([backup.exitCode, /use pg_dump/.test(backup.err)], [1, true]);
  const unreachable = await db('status', '--set', url);
  assert.equal(unreachable.exitCode, 1);
  assert.match(
    unreachable.err,
    /The database 127\.0\.0\.1:1\/wrought can not be used at the moment: connect ECONNREFUSED/,
  );
  assert.doesNotMatch(unreachable.err, /secret/);
});
