// Opens the database, brings its schema up to date, and gives readers and writers their connections.
import type { Transaction } from 'kysely';
import { connect, type Database } from './connections.ts';
import { createGroupCommit } from './group-commit.ts';
import { migrateSchema } from './schema.ts';
import type { Tables } from './tables.ts';

export type { Database } from './connections.ts';
export type StoreTransaction = Transaction<Tables>;

/** `read` never waits behind a transaction; `transaction` is the one way to write. */
export interface Store {
  readonly read: Database;
  /** Runs `work` in one writing transaction; only database calls belong inside it. */
  transaction<Result>(work: (trx: StoreTransaction) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Connections to PostgreSQL that read; SQLite needs one. */
  readonly readConnections?: number;
}

/**
 * Opens the database and migrates it. `location` is the path of a SQLite file or a postgres:// URL.
 * @throws Error that names the database and the reason, never the password of the URL
 */
export async function openStore(location: string, options: StoreOptions = {}): Promise<Store> {
  const connections = await connect(location, options.readConnections);
  const { write } = connections;
  try {
    await migrateSchema(connections);
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
