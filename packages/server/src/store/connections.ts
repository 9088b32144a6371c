// Connects to a database, whichever of the two kinds it is: one side that writes, and one that reads when it is asked for.
import { closeSync, openSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { openSqlite, sqliteDialect } from './dialect/sqlite.ts';
import type { Tables } from './tables.ts';

export type Database = Kysely<Tables>;

/** The two sides of a database; `name` says in errors which one it is, without its password. */
export interface Connections {
  readonly name: string;
  readonly write: Database;
  openRead(): Database;
}

const DEFAULT_READ_CONNECTIONS = 4;

/** Whether a location is the URL of a PostgreSQL server; otherwise it is the path of a SQLite file. */
export function isPostgresUrl(location: string): boolean {
  return /^postgres(ql)?:/.test(location);
}

/**
 * Connects to a SQLite file, which is made when it is missing, or to a postgres:// URL.
 * @throws Error that names the database and the reason, never the password of the URL
 */
export async function connect(location: string, readConnections = DEFAULT_READ_CONNECTIONS): Promise<Connections> {
  return isPostgresUrl(location) ? postgres(location, readConnections) : sqlite(location);
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

/** Reads a SQLite file that exists. */
export function readSqlite(path: string): Database {
  return new Kysely<Tables>({ dialect: sqliteDialect(openSqlite(path, { readOnly: true })) });
}

/** An empty SQLite database of its own that ends with the connection. */
export function connectInMemory(): Connections {
  const write = new Kysely<Tables>({ dialect: sqliteDialect(openSqlite(':memory:')) });
  return { name: 'in memory', write, openRead: () => write };
}

function sqlite(path: string): Connections {
  return {
    name: path,
    write: new Kysely<Tables>({ dialect: sqliteDialect(openPrivately(path)) }),
    openRead: () => readSqlite(path),
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
