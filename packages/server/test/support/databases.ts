// Runs a test on each database: whatever uses the store is tested over every one.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { DatabaseKind } from '../../src/store/dialect/kind.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { newPostgresDatabase, SERVER_VARIABLE } from './postgres.ts';

const kinds = new WeakMap<TestContext, DatabaseKind>();

/** Declares the same test once for each database; what it opens through its context is of that kind. */
export function testOnBoth(name: string, work: (t: TestContext) => Promise<void>): void {
  for (const kind of ['sqlite', 'postgres'] as const) {
    test(`${name} (${kind})`, (t) => {
      kinds.set(t, kind);
      return work(t);
    });
  }
}

/** The database that a test runs on: as declared with `testOnBoth`, else SQLite unless the process was told of a server. */
function databaseOf(t: TestContext | undefined): DatabaseKind {
  const declared = t === undefined ? undefined : kinds.get(t);
  return declared ?? (process.env[SERVER_VARIABLE] === undefined ? 'sqlite' : 'postgres');
}

/** Where a new, empty database of the test's kind is, for `openStore`; a SQLite file is made in `directory`. */
export async function newDatabase(t: TestContext | undefined, directory: string): Promise<string> {
  return databaseOf(t) === 'postgres' ? newPostgresDatabase() : join(directory, 'wrought.db');
}

/** A new store of the test's kind, closed when the test ends. */
export async function newStore(t: TestContext): Promise<Store> {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-store-'));
  const store = await openStore(await newDatabase(t, directory));
  t.after(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  return store;
}
