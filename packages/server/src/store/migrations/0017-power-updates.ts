// The last change of power of each machine with an instance, and whether the compute service was told of it.
import type { Kysely } from 'kysely';
import { createIndex, createTable } from './create-table.ts';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(
    db,
    'power_updates',
    {
      node_id: 'integer',
      instance_uuid: 'text',
      power_state: 'text',
      change: 'bigint',
      told: 'integer',
      queued_at: 'text',
    },
    [['node_id']],
  );
  await createIndex(db, 'power_updates', ['told']);
}
