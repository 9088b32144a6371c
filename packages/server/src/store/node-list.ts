// Reads nodes as rows for the API: one by its ident, or a page of those that filters leave; JSON columns stay text.
import { CompiledQuery, type Selectable, type SqlBool, sql } from 'kysely';
import { databaseKind } from './dialect/kind.ts';
import { isUuid } from './nodes.ts';
import { afterMarker, type Marker, type Page, pageOrder } from './paging.ts';
import type { Database } from './store.ts';
import type { NodesTable } from './tables.ts';

/** A node's row with all columns, as the database has them. */
export type NodeRow = Selectable<NodesTable>;
/** A node's row with the columns that a list needs. */
type PartialNodeRow = Pick<NodeRow, 'uuid' | 'driver' | 'conductor_group'> & Partial<NodeRow>;

/** What a list of nodes may be narrowed by; absent: not narrowed. */
export interface NodeFilters {
  readonly chassis_uuid?: string;
  readonly instance_uuid?: string;
  readonly provision_state?: string;
  readonly driver?: string;
  readonly resource_class?: string;
  readonly fault?: string;
  readonly conductor_group?: string;
  readonly owner?: string;
  readonly lessee?: string;
  readonly instance_name?: string;
  readonly maintenance?: boolean;
  readonly retired?: boolean;
  /** Has an instance. */
  readonly associated?: boolean;
  readonly sharded?: boolean;
  readonly shard?: readonly string[];
  /** Owner or lessee. */
  readonly project?: string;
  readonly description_contains?: string;
  /** UUID of the parent; without it child nodes are left out unless `include_children` is true. */
  readonly parent_node?: string;
  readonly include_children?: boolean;
}

const equalColumns = [
  'chassis_uuid',
  'instance_uuid',
  'provision_state',
  'driver',
  'resource_class',
  'fault',
  'conductor_group',
  'owner',
  'lessee',
  'instance_name',
] as const;

/** Texts of the query of `findNodeRow`, by kind of database and column. */
const findTexts = new Map<string, string>();

function findText(db: Database, column: 'uuid' | 'name'): string {
  const key = `${databaseKind(db)} ${column}`;
  let text = findTexts.get(key);
  if (text === undefined) {
    text = db.selectFrom('nodes').selectAll().where(column, '=', '').compile().sql;
    findTexts.set(key, text);
  }
  return text;
}

/** The row of the node with this UUID or name, or undefined. This is the hottest query: its text is made once. */
export async function findNodeRow(db: Database, ident: string): Promise<NodeRow | undefined> {
  const query = isUuid(ident)
    ? CompiledQuery.raw(findText(db, 'uuid'), [ident.toLowerCase()])
    : CompiledQuery.raw(findText(db, 'name'), [ident]);
  const { rows } = await db.executeQuery<NodeRow>(query);
  return rows[0];
}

/** A page of nodes with the given columns, of which uuid, driver and conductor_group are always wanted. */
export async function listNodeRows(
  db: Database,
  columns: readonly string[],
  filters: NodeFilters,
  page: Page,
): Promise<PartialNodeRow[]> {
  let query = db
    .selectFrom('nodes')
    .select(columns.map((column) => sql.ref(column).as(column)))
    .orderBy(pageOrder('nodes', page))
    .limit(page.limit);
  for (const condition of conditions(filters)) {
    query = query.where(condition);
  }
  if (page.marker !== undefined) {
    query = query.where(afterMarker('nodes', page, page.marker));
  }
  return (await query.execute()) as PartialNodeRow[];
}

