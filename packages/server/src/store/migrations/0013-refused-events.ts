// Events that a sink refused for good, for the operator to look at.
import type { Kysely } from 'kysely';
import { createIndex, createTable } from './create-table.ts';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(db, 'refused_events', {
    sink: 'text',
    event_id: 'bigint',
    event_uuid: 'text',
    event: 'text',
    node_uuid: 'text?',
    form: 'text',
    reason: 'text',
    created_at: 'text',
  });
  await createIndex(db, 'refused_events', ['sink', 'event_id']);
}
