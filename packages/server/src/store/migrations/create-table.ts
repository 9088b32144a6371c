// Creates tables and indexes that are equal in both databases; every migration goes through it.
import { type ColumnDataType, type Kysely, type RawBuilder, sql } from 'kysely';
import { databaseKind } from '../dialect/kind.ts';

type ColumnType = 'text' | 'integer' | 'bigint';

/** Columns by name; a trailing "?" allows NULL. Booleans are integers (0, 1), times and JSON are text. */
export type Columns = Readonly<Record<string, ColumnType | `${ColumnType}?`>>;

/** Text compares by its bytes and integers have 64 bits in SQLite; PostgreSQL is told to do the same. */
function typeIn(db: Kysely<unknown>, type: ColumnType): ColumnDataType | RawBuilder<unknown> {
  if (databaseKind(db) === 'sqlite') {
    return type;
  }
  return type === 'text' ? sql`text collate "C"` : 'bigint';
}

/** Creates a table with a growing integer key `id`, the given columns, and unique constraints over lists of columns. */
export async function createTable(
  db: Kysely<unknown>,
  name: string,
  columns: Columns,
  unique: readonly (readonly string[])[] = [],
): Promise<void> {
  let table = db.schema
    .createTable(name)
    .addColumn('id', typeIn(db, 'integer'), (column) =>
      databaseKind(db) === 'sqlite'
        ? column.primaryKey().autoIncrement()
        : column.primaryKey().generatedAlwaysAsIdentity(),
    );
  for (const [column, declared] of Object.entries(columns)) {
    const isNullable = declared.endsWith('?');
    const type = (isNullable ? declared.slice(0, -1) : declared) as ColumnType;
    table = table.addColumn(column, typeIn(db, type), (definition) => (isNullable ? definition : definition.notNull()));
  }
  // Of several keys that a row breaks, SQLite reports the one made last and PostgreSQL the one made first.
  for (const columnsOfKey of databaseKind(db) === 'sqlite' ? unique : unique.toReversed()) {
    table = table.addUniqueConstraint(`${name}_${columnsOfKey.join('_')}_unique`, columnsOfKey as never);
  }
  await table.execute();
}

/** Creates an index, named after the table and its columns. */
export async function createIndex(db: Kysely<unknown>, table: string, columns: readonly string[]): Promise<void> {
  await db.schema
    .createIndex(`${table}_${columns.join('_')}`)
    .on(table)
    .columns([...columns])
    .execute();
}
