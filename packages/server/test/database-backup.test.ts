// Backups of the embedded database while it is written to, and what restoring checks before it exchanges the files.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../src/config/index.ts';
import { lockDataDirectory } from '../src/data-lock.ts';
import { backupDatabase } from '../src/database/backup.ts';
import { restoreDatabase } from '../src/database/restore.ts';
import { databaseStatus } from '../src/database/status.ts';
import { chassisTable } from '../src/store/chassis.ts';
import { insertNode } from '../src/store/nodes.ts';
import { insertRun } from '../src/store/runs.ts';
import { openStore, type Store } from '../src/store/store.ts';

const restoreProgram = fileURLToPath(new URL('./support/restore-child.ts', import.meta.url));

function folderOf(t: TestContext): { dataDirectory: string; path: string; file: string } {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'wrought-backup-'));
  t.after(() => rmSync(dataDirectory, { recursive: true, force: true }));
  return { dataDirectory, path: join(dataDirectory, 'wrought.db'), file: join(dataDirectory, 'backup.db') };
}

async function open(t: TestContext, path: string): Promise<Store> {
  const store = await openStore(path);
  t.after(() => store.close());
  return store;
}

/** Two rows in one transaction: whoever sees one sees the other. */
async function insertPair(store: Store): Promise<void> {
  await store.transaction(async (trx) => {
    for (const description of ['left', 'right']) {
      await chassisTable.insert(trx, { uuid: randomUUID(), description, extra: { text: 'x'.repeat(2000) } });
    }
  });
}

function countChassis(file: string, description: string): number {
  const database = new DatabaseSync(file, { readOnly: true });
  const row = database.prepare('select count(*) as n from chassis where description = ?').get(description);
  database.close();
  return Number(row?.n);
}

