// Ports in the store: rows to objects, reading for a node, and the facts that flows write to them.
import type { JsonObject, Port } from '@wrought/contract';
import type { Selectable } from 'kysely';
import { parseObject } from './json.ts';
import { mergeObject } from './nodes.ts';
import type { NodeColumns } from './plain-table.ts';
import type { Database } from './store.ts';
import type { PortsTable } from './tables.ts';
import { now } from './time.ts';

/** Makes the port of a row that was joined with its node. */
export function portFromRow(row: Selectable<PortsTable> & NodeColumns): Port {
  const { node_owner: _owner, node_lessee: _lessee, ...columns } = row;
  return {
    ...columns,
    extra: parseObject(row.extra),
    internal_info: parseObject(row.internal_info),
    local_link_connection: parseObject(row.local_link_connection),
    pxe_enabled: row.pxe_enabled === 1,
    is_smartnic: row.is_smartnic === 1,
    available_for_dynamic_portgroup: row.available_for_dynamic_portgroup === 1,
  };
}

/** Ports joined with the UUID of their node, ready for conditions and order. */
export function selectPorts(db: Database) {
  return db
    .selectFrom('ports')
    .innerJoin('nodes', 'nodes.id', 'ports.node_id')
    .selectAll('ports')
    .select(['nodes.uuid as node_uuid', 'nodes.owner as node_owner', 'nodes.lessee as node_lessee']);
}

/** The ports of a node in the order in which they were made. */
export async function portsOfNode(db: Database, nodeId: number): Promise<Port[]> {
  const rows = await selectPorts(db).where('ports.node_id', '=', nodeId).orderBy('ports.id').execute();
  return rows.map(portFromRow);
}

/** Merges members into the `internal_info` of a port or a port group; a member that is null is removed. */
export async function mergeInternalInfo(
  db: Database,
  table: 'ports' | 'portgroups',
  uuid: string,
  changes: JsonObject,
): Promise<void> {
  const row = await db.selectFrom(table).select(['id', 'internal_info']).where('uuid', '=', uuid).executeTakeFirst();
  if (row !== undefined) {
    await db
      .updateTable(table)
      .set({ internal_info: JSON.stringify(mergeObject(parseObject(row.internal_info), changes)), updated_at: now() })
      .where('id', '=', row.id)
      .execute();
  }
}

/** The node that the network card with this MAC address belongs to. */
export async function nodeIdOfAddress(db: Database, address: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('ports')
    .select('node_id')
    .where('address', '=', address.toLowerCase())
    .executeTakeFirst();
  return row?.node_id;
}
