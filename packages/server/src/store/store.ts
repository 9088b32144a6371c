// Opens the database, brings its schema up to date, and gives readers and writers their connections.
import { closeSync, openSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { Kysely, type Transaction } from 'kysely';
import { Migrator } from 'kysely/migration';
import { openSqlite, sqliteDialect } from './dialect/sqlite.ts';
import { createGroupCommit } from './group-commit.ts';
import { migrations } from './migrations/index.ts';
import type { Tables } from './tables.ts';

export type Database = Kysely<Tables>;
export type StoreTransaction = Transaction<Tables>;

/** `read` never waits behind a transaction; `transaction` is the one way to write. */
export interface Store {
  readonly read: Database;
  /** Runs `work` in one writing transaction; only database calls belong inside it. */
  transaction<Result>(work: (trx: StoreTransaction) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** Opens the file for writing. It holds passwords of BMCs: nobody else may read it, whatever the folder allows. */
function openPrivately(path: string): DatabaseSync {
  try {
    // The files beside it (-wal, -shm) get its mode from SQLite.
    closeSync(openSync(path, 'a', 0o600));
    return openSqlite(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The database ${path} can not be opened: ${reason}`, { cause: error });
  }
}

/** Opens the SQLite database at `path` and migrates it; throws when a migration fails. */
export async function openStore(path: string): Promise<Store> {
  const write = new Kysely<Tables>({ dialect: sqliteDialect(openPrivately(path)) });
  const migrator = new Migrator({ db: write, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) {
    await write.destroy();
    throw new Error(`The database ${path} could not be brought to this version's schema: ${String(error)}`, {
      cause: error,
    });
  }
  const read = new Kysely<Tables>({ dialect: sqliteDialect(openSqlite(path, { readOnly: true })) });
  const commits = createGroupCommit(write);
  return {
    read,
    transaction: commits.transaction,
    close: async () => {
      await commits.settled();
      await read.destroy();
      await write.destroy();
    },
  };
}