test('a backup is consistent while the server writes, private, and never replaces a file', async (t) => {
  const { dataDirectory, path, file } = folderOf(t);
  const store = await open(t, path);
  for (let pairs = 0; pairs < 200; pairs += 1) {
    await insertPair(store);
  }
  let isOver = false;
  let written = 200;
  const writing = (async () => {
    while (!isOver) {
      await insertPair(store);
      written += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const result = await backupDatabase(path, file);
  isOver = true;
  await writing;
  assert.equal(result.size_bytes, statSync(file).size);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(countChassis(file, 'left'), countChassis(file, 'right'));
  assert.ok(countChassis(file, 'left') >= 200 && countChassis(file, 'left') <= written);
  assert.deepEqual(
    readdirSync(dataDirectory).filter((name) => name.startsWith('backup')),
    ['backup.db'],
  );
  await assert.rejects(backupDatabase(path, file), /backup\.db exists; name a new file/);
  await assert.rejects(backupDatabase(path, join(dataDirectory, 'none', 'x.db')), /can not be written: ENOENT/);
  await assert.rejects(backupDatabase(join(dataDirectory, 'other.db'), `${file}2`), /There is no database/);
});

test('a restore brings back what was there, and keeps what it replaces', async (t) => {
  const { dataDirectory, path, file } = folderOf(t);
  const first = await openStore(path);
  await insertPair(first);
  await backupDatabase(path, file);
  await insertPair(first);
  // As after a crash: the last rows are only in the log beside the file.
  for (const ending of ['', '-wal']) {
    copyFileSync(`${path}${ending}`, `${path}.crashed${ending}`);
  }
  await first.close();
  for (const ending of ['', '-wal']) {
    copyFileSync(`${path}.crashed${ending}`, `${path}${ending}`);
  }

  const { replaced, schema_level, program_level } = await restoreDatabase({ file, path, dataDirectory });
  assert.equal(schema_level, program_level);
  assert.equal(countChassis(path, 'left'), 1);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(countChassis(replaced ?? '', 'left'), 2);
  const again = await open(t, path);
  await insertPair(again);
  assert.equal(existsSync(`${path}.incoming`), false);
});

test('a restore that is killed at any moment is finished by whoever opens the database next', async (t) => {
  for (const stage of ['marked', 'linked', 'log moved', 'exchanged']) {
    const { dataDirectory, path, file } = folderOf(t);
    const first = await openStore(path);
    await insertPair(first);
    await backupDatabase(path, file);
    await insertPair(first);
    for (const ending of ['', '-wal']) {
      copyFileSync(`${path}${ending}`, `${path}.crashed${ending}`);
    }
    await first.close();
    for (const ending of ['', '-wal']) {
      renameSync(`${path}.crashed${ending}`, `${path}${ending}`);
    }
    const child = spawn(process.execPath, [restoreProgram, file, path, dataDirectory, stage], { stdio: 'inherit' });
    assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL'], stage);
    await assert.rejects(backupDatabase(path, `${file}2`), /A restore of .* was interrupted\. Start the server, or/);
    await assert.rejects(databaseStatus(loadConfig({ dataDirectory })), /was interrupted/);

    await (await openStore(path)).close();
    assert.equal(countChassis(path, 'left'), 1, stage);
    const names = readdirSync(dataDirectory);
    const replaced = names.find((name) => /^wrought\.db\.replaced-\w+$/.test(name)) ?? '';
    assert.equal(countChassis(join(dataDirectory, replaced), 'left'), 2, `${stage}: nothing of the one before is lost`);
    assert.deepEqual(
      names.filter((name) => /restoring|incoming/.test(name)),
      [],
    );
  }
});

test('a restore is refused while a server runs, and for files that are no sound backup', async (t) => {
  const { dataDirectory, path, file } = folderOf(t);
  const store = await openStore(path);
  await insertPair(store);
  await backupDatabase(path, file);
  const restore = (from: string) => restoreDatabase({ file: from, path, dataDirectory });
  const lock = lockDataDirectory(dataDirectory);
  await assert.rejects(restore(file), /is in use by another server/);
  lock.release();
  await store.close();

  const bad = join(dataDirectory, 'bad.db');
  await assert.rejects(restore(bad), /There is no backup/);
  writeFileSync(bad, 'these are no pages of a database, however long the text may be'.repeat(100));
  await assert.rejects(restore(bad), /bad\.db can not be restored: file is not a database/);
  copyFileSync(file, bad);
  truncateSync(bad, 3 * 4096);
  await assert.rejects(restore(bad), /bad\.db can not be restored: /);
  rmSync(bad);
  new DatabaseSync(bad).exec('create table other (id integer)');
  await assert.rejects(restore(bad), /but not one of this program/);
  copyFileSync(file, bad);
  new DatabaseSync(bad).exec(
    "insert into kysely_migration values ('9999-remove-all-after-9998', '2030-01-01T00:00:00.000Z')",
  );
  await assert.rejects(restore(bad), /was changed by a newer program/);
  assert.equal(countChassis(path, 'left'), 1);
  assert.deepEqual(
    readdirSync(dataDirectory).filter((name) => name.includes('replaced')),
    [],
  );
});

test('unfinished work in a backup is restored only by whoever asks for it', async (t) => {
  const { dataDirectory, path, file } = folderOf(t);
  const store = await openStore(path);
  const uuid = randomUUID();
  await store.transaction(async (trx) => {
    const node = await insertNode(trx, { uuid, driver: 'ipmi', provision_state: 'deploying' });
    await insertRun(trx, {
      uuid: randomUUID(),
      node_id: node.id,
      flow: 'deploy',
      lane: 'provision',
      conductor: 'rack-1',
      epoch: 1,
      arguments: {},
      plan: [],
      phase: 'prepare',
      limit_class: null,
      request_id: null,
      requested_by: null,
      requested_by_project: null,
    });
  });
  await backupDatabase(path, file);
  await store.close();
  const status = await databaseStatus(loadConfig({ dataDirectory }));
  assert.equal(status.unfinished_work, 1);
  assert.equal(status.oldest_unfinished_work?.node, uuid);
  await assert.rejects(
    restoreDatabase({ file, path, dataDirectory }),
    new RegExp(`holds unfinished work: deploy of node ${uuid} since .*--with-unfinished-work`),
  );
  assert.equal((await restoreDatabase({ file, path, dataDirectory, withUnfinishedWork: true })).unfinished_work, 1);
});
