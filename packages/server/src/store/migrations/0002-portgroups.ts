// Port groups, and a way to find the ports in one.
import type { Kysely } from 'kysely';
import { createIndex, createTable } from './create-table.ts';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(
    db,
    'portgroups',
    {
      uuid: 'text',
      node_id: 'integer',
      address: 'text?',
      name: 'text?',
      extra: 'text',
      internal_info: 'text',
      standalone_ports_supported: 'integer',
      mode: 'text',
      properties: 'text',
      physical_network: 'text?',
      category: 'text?',
      dynamic_portgroup: 'integer',
      created_at: 'text',
      updated_at: 'text?',
    },
    [['uuid'], ['address'], ['name']],
  );
  await createIndex(db, 'portgroups', ['node_id']);
  await createIndex(db, 'ports', ['portgroup_uuid']);
}