function conditions(filters: NodeFilters) {
  const found = equalColumns.flatMap((column) =>
    filters[column] === undefined ? [] : [sql<SqlBool>`${sql.ref(column)} = ${filters[column]}`],
  );
  for (const column of ['maintenance', 'retired'] as const) {
    if (filters[column] !== undefined) {
      found.push(
        filters[column]
          ? sql<SqlBool>`${sql.ref(column)} = 1`
          : sql<SqlBool>`(${sql.ref(column)} = 0 or ${sql.ref(column)} is null)`,
      );
    }
  }
  for (const [filter, column] of [
    ['associated', 'instance_uuid'],
    ['sharded', 'shard'],
  ] as const) {
    if (filters[filter] !== undefined) {
      found.push(
        filters[filter] ? sql<SqlBool>`${sql.ref(column)} is not null` : sql<SqlBool>`${sql.ref(column)} is null`,
      );
    }
  }
  if (filters.shard !== undefined) {
    found.push(filters.shard.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`shard in (${sql.join(filters.shard)})`);
  }
  if (filters.project !== undefined) {
    found.push(sql<SqlBool>`(owner = ${filters.project} or lessee = ${filters.project})`);
  }
  if (filters.description_contains !== undefined) {
    found.push(sql<SqlBool>`description like ${likeText(filters.description_contains)} escape '\\'`);
  }
  if (filters.parent_node !== undefined) {
    found.push(sql<SqlBool>`parent_node = ${filters.parent_node}`);
  } else if (filters.include_children !== true) {
    found.push(sql<SqlBool>`parent_node is null`);
  }
  return found;
}

/** A LIKE pattern for text that contains `part`, whose own wildcards are taken literally. */
export function likeText(part: string): string {
  return `%${part.replace(/[\\%_]/g, '\\$&')}%`;
}

/** Where the page after this node begins, or undefined when there is no such node. */
export async function nodeMarker(db: Database, uuid: string, sortKey: string): Promise<Marker | undefined> {
  const row = await db
    .selectFrom('nodes')
    .select(['id', sql.ref<string | number | null>(sortKey).as('value')])
    .where('uuid', '=', uuid.toLowerCase())
    .executeTakeFirst();
  return row;
}

/** UUIDs of the children of a node, in the order in which they were enrolled. */
export async function childrenOf(db: Database, uuid: string): Promise<string[]> {
  const rows = await db.selectFrom('nodes').select('uuid').where('parent_node', '=', uuid).orderBy('id').execute();
  return rows.map((row) => row.uuid);
}

/** UUID of the node with this instance. */
export async function nodeOfInstance(db: Database, instanceUuid: string): Promise<string | undefined> {
  const row = await db.selectFrom('nodes').select('uuid').where('instance_uuid', '=', instanceUuid).executeTakeFirst();
  return row?.uuid;
}

/** UUIDs of the nodes that own a port with one of these MAC addresses. */
export async function nodesOfAddresses(db: Database, addresses: readonly string[]): Promise<string[]> {
  if (addresses.length === 0) {
    return [];
  }
  const rows = await db
    .selectFrom('ports')
    .innerJoin('nodes', 'nodes.id', 'ports.node_id')
    .select('nodes.uuid')
    .distinct()
    .where('ports.address', 'in', addresses)
    .orderBy('nodes.uuid')
    .execute();
  return rows.map((row) => row.uuid);
}

/** Identity and owners of the nodes that have one of these UUIDs or names. */
export async function nodesNamed(
  db: Database,
  idents: readonly string[],
): Promise<Pick<NodeRow, 'uuid' | 'name' | 'owner' | 'lessee'>[]> {
  if (idents.length === 0) {
    return [];
  }
  const uuids = idents.map((ident) => ident.toLowerCase());
  return db
    .selectFrom('nodes')
    .select(['uuid', 'name', 'owner', 'lessee'])
    .where((is) => is.or([is('uuid', 'in', uuids), is('name', 'in', idents)]))
    .execute();
}

/** A shard and how many nodes are in it; `name` is null for the nodes that are in none. */
interface ShardCount {
  readonly name: string | null;
  readonly count: number;
}

/** Every shard, the largest first. */
export async function countShards(db: Database): Promise<ShardCount[]> {
  return db
    .selectFrom('nodes')
    .select(({ fn }) => ['shard as name', fn.count<number>('id').as('count')])
    .groupBy('shard')
    .orderBy('count', 'desc')
    .orderBy(sql`${sql.ref('shard')} asc nulls first`)
    .execute();
}
