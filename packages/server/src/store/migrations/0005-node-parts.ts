// What drivers and inspections tell of a node's parts: BIOS settings, firmware components, the inventory.
import type { Kysely } from 'kysely';
import { createTable } from './create-table.ts';

const times = { created_at: 'text', updated_at: 'text?' } as const;

export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(
    db,
    'bios_settings',
    {
      node_id: 'integer',
      name: 'text',
      value: 'text?',
      attribute_type: 'text?',
      allowable_values: 'text?',
      lower_bound: 'integer?',
      upper_bound: 'integer?',
      min_length: 'integer?',
      max_length: 'integer?',
      read_only: 'integer?',
      reset_required: 'integer?',
      unique: 'integer?',
      ...times,
    },
    [['node_id', 'name']],
  );
  await createTable(
    db,
    'firmware_components',
    {
      node_id: 'integer',
      component: 'text',
      initial_version: 'text',
      current_version: 'text?',
      last_version_flashed: 'text?',
      vendor: 'text?',
      model: 'text?',
      serial_number: 'text?',
      ...times,
    },
    [['node_id', 'component']],
  );
  await createTable(db, 'inventories', { node_id: 'integer', inventory: 'text', plugin_data: 'text', ...times }, [
    ['node_id'],
  ]);
}
