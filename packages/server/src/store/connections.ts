// Connects to a database, whichever of the two kinds it is: one side that writes, and one that reads when it is asked for.
import { closeSync, openSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { type Dialect, Kysely } from 'kysely';
import { openSqlite, sqliteDialect } from './dialect/sqlite.ts';
import { finishExchange } from './exchange.ts';
import type { StoreObserver } from './observer.ts';
import type { Tables } from './tables.ts';

export type Database = Kysely<Tables>;

/** The two sides of a database; `name` says in errors which one it is, without its password. */
export interface Connections {
  readonly name: string;
  readonly write: Database;
  openRead(): Database;
}

const DEFAULT_READ_CONNECTIONS = 4;

export interface ConnectOptions {
  /** Connections to PostgreSQL that read; SQLite needs one. */
  readonly readConnections?: number;
  /** Told of each statement, and by a store of each transaction. */
  readonly observer?: StoreObserver | undefined;
}

/** Kysely over a dialect; it tells the observer how long each statement took. */
function open(dialect: Dialect, side: 'read' | 'write', observer?: StoreObserver): Database {
  return observer === undefined
    ? new Kysely<Tables>({ dialect })
    : new Kysely<Tables>({
        dialect,
        log: ({ queryDurationMillis, level }) =>
          observer.statement(side, queryDurationMillis / 1000, level === 'error'),
      });
}

/** Whether a location is the URL of a PostgreSQL server; otherwise it is the path of a SQLite file. */
export function isPostgresUrl(location: string): boolean {
  return /^postgres(ql)?:/.test(location);
}

/**
 * Connects to a SQLite file, which is made when it is missing, or to a postgres:// URL.
 * @throws Error that names the database and the reason, never the password of the URL
 */
export async function connect(location: string, options: ConnectOptions = {}): Promise<Connections> {
  return isPostgresUrl(location) ? postgres(location, options) : sqlite(location, options);
}

/** Opens the file for writing. It holds passwords of BMCs: nobody else may read it, whatever the folder allows. */
function openPrivately(path: string): DatabaseSync {
  try {
    finishExchange(path);
    // The files beside it (-wal, -shm) get its mode from SQLite.
    closeSync(openSync(path, 'a', 0o600));
    return openSqlite(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The database ${path} can not be opened: ${reason}`, { cause: error });
  }
}

/** Reads a SQLite file that exists. */
export function readSqlite(path: string, observer?: StoreObserver): Database {
  return open(sqliteDialect(openSqlite(path, { readOnly: true })), 'read', observer);
}

/** An empty SQLite database of its own that ends with the connection. */
export function connectInMemory(): Connections {
  const write = open(sqliteDialect(openSqlite(':memory:')), 'write');
  return { name: 'in memory', write, openRead: () => write };
}

function sqlite(path: string, { observer }: ConnectOptions): Connections {
  return {
    name: path,
    write: open(sqliteDialect(openPrivately(path)), 'write', observer),
    openRead: () => readSqlite(path, observer),
  };
}

async function postgres(
  url: string,
  { readConnections = DEFAULT_READ_CONNECTIONS, observer }: ConnectOptions,
): Promise<Connections> {
  const { checkServer, databasePlace, postgresReader, postgresWriter } = await import('./dialect/postgres.ts');
  const name = databasePlace(url);
  const write = open(postgresWriter(url), 'write', observer);
  try {
    await checkServer(write, name);
  } catch (error) {
    await write.destroy();
    throw error;
  }
  return { name, write, openRead: () => open(postgresReader(url, readConnections), 'read', observer) };
}
