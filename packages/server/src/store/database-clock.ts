// The clock of the database: what processes on several machines, or one whose own clock jumps, compare times by.
import { type RawBuilder, sql } from 'kysely';
import type { Database } from './connections.ts';
import { databaseKind } from './dialect/kind.ts';

/** Milliseconds since 1970 by the clock of the database, as an expression. */
export function databaseClock(db: Database): RawBuilder<number> {
  return databaseKind(db) === 'sqlite'
    ? sql`cast(unixepoch('subsec') * 1000 as integer)`
    : sql`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`;
}

/** The same, asked for. */
export async function databaseMilliseconds(db: Database): Promise<number> {
  const { rows } = await sql<{ ms: number }>`select ${databaseClock(db)} as ms`.execute(db);
  return rows[0]?.ms ?? 0;
}

/** The moment `seconds` from now by that clock, as the store writes times. */
export async function databaseTime(db: Database, seconds: number): Promise<string> {
  return new Date((await databaseMilliseconds(db)) + seconds * 1000).toISOString();
}
