// What events for the outside need to be delivered, and how far each sink has come with them.
import type { Kysely } from 'kysely';
import { createTable } from './create-table.ts';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const column of ['uuid', 'owner', 'lessee', 'publisher', 'object']) {
    await db.schema.alterTable('outbox').addColumn(column, 'text').execute();
  }
  await createTable(
    db,
    'event_places',
    { sink: 'text', place: 'bigint', lost: 'bigint', holder: 'text?', expires_ms: 'bigint', updated_at: 'text' },
    [['sink']],
  );
}
