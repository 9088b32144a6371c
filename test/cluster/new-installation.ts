// An installation for a test: on the PostgreSQL server that the tests of its process share, gone with the test.
import type { TestContext } from 'node:test';
import { newPostgresDatabase } from '../../packages/server/test/support/postgres.ts';
import { type Installation, openInstallation } from './installation.ts';

/** Makes an installation without processes, on a new database unless one is given; all of it ends with the test. */
export async function newInstallation(t: TestContext, given?: string): Promise<Installation> {
  const installation = await openInstallation(given ?? (await newPostgresDatabase()));
  t.after(() => installation.close());
  return installation;
}
