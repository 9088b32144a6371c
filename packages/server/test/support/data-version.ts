// A value that every committed change of a row moves, to see that something changed nothing.
import { sql } from 'kysely';
import { databaseKind } from '../../src/store/dialect/kind.ts';
import type { Database } from '../../src/store/store.ts';

/** Makes a function that answers the present version of the data, for a connection that does not write itself. */
export async function dataVersion(read: Database): Promise<() => Promise<string>> {
  if (databaseKind(read) === 'sqlite') {
    return async () => JSON.stringify((await sql`pragma data_version`.execute(read)).rows);
  }
  // A row that was written has the number of its transaction; one that was deleted is missing.
  const tables = await read.introspection.getTables();
  const versions = tables.map(
    ({ name }) => sql`select count(*) as rows, max(xmin::text::bigint) as newest from ${sql.table(name)}`,
  );
  const query = sql`${sql.join(versions, sql` union all `)}`;
  return async () => JSON.stringify((await query.execute(read)).rows);
}
