// The schema level of the program of each conductor: what it still uses may not be taken away.
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('conductors').addColumn('schema_level', 'integer').execute();
}
