// Volume connectors and targets.
import type { Kysely } from 'kysely';
import { createIndex, createTable } from './create-table.ts';

export async function up(db: Kysely<unknown>): Promise<void> {
  const times = { created_at: 'text', updated_at: 'text?' } as const;
  await createTable(
    db,
    'volume_connectors',
    { uuid: 'text', node_id: 'integer', type: 'text', connector_id: 'text', extra: 'text', ...times },
    [['uuid'], ['type', 'connector_id']],
  );
  await createTable(
    db,
    'volume_targets',
    {
      uuid: 'text',
      node_id: 'integer',
      volume_type: 'text',
      boot_index: 'integer',
      volume_id: 'text',
      properties: 'text',
      extra: 'text',
      ...times,
    },
    [['uuid'], ['node_id', 'boot_index']],
  );
  await createIndex(db, 'volume_connectors', ['node_id']);
}
