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

/** The two sides of an opened database; `name` is for errors. */
interface Connections {
  readonly name: string;
  readonly write: Database;
  openRead(): Database;
}

function sqlite(path: string): Connections {
  return {
    name: path,
    write: new Kysely<Tables>({ dialect: sqliteDialect(openPrivately(path)) }),
    openRead: () => new Kysely<Tables>({ dialect: sqliteDialect(openSqlite(path, { readOnly: true })) }),
  };
}

async function postgres(url: string, readConnections: number): Promise<Connections> {
  const { checkServer, databasePlace, postgresReader, postgresWriter } = await import('./dialect/postgres.ts');
  const name = databasePlace(url);
  const write = new Kysely<Tables>({ dialect: postgresWriter(url) });
  try {
    await checkServer(write, name);
  } catch (error) {
    await write.destroy();
    throw error;
  }
  return { name, write, openRead: () => new Kysely<Tables>({ dialect: postgresReader(url, readConnections) }) };
}

/** Brings the schema up to date; of processes that start together one does it and the others wait. */
async function migrate({ write, name }: Connections): Promise<void> {
  const migrator = new Migrator({ db: write, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The database ${name} could not be brought to this version's schema: ${reason}`, { cause: error });
  }
}

export interface StoreOptions {
  /** Connections to PostgreSQL that read; SQLite needs one. */
  readonly readConnections?: number;
}

const DEFAULT_READ_CONNECTIONS = 4;

/**
 * Opens the database and migrates it. `location` is the path of a SQLite file or a postgres:// URL.
 * @throws Error that names the database and the reason, never the password of the URL
 */
export async function openStore(location: string, options: StoreOptions = {}): Promise<Store> {
  const connections = /^postgres(ql)?:/.test(location)
    ? await postgres(location, options.readConnections ?? DEFAULT_READ_CONNECTIONS)
    : sqlite(location);
  const { write } = connections;
  try {
    await migrate(connections);
  } catch (error) {
    await write.destroy();
    throw error;
  }
  const read = connections.openRead();
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
