// The version of the PostgreSQL server, for whoever looks after it.
import { sql } from 'kysely';
import type { Database } from './connections.ts';

/** Such as "15.14". */
export async function serverVersion(db: Database): Promise<string> {
  const { rows } = await sql<{ version: string }>`select current_setting('server_version') as version`.execute(db);
  return rows[0]?.version.split(' ')[0] ?? 'of an unknown version';
}
