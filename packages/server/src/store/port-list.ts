// Ports as the API reads and writes them: rows joined with their node, pages, and changes.
import type { Port } from '@wrought/contract';
import { type SqlBool, sql } from 'kysely';
import { likeText } from './node-list.ts';
import type { Page } from './paging.ts';
import { equals, isOneOf, type NodeColumns, ofProject, type PlainRow, plainTable } from './plain-table.ts';
import type { Database } from './store.ts';

/** A port's row with what it has of its node. */
export type PortRow = PlainRow<'ports'> & NodeColumns;

export const portTable = plainTable<'ports', PortRow>('ports', 'each');

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
  /** Owner or lessee of the nodes. */
  readonly project?: string;
}

/** The port with this name or MAC address. */
export async function findPortByName(db: Database, ident: string): Promise<PortRow | undefined> {
  return portTable.first(db, sql<SqlBool>`(ports.name = ${ident} or ports.address = ${ident})`);
}

/** A page of ports. */
export async function listPortRows(db: Database, filters: PortFilters, page: Page): Promise<PortRow[]> {
  const { description_contains: part } = filters;
  return portTable.page(db, page, [
    ...equals('nodes.uuid', filters.node_uuid),
    ...equals('ports.address', filters.address),
    ...equals('ports.portgroup_uuid', filters.portgroup_uuid),
    ...isOneOf('nodes.shard', filters.shard),
    ...isOneOf('nodes.conductor_group', filters.conductor_groups),
    ...(part === undefined ? [] : [sql<SqlBool>`ports.description like ${likeText(part)} escape '\\'`]),
    ...ofProject(filters.project),
  ]);
}

/** Values of a port that may be written; `node_id` moves it to another node. */
export type PortChanges = Partial<Omit<Port, 'id' | 'node_uuid' | 'created_at' | 'updated_at' | 'is_smartnic'>> & {
  is_smartnic?: boolean | null;
};

const emptyPort = {
  extra: {},
  internal_info: {},
  local_link_connection: {},
  pxe_enabled: true,
  is_smartnic: false,
  available_for_dynamic_portgroup: true,
} as const;

/** Inserts a port. A UUID, address or name that exists fails the statement (see `uniqueColumn`). */
export async function insertPort(
  db: Database,
  values: PortChanges & Pick<Port, 'uuid' | 'node_id' | 'address'>,
): Promise<PortRow> {
  return portTable.insert(db, { ...emptyPort, ...values });
}
