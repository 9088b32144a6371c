// The class of work by which runs are limited, so that those over the limit can be counted and wait in line.
import type { Kysely } from 'kysely';
import { createIndex } from './create-table.ts';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('runs').addColumn('limit_class', 'text').execute();
  await createIndex(db, 'runs', ['status', 'limit_class']);
}
