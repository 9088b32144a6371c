// The PostgreSQL server that the tests of one process share: started when the first of them asks, with a database for each.
import { after } from 'node:test';
import { createDatabaseIn, type PostgresServer, startPostgres } from './postgres-server.ts';

/** Set for a process whose tests all run on this PostgreSQL server: the folder with its socket. */
export const SERVER_VARIABLE = 'WROUGHT_TEST_POSTGRES';

let shared: Promise<PostgresServer> | undefined;

/** The URL of a new database on the server that the tests of this process share. */
export async function newPostgresDatabase(): Promise<string> {
  const given = process.env[SERVER_VARIABLE];
  if (given !== undefined) {
    return createDatabaseIn(given);
  }
  shared ??= startPostgres();
  return (await shared).createDatabase();
}

after(async () => {
  await (await shared)?.remove();
});
