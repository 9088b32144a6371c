// Runbooks.
import type { Kysely } from 'kysely';
import { createTable } from './create-table.ts';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(
    db,
    'runbooks',
    {
      uuid: 'text',
      name: 'text',
      steps: 'text',
      disable_ramdisk: 'integer',
      extra: 'text',
      public: 'integer',
      owner: 'text?',
      description: 'text?',
      traits: 'text',
      created_at: 'text',
      updated_at: 'text?',
    },
    [['uuid'], ['name']],
  );
}
