// Indexes for events of one node, and for those that are old enough to go.
import type { Kysely } from 'kysely';
import { createIndex } from './create-table.ts';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createIndex(db, 'outbox', ['node_uuid', 'id']);
  await createIndex(db, 'outbox', ['created_at']);
}
