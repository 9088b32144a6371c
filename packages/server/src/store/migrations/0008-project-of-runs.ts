// The project of whoever asked for a run, which the history of the node tells.
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('runs').addColumn('requested_by_project', 'text').execute();
}
