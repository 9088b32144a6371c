// Ports as the API reads and writes them: rows joined with their node, pages, and changes.
import type { Port } from '@wrought/contract';
import { type Insertable, type Selectable, type SqlBool, sql, type Updateable } from 'kysely';
import { likeText } from './node-list.ts';
import { isUuid } from './nodes.ts';
import { afterMarker, type Marker, type Page, pageOrder } from './paging.ts';
import { selectPorts } from './ports.ts';
import type { Database } from './store.ts';
import type { PortsTable } from './tables.ts';
import { now } from './time.ts';

/** A port's row with the UUID of its node. */
export type PortRow = Selectable<PortsTable> & { readonly node_uuid: string };

/** What a list of ports may be narrowed by. */
export interface PortFilters {
  readonly node_uuid?: string;
  readonly address?: string;
  readonly portgroup_uuid?: string;
  /** Shards of the nodes. */
  readonly shard?: readonly string[];
  /** Conductor groups of the nodes. */
  readonly conductor_groups?: readonly string[];
  readonly description_contains?: string;
}

/** The row of the port with this UUID, name or MAC address. */
export async function findPortRow(db: Database, ident: string): Promise<PortRow | undefined> {
  const query = selectPorts(db);
  if (isUuid(ident)) {
    return query.where('ports.uuid', '=', ident.toLowerCase()).executeTakeFirst();
  }
  return query.where((is) => is.or([is('ports.name', '=', ident), is('ports.address', '=', ident)])).executeTakeFirst();
}

/** A page of ports. */
export async function listPortRows(db: Database, filters: PortFilters, page: Page): Promise<PortRow[]> {
  let query = selectPorts(db).orderBy(pageOrder('ports', page)).limit(page.limit);
  for (const condition of conditions(filters)) {
    query = query.where(condition);
  }
  if (page.marker !== undefined) {
    query = query.where(afterMarker('ports', page, page.marker));
  }
  return query.execute();
}

function conditions(filters: PortFilters) {
  const found = (
    [
      ['node_uuid', 'nodes.uuid'],
      ['address', 'ports.address'],
      ['portgroup_uuid', 'ports.portgroup_uuid'],
    ] as const
  ).flatMap(([filter, column]) =>
    filters[filter] === undefined ? [] : [sql<SqlBool>`${sql.ref(column)} = ${filters[filter]}`],
  );
  for (const [filter, column] of [
    ['shard', 'nodes.shard'],
    ['conductor_groups', 'nodes.conductor_group'],
  ] as const) {
    const values = filters[filter];
    if (values !== undefined) {
      found.push(values.length === 0 ? sql`1 = 0` : sql<SqlBool>`${sql.ref(column)} in (${sql.join(values)})`);
    }
  }
  if (filters.description_contains !== undefined) {
    found.push(sql<SqlBool>`ports.description like ${likeText(filters.description_contains)} escape '\\'`);
  }
  return found;
}

/** Where the page after this port begins. */
export async function portMarker(db: Database, uuid: string, sortKey: string): Promise<Marker | undefined> {
  return db
    .selectFrom('ports')
    .select(['id', sql.ref<string | number | null>(sortKey).as('value')])
    .where('uuid', '=', uuid.toLowerCase())
    .executeTakeFirst();
}

/** Values of a port that may be written; `node_id` moves it to another node. */
export type PortChanges = Partial<Omit<Port, 'id' | 'node_uuid' | 'created_at' | 'updated_at' | 'is_smartnic'>> & {
  is_smartnic?: boolean | null;
};

const objectColumns: ReadonlySet<string> = new Set(['extra', 'internal_info', 'local_link_connection']);

function columnsOf(changes: PortChanges): Updateable<PortsTable> {
  const columns = Object.entries(changes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [
      name,
      objectColumns.has(name) ? JSON.stringify(value) : typeof value === 'boolean' ? (value ? 1 : 0) : value,
    ]);
  return Object.fromEntries(columns) as Updateable<PortsTable>;
}

const emptyPort = {
  extra: '{}',
  internal_info: '{}',
  local_link_connection: '{}',
  pxe_enabled: 1,
  is_smartnic: 0,
  available_for_dynamic_portgroup: 1,
} as const;

/** Inserts a port. A UUID, address or name that exists fails the statement (see `uniqueColumn`). */
export async function insertPort(
  db: Database,
  values: PortChanges & Pick<Port, 'uuid' | 'node_id' | 'address'>,
): Promise<void> {
  const row = { ...emptyPort, ...columnsOf(values), created_at: now() };
  await db
    .insertInto('ports')
    .values(row as Insertable<PortsTable>)
    .execute();
}

/** Writes changes to a port. */
export async function updatePort(db: Database, id: number, changes: PortChanges): Promise<void> {
  await db
    .updateTable('ports')
    .set({ ...columnsOf(changes), updated_at: now() })
    .where('id', '=', id)
    .execute();
}

/** Deletes a port. */
export async function deletePort(db: Database, id: number): Promise<void> {
  await db.deleteFrom('ports').where('id', '=', id).execute();
}
