// From which server the machine of a run fetches its image, so that those that do so at one time can be counted.
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('runs').addColumn('image_server', 'text').execute();
}
