// Tests the server as a whole: what it does with its data directory, and with a configuration that is changed under it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadConfig } from '../src/config/index.ts';
import { type RunningServer, startServer } from '../src/main.ts';
import { startPostgres } from './support/postgres-server.ts';

const certificateThatIsMissing = '[api]\nmax_limit = 2\ntls_certificate_file = "/none"\ntls_key_file = "/none"\n';

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-server-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A server on its UNIX socket alone, with this configuration file. */
async function start(context: TestContext, folder: string, toml: string): Promise<RunningServer> {
  const file = join(folder, 'wrought.toml');
  writeFileSync(file, toml);
  const config = loadConfig({ file, dataDirectory: folder, set: ['api.listen=', 'log.level=silent'] });
  const server = await startServer({ config });
  context.after(() => server.stop());
  return server;
}

interface Answered {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | undefined;
}

function call(folder: string, method: string, path: string, body?: object): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const headers = { 'X-OpenStack-Ironic-API-Version': '1.115', 'Content-Type': 'application/json' };
    const sent = request({ socketPath: join(folder, 'wrought.sock'), method, path, headers }, async (response) => {
      const chunks = await response.toArray();
      resolve({
        status: response.statusCode ?? 0,
        body: Buffer.concat(chunks).toString('utf8'),
        retryAfter: response.headers['retry-after'],
      });
    });
    sent.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

test('a configuration that was broken leaves the server as it was until it is mended', async (context) => {
  const folder = folderOf(context);
  const server = await start(context, folder, '[api]\nmax_limit = 1\n');
  const listed = async () => {
    const { status, body } = await call(folder, 'GET', '/v1/chassis');
    assert.equal(status, 200, body);
    return JSON.parse(body).chassis.length;
  };
  assert.equal((await call(folder, 'POST', '/v1/chassis', {})).status, 201);
  assert.equal((await call(folder, 'POST', '/v1/chassis', {})).status, 201);
  for (const broken of ['[api]\nmax_limit = \n', '[api]\nmax_limit = 2\n[nothing]\n', certificateThatIsMissing]) {
    writeFileSync(join(folder, 'wrought.toml'), broken);
    await server.reload();
    assert.equal(await listed(), 1);
  }
  writeFileSync(join(folder, 'wrought.toml'), '[api]\nmax_limit = 2\n');
  await server.reload();
  assert.equal(await listed(), 2);
});

test('the database, which holds passwords of BMCs, is for its owner alone', async (context) => {
  const folder = folderOf(context);
  await start(context, folder, '');
  for (const file of ['wrought.db', 'wrought.db-wal', 'password', 'htpasswd', 'wrought.sock']) {
    assert.equal((statSync(join(folder, file)).mode & 0o777).toString(8), '600', file);
  }
});

test('a second server is refused on the same data directory', async (context) => {
  const folder = folderOf(context);
  await start(context, folder, '');
  await assert.rejects(start(context, folder, ''), /in use by another server.*--data-dir/);
});

test('a data directory or database that can not be used is named', async (context) => {
  const folder = folderOf(context);
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  const at = (dataDirectory: string) => startServer({ config: loadConfig({ dataDirectory, set: ['api.listen='] }) });
  await assert.rejects(at(file), new RegExp(`data directory ${file} can not be used.*--data-dir`));
  writeFileSync(join(folder, 'wrought.db'), 'not a database');
  await assert.rejects(at(folder), new RegExp(`database ${join(folder, 'wrought.db')} can not be opened`));
});

test('on PostgreSQL nodes are there again after a restart, and requests are told while the database is gone', async (context) => {
  const folder = folderOf(context);
  const postgres = await startPostgres();
  const toml = `[database]\nurl = "${await postgres.createDatabase()}"\n[drivers]\nenabled = ["fake-hardware"]\n`;
  const first = await start(context, folder, toml);
  const body = { driver: 'fake-hardware', name: 'n1' };
  assert.equal((await call(folder, 'POST', '/v1/nodes', body)).status, 201);
  await first.stop();
  await start(context, folder, toml);
  context.after(() => postgres.remove());
  assert.equal((await call(folder, 'GET', '/v1/nodes/n1')).status, 200);
  await postgres.kill();
  for (const [method, path, sent] of [
    ['GET', '/v1/nodes', undefined],
    ['POST', '/v1/nodes', body],
  ] as const) {
    const answer = await call(folder, method, path, sent);
    assert.deepEqual([answer.status, answer.retryAfter], [503, '5'], answer.body);
    assert.match(answer.body, /can not be used at the moment/);
  }
  await postgres.start();
  assert.equal((await call(folder, 'GET', '/v1/nodes/n1')).status, 200);
});

test('a start waits for a database that is not there yet, as long as it may', async (context) => {
  const folder = folderOf(context);
  const postgres = await startPostgres();
  const toml = `[database]\nurl = "${await postgres.createDatabase()}"\n[drivers]\nenabled = ["fake-hardware"]\n`;
  await postgres.kill();
  await assert.rejects(
    start(context, folder, toml.replace('\n', '\nwait_at_start = 0\n')),
    /The database .* can not be used at the moment/,
  );
  const starting = start(context, folder, toml);
  await postgres.start();
  await starting;
  context.after(() => postgres.remove());
  assert.equal((await call(folder, 'GET', '/v1/nodes')).status, 200);
});
