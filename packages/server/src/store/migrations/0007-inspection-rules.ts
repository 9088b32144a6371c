// Inspection rules.
import type { Kysely } from 'kysely';
import { createTable } from './create-table.ts';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(
    db,
    'inspection_rules',
    {
      uuid: 'text',
      priority: 'integer',
      phase: 'text',
      description: 'text?',
      sensitive: 'integer',
      actions: 'text',
      conditions: 'text',
      created_at: 'text',
      updated_at: 'text?',
    },
    [['uuid']],
  );
}
