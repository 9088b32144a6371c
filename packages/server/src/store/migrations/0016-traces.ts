// The place of a run in a trace, so that it goes on in the same one wherever it goes on.
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('runs').addColumn('trace', 'text').execute();
}
