// Several conductors on one database: where each one listens for calls, whether it is draining, and the key they share.
import type { Kysely } from 'kysely';
import { createTable } from './create-table.ts';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('conductors').addColumn('internal_url', 'text').execute();
  await db.schema
    .alterTable('conductors')
    .addColumn('draining', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await createTable(db, 'cluster_keys', { name: 'text', value: 'text', created_at: 'text' }, [['name']]);
}
