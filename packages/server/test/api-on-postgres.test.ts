// The tests of the API once more, each file in a process of its own whose databases are PostgreSQL's.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { SERVER_VARIABLE } from './support/postgres.ts';
import { type PostgresServer, startPostgres } from './support/postgres-server.ts';

const folder = import.meta.dirname;
const files = globSync('api-*.test.ts', { cwd: folder })
  .filter((file) => file !== basename(import.meta.filename))
  .sort();

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.remove());

/** Runs a test file; answers its exit code and what it printed. */
function run(file: string): Promise<{ code: unknown; output: string }> {
  const environment: NodeJS.ProcessEnv = { ...process.env, [SERVER_VARIABLE]: server.directory };
  // It would make the process talk to the runner of this file instead of printing.
  delete environment.NODE_TEST_CONTEXT;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--test', '--test-reporter=spec', join(folder, file)],
      { env: environment },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, output: `${stdout}${stderr}` }),
    );
  });
}

for (const file of files) {
  test(`${file} passes on PostgreSQL`, async () => {
    const { code, output } = await run(file);
    assert.equal(code, 0, output);
    assert.match(output, /^ℹ pass [1-9]/m);
  });
}
