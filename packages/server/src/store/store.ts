// Opens the database, brings its schema up to date, and gives readers and writers their connections.
import type { Transaction } from 'kysely';
import { type ConnectOptions, connect, type Database } from './connections.ts';
import { createGroupCommit } from './group-commit.ts';
import { createHints, type Hints } from './hints.ts';
import type { StoreObserver } from './observer.ts';
import { migrateSchema } from './schema.ts';
import type { Tables } from './tables.ts';

export type { Database } from './connections.ts';
export type StoreTransaction = Transaction<Tables>;

/** `read` never waits behind a transaction; `transaction` is the one way to write. */
export interface Store {
  readonly read: Database;
  /** Runs `work` in one writing transaction; only database calls belong inside it. */
  transaction<Result>(work: (trx: StoreTransaction) => Promise<Result>): Promise<Result>;
  /** What transactions of this process, and what others told it, have written. */
  readonly hints: Hints;
  close(): Promise<void>;
}

/**
 * Opens the database and migrates it. `location` is the path of a SQLite file or a postgres:// URL.
 * @throws Error that names the database and the reason, never the password of the URL
 */
export async function openStore(location: string, options: ConnectOptions = {}): Promise<Store> {
  const connections = await connect(location, options);
  const { write } = connections;
  try {
    await migrateSchema(connections);
  } catch (error) {
    await write.destroy();
    throw error;
  }
  const read = connections.openRead();
  const hints = createHints();
  const commits = createGroupCommit(write, hints);
  return {
    read,
    hints,
    transaction: options.observer === undefined ? commits.transaction : observed(commits.transaction, options.observer),
    close: async () => {
      await commits.settled();
      await read.destroy();
      await write.destroy();
    },
  };
}

type RunTransaction = Store['transaction'];

/** Tells the observer how long each transaction took. */
function observed(run: RunTransaction, observer: StoreObserver): RunTransaction {
  return async (work) => {
    const begin = performance.now();
    let isFailure = true;
    try {
      const result = await run(work);
      isFailure = false;
      return result;
    } finally {
      observer.transaction((performance.now() - begin) / 1000, isFailure);
    }
  };
}
