// Says what a database is, at which level, how large, and which work in it is not finished. Changes nothing.
import { existsSync, statSync } from 'node:fs';
import { sql } from 'kysely';
import type { Config } from '../config/index.ts';
import { connect, type Database, isPostgresUrl, readSqlite } from '../store/connections.ts';
import type { DatabaseKind } from '../store/dialect/kind.ts';
import { refuseWhileExchanging } from '../store/exchange.ts';
import { checkUsable, readSchema } from '../store/schema.ts';
import { programLevel } from '../store/schema-level.ts';
import { serverRunsOn } from './location.ts';

/** A run that is not finished. */
export interface UnfinishedWork {
  readonly flow: string;
  readonly status: string;
  readonly node: string | null;
  readonly conductor: string;
  readonly since: string;
}

export interface DatabaseStatus {
  readonly kind: DatabaseKind;
  /** The path of the file, or "HOST:PORT/NAME". */
  readonly place: string;
  /** false for a SQLite file that is not there yet: the first start makes it. */
  readonly exists: boolean;
  /** Whether a server has the data directory. */
  readonly server_running: boolean;
  readonly schema_level: number;
  readonly program_level: number;
  readonly pending_migrations: readonly string[];
  /** Migrations of a newer program. */
  readonly unknown_migrations: readonly string[];
  readonly size_bytes: number;
  readonly unfinished_work: number;
  readonly oldest_unfinished_work: UnfinishedWork | null;
}

/** The status of the database that a configuration names. @throws Error when it can not be read, or is too new */
export async function databaseStatus(config: Config): Promise<DatabaseStatus> {
  const { url, path } = config.database;
  const common = { server_running: serverRunsOn(config.dataDirectory), program_level: programLevel() };
  if (url === null && !existsSync(path)) {
    return {
      kind: 'sqlite',
      place: path,
      exists: false,
      ...common,
      schema_level: 0,
      pending_migrations: [],
      unknown_migrations: [],
      size_bytes: 0,
      unfinished_work: 0,
      oldest_unfinished_work: null,
    };
  }
  const { db, name, close } = await openForReading(url ?? path);
  try {
    const state = await readSchema(db);
    checkUsable(state, name);
    const work = state.applied.length === 0 ? [] : await unfinishedWork(db);
    return {
      kind: url === null ? 'sqlite' : 'postgres',
      place: name,
      exists: true,
      ...common,
      schema_level: state.level,
      pending_migrations: state.pending,
      unknown_migrations: state.unknown,
      size_bytes: await sizeBytes(db, url === null ? path : null),
      unfinished_work: work.length,
      oldest_unfinished_work: work[0] ?? null,
    };
  } finally {
    await close();
  }
}

/** Opens a database without making or migrating it. */
export async function openForReading(
  location: string,
): Promise<{ db: Database; name: string; close(): Promise<void> }> {
  if (!isPostgresUrl(location)) {
    refuseWhileExchanging(location);
    const db = readSqlite(location);
    return { db, name: location, close: () => db.destroy() };
  }
  const { write, name, openRead } = await connect(location, { readConnections: 1 });
  const db = openRead();
  return {
    db,
    name,
    async close() {
      await db.destroy();
      await write.destroy();
    },
  };
}

/** Every run that is not finished, the oldest first. */
export async function unfinishedWork(db: Database): Promise<UnfinishedWork[]> {
  return db
    .selectFrom('runs')
    .leftJoin('nodes', 'nodes.id', 'runs.node_id')
    .select(['runs.flow', 'runs.status', 'nodes.uuid as node', 'runs.conductor', 'runs.created_at as since'])
    .where('runs.finished_at', 'is', null)
    .orderBy('runs.created_at')
    .orderBy('runs.id')
    .execute();
}

async function sizeBytes(db: Database, path: string | null): Promise<number> {
  if (path !== null) {
    const files = [path, `${path}-wal`].filter((file) => existsSync(file));
    return files.reduce((sum, file) => sum + statSync(file).size, 0);
  }
  const { rows } = await sql<{ size: number }>`select pg_database_size(current_database()) as size`.execute(db);
  return rows[0]?.size ?? 0;
}
