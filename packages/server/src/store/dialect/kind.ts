// Which of the two databases a connection speaks to, for the few statements that differ between them.
import { type Kysely, SqliteAdapter } from 'kysely';

export type DatabaseKind = 'sqlite' | 'postgres';

/** The kind of database behind a connection or transaction. */
export function databaseKind<Tables>(db: Kysely<Tables>): DatabaseKind {
  return db.getExecutor().adapter instanceof SqliteAdapter ? 'sqlite' : 'postgres';
}
