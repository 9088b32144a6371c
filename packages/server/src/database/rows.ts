// Reads and writes whole tables in batches, in the order of their keys, and the digests that prove that two are equal.
import { createHash, type Hash } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../store/connections.ts';
import { databaseKind } from '../store/dialect/kind.ts';
import type { TableShape } from './shape.ts';

/** A row's values in the order of the table's columns. */
export type Row = readonly unknown[];

/** What SQLite and PostgreSQL take in one statement is 32,766 and 65,535 values. */
const VALUES_A_BATCH = 16_000;
const ROWS_A_BATCH = 500;

/** All rows of a table by growing `id`, in batches. */
export async function* readRows(db: Database, { name, columns }: TableShape): AsyncGenerator<Row[]> {
  const size = Math.min(ROWS_A_BATCH, Math.floor(VALUES_A_BATCH / columns.length));
  const list = sql.join(columns.map((column) => sql.ref(column)));
  for (let last = Number.MIN_SAFE_INTEGER; ; ) {
    const { rows } = await sql<Record<string, unknown>>`
      select ${list} from ${sql.table(name)} where id > ${last} order by id limit ${size}`.execute(db);
    if (rows.length === 0) {
      return;
    }
    last = Number(rows.at(-1)?.id);
    yield rows.map((row) => columns.map((column) => row[column]));
  }
}

/** Writes rows with the keys that they have. */
export async function writeRows(db: Database, { name, columns }: TableShape, rows: readonly Row[]): Promise<void> {
  // PostgreSQL gives keys by itself, unless it is told to take those of the rows.
  const keys = databaseKind(db) === 'postgres' ? sql`overriding system value` : sql``;
  const values = sql.join(rows.map((row) => sql`(${sql.join(row)})`));
  await sql`insert into ${sql.table(name)} (${sql.join(columns.map((column) => sql.ref(column)))}) ${keys} values ${values}`.execute(
    db,
  );
}

/** The number of rows of a table and a digest over all of their values in order. */
export interface TableDigest {
  readonly rows: number;
  readonly sha256: string;
}

/** Takes rows in one after the other; numbers and texts that look alike are told apart. */
export function tableDigest(): { add(rows: readonly Row[]): void; result(): TableDigest } {
  const hash: Hash = createHash('sha256');
  let count = 0;
  return {
    add(rows) {
      count += rows.length;
      for (const row of rows) {
        hash.update(`${JSON.stringify(row)}\n`);
      }
    },
    result: () => ({ rows: count, sha256: hash.digest('hex') }),
  };
}

/** The digest of a whole table. */
export async function digestTable(db: Database, table: TableShape): Promise<TableDigest> {
  const digest = tableDigest();
  for await (const rows of readRows(db, table)) {
    digest.add(rows);
  }
  return digest.result();
}

/** The last key that was given to a row of the table, whether or not that row still exists; 0 for none. */
export async function lastKey(db: Database, { name }: TableShape): Promise<number> {
  const given =
    databaseKind(db) === 'sqlite'
      ? sql<{ key: number }>`select seq as key from sqlite_sequence where name = ${name}`
      : sql<{ key: number }>`select last_value as key from pg_sequences
          where format('%I.%I', schemaname, sequencename) = pg_get_serial_sequence(${name}, 'id') and last_value is not null`;
  return (await given.execute(db)).rows[0]?.key ?? 0;
}

/** Lets the next row of the table get the key after this one. */
export async function setLastKey(db: Database, { name }: TableShape, key: number): Promise<void> {
  if (key === 0) {
    return;
  }
  if (databaseKind(db) === 'postgres') {
    await sql`select setval(pg_get_serial_sequence(${name}, 'id'), ${key}::bigint)`.execute(db);
    return;
  }
  // The file has no constraint that an upsert could meet.
  await sql`delete from sqlite_sequence where name = ${name}`.execute(db);
  await sql`insert into sqlite_sequence (name, seq) values (${name}, ${key})`.execute(db);
}
