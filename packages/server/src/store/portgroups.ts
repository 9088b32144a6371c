// Port groups in the store.
import { type Portgroup, portgroupResource } from '@wrought/contract';
import { sql } from 'kysely';
import type { Page } from './paging.ts';
import {
  equals,
  isOneOf,
  type NodeColumns,
  ofProject,
  type PlainRow,
  type PlainValues,
  plainTable,
  valuesOf,
} from './plain-table.ts';
import { type PortRow, portTable } from './port-list.ts';
import type { Database } from './store.ts';
import { now } from './time.ts';

/** A port group's row with what it has of its node. */
export type PortgroupRow = PlainRow<'portgroups'> & NodeColumns;

export const portgroupTable = plainTable<'portgroups', PortgroupRow>('portgroups', 'each');

/** Makes the port group of a row. */
export function portgroupFromRow(row: PortgroupRow): Portgroup {
  return valuesOf<Portgroup>(portgroupResource, row);
}

/** What a list of port groups may be narrowed by; all but `address` concern the nodes. */
export interface PortgroupFilters {
  readonly node_uuid?: string;
  readonly address?: string;
  readonly shard?: readonly string[];
  readonly conductor_groups?: readonly string[];
  /** Owner or lessee. */
  readonly project?: string;
}

/** A page of port groups. */
export async function listPortgroupRows(db: Database, filters: PortgroupFilters, page: Page): Promise<PortgroupRow[]> {
  return portgroupTable.page(db, page, [
    ...equals('nodes.uuid', filters.node_uuid),
    ...equals('portgroups.address', filters.address),
    ...isOneOf('nodes.shard', filters.shard),
    ...isOneOf('nodes.conductor_group', filters.conductor_groups),
    ...ofProject(filters.project),
  ]);
}

/** The port groups of a node in the order in which they were made. */
export async function portgroupsOfNode(db: Database, nodeId: number): Promise<Portgroup[]> {
  const rows = await portgroupTable.all(db, equals('portgroups.node_id', nodeId));
  return rows.map(portgroupFromRow);
}

/** The ports in a port group. */
export async function portsOfPortgroup(db: Database, uuid: string): Promise<PortRow[]> {
  return portTable.all(db, equals('ports.portgroup_uuid', uuid));
}

const emptyPortgroup = {
  extra: {},
  internal_info: {},
  standalone_ports_supported: true,
  properties: {},
  dynamic_portgroup: false,
} as const;

/** Inserts a port group. A UUID, address or name that exists fails the statement (see `uniqueColumn`). */
export async function insertPortgroup(
  db: Database,
  values: PlainValues & Pick<Portgroup, 'uuid' | 'node_id' | 'mode'>,
): Promise<PortgroupRow> {
  return portgroupTable.insert(db, { ...emptyPortgroup, ...values });
}

/** Writes changes to a port group; a changed physical network becomes that of its ports, too. */
export async function updatePortgroup(
  db: Database,
  row: Pick<PortgroupRow, 'id' | 'uuid'>,
  values: PlainValues & { readonly physical_network?: string | null },
): Promise<PortgroupRow | undefined> {
  if (values.physical_network !== undefined) {
    await db
      .updateTable('ports')
      .set({ physical_network: values.physical_network, updated_at: now() })
      .where('portgroup_uuid', '=', row.uuid)
      .execute();
  }
  return portgroupTable.update(db, row.id, values);
}

/** Deletes a port group unless ports are in it; tells whether it is gone. */
export async function deletePortgroup(db: Database, row: Pick<PortgroupRow, 'id' | 'uuid'>): Promise<boolean> {
  const result = await db
    .deleteFrom('portgroups')
    .where('id', '=', row.id)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('ports').select(sql.lit(1).as('one')).where('portgroup_uuid', '=', row.uuid))),
    )
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}
