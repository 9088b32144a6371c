// Queries that the tables of plain resources share: by ident, by page, insert, update, delete; joined with their node where they have one.
import type { Resource } from '@wrought/contract';
import { type Generated, type Kysely, type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely';
import { isUuid } from './nodes.ts';
import { afterMarker, type Marker, type Page, pageOrder } from './paging.ts';
import type { Database } from './store.ts';
import type { Tables } from './tables.ts';
import { now } from './time.ts';

/** What every such table has. */
interface PlainColumns {
  id: Generated<number>;
  uuid: string;
  created_at: string;
  updated_at: string | null;
}

type PlainTableName = {
  [Name in keyof Tables]: Tables[Name] extends PlainColumns ? Name : never;
}[keyof Tables];

/** A row of a plain table, without what it has of its node when it is joined with one. */
export type PlainRow<Name extends PlainTableName> = Selectable<Tables[Name]>;

/** What a row that is joined with its node has of the node. */
export type NodeColumns = {
  readonly node_uuid: string;
  readonly node_owner: string | null;
  readonly node_lessee: string | null;
};

/** Whose the node of a row is. */
export function ownersOf({ node_owner: owner, node_lessee: lessee }: NodeColumns) {
  return { owner, lessee };
}

/** Values as objects have them; those that are undefined are not written. */
export type PlainValues = Readonly<Record<string, unknown>>;

type Condition = RawBuilder<SqlBool>;

/** How a table belongs to nodes: each row to one, or some to one. */
type NodeJoin = 'each' | 'some';

/** Columns as the database takes them: objects and lists are JSON text, booleans 0/1. */
export function columnsOf(values: PlainValues): Record<string, string | number | null> {
  const columns: Record<string, string | number | null> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) {
      continue;
    }
    if (typeof value === 'boolean') {
      columns[name] = value ? 1 : 0;
    } else if (typeof value === 'object' && value !== null) {
      columns[name] = JSON.stringify(value);
    } else {
      columns[name] = value as string | number | null;
    }
  }
  return columns;
}

/** The object behind a row, by the declaration of its resource: JSON is parsed, 0/1 become booleans. */
export function valuesOf<Value = Record<string, unknown>>(of: Resource, row: Readonly<Record<string, unknown>>): Value {
  const values: Record<string, unknown> = { ...row };
  for (const [name, { type }] of Object.entries(of.fields)) {
    const value = row[name];
    if (value === null || value === undefined) {
      continue;
    }
    if (type.kind === 'flag') {
      values[name] = value === 1;
    } else if (type.kind === 'object' || type.kind === 'list') {
      values[name] = JSON.parse(value as string);
    }
  }
  return values as Value;
}

/** The condition that a column has this value; none when it is undefined. */
export function equals(column: string, value: string | number | undefined): Condition[] {
  return value === undefined ? [] : [sql<SqlBool>`${sql.ref(column)} = ${value}`];
}

/** The condition that a column has one of these values; none when they are undefined. */
export function isOneOf(column: string, values: readonly string[] | undefined): Condition[] {
  if (values === undefined) {
    return [];
  }
  return [values.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`${sql.ref(column)} in (${sql.join(values)})`];
}

/** The condition that the joined node is owned or leased by the project; none without one. */
export function ofProject(project: string | undefined): Condition[] {
  return project === undefined ? [] : [sql<SqlBool>`(nodes.owner = ${project} or nodes.lessee = ${project})`];
}

/** The queries of one table. With `join`, rows carry `node_uuid` and conditions may name columns of `nodes`. */
export function plainTable<Name extends PlainTableName, Row = PlainRow<Name>>(name: Name, join?: NodeJoin) {
  // The columns that all of these tables have are enough for what is asked here.
  const on = (db: Database) => db as unknown as Kysely<Record<string, PlainColumns>>;

  function select(db: Database) {
    const query = on(db)
      .selectFrom(name as string)
      .selectAll(name as string);
    if (join === undefined) {
      return query;
    }
    const joined =
      join === 'each'
        ? query.innerJoin('nodes', 'nodes.id', sql.ref(`${name}.node_id`) as never)
        : query.leftJoin('nodes', 'nodes.id', sql.ref(`${name}.node_id`) as never);
    return joined.select([
      sql.ref('nodes.uuid').as('node_uuid'),
      sql.ref('nodes.owner').as('node_owner'),
      sql.ref('nodes.lessee').as('node_lessee'),
    ]) as unknown as typeof query;
  }

  async function first(db: Database, condition: Condition): Promise<Row | undefined> {
    return (await select(db).where(condition).executeTakeFirst()) as Row | undefined;
  }

  const findById = (db: Database, id: number) => first(db, sql<SqlBool>`${sql.ref(`${name}.id`)} = ${id}`);

  return {
    first,
    findById,
    /** The row with this UUID (any letter case). */
    find: (db: Database, uuid: string) => first(db, sql<SqlBool>`${sql.ref(`${name}.uuid`)} = ${uuid.toLowerCase()}`),
    /** The row with this UUID or, for what is none, this name. */
    findByIdent: (db: Database, ident: string) =>
      first(
        db,
        isUuid(ident)
          ? sql<SqlBool>`${sql.ref(`${name}.uuid`)} = ${ident.toLowerCase()}`
          : sql<SqlBool>`${sql.ref(`${name}.name`)} = ${ident}`,
      ),
    /** Every row that meets the conditions, in the order in which they were made. */
    async all(db: Database, conditions: readonly Condition[] = []): Promise<Row[]> {
      const query = conditions.reduce((narrowed, condition) => narrowed.where(condition), select(db));
      return (await query.orderBy(sql.ref(`${name}.id`)).execute()) as Row[];
    },
    /** A page of the rows that meet the conditions. */
    async page(db: Database, page: Page, conditions: readonly Condition[] = []): Promise<Row[]> {
      const after = page.marker === undefined ? [] : [afterMarker(name, page, page.marker)];
      const query = [...conditions, ...after].reduce((narrowed, condition) => narrowed.where(condition), select(db));
      return (await query.orderBy(pageOrder(name, page)).limit(page.limit).execute()) as Row[];
    },
    /** Where the page after this row begins. */
    marker: (db: Database, uuid: string, sortKey: string): Promise<Marker | undefined> =>
      on(db)
        .selectFrom(name as string)
        .select(['id', sql.ref<string | number | null>(sortKey).as('value')])
        .where('uuid', '=', uuid.toLowerCase())
        .executeTakeFirst(),
    /** Inserts a row and returns it. A value that must be unique and is not fails the statement (see `uniqueColumn`). */
    async insert(db: Database, values: PlainValues & { readonly uuid: string }): Promise<Row> {
      const row = { ...columnsOf(values), created_at: now(), updated_at: null };
      const { id } = await on(db)
        .insertInto(name as string)
        .values(row as never)
        .returning('id')
        .executeTakeFirstOrThrow();
      return (await findById(db, id)) as Row;
    },
    /** Writes values to a row and returns it; undefined when it is gone. */
    async update(db: Database, id: number, values: PlainValues): Promise<Row | undefined> {
      await on(db)
        .updateTable(name as string)
        .set({ ...columnsOf(values), updated_at: now() } as never)
        .where('id', '=', id)
        .execute();
      return findById(db, id);
    },
    /** Deletes a row; tells whether it was there. */
    async delete(db: Database, id: number): Promise<boolean> {
      const { numDeletedRows } = await on(db)
        .deleteFrom(name as string)
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
  };
}
