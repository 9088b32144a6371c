// Tests how a command finds its server, and that a password goes only where it belongs.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findServer } from '../src/server-address.ts';
import { startFakeApi, wrought } from './fake-api.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'wrought-cli-'));
after(() => rmSync(dataDir, { recursive: true }));
writeFileSync(join(dataDir, 'password'), 'generated\n');

function authorization(url: string, options: object = {}, environment: NodeJS.ProcessEnv = {}): string | undefined {
  const server = findServer({ format: 'table', url, ...options }, { WROUGHT_DATA_DIR: dataDir, ...environment });
  assert.equal(server.kind, 'url');
  const value = server.kind === 'url' ? server.authorization : undefined;
  return value === undefined ? undefined : Buffer.from(value.replace('Basic ', ''), 'base64').toString();
}

test('the UNIX socket of the data directory is the default, and needs no password', async (context) => {
  const api = await startFakeApi(() => ({ body: { nodes: [] } }), join(dataDir, 'wrought.sock'));
  context.after(api.close);
  for (const [args, environment] of [
    [['--data-dir', dataDir, 'node', 'list'], {}],
    [['node', 'list'], { WROUGHT_DATA_DIR: dataDir }],
  ] as const) {
    const { exitCode, err } = await wrought(args, environment);
    assert.equal(exitCode, 0, err);
  }
  assert.equal(api.asked.length, 2);
  assert.equal(api.asked[0]?.headers.authorization, undefined);
});

test('without a server on the data directory the command says how to start one', async () => {
  const { exitCode, err } = await wrought(['--data-dir', '/nonexistent', 'node', 'list']);
  assert.equal(exitCode, 1);
  assert.match(err, /no server runs on the data directory \/nonexistent .* `wrought serve`/);
});

test('the generated password goes to this machine, and elsewhere only when the data directory is named', () => {
  assert.equal(authorization('http://127.0.0.1:6385'), 'admin:generated');
  assert.equal(authorization('https://localhost'), 'admin:generated');
  assert.equal(authorization('http://[::1]:1'), 'admin:generated');
  assert.equal(authorization('http://192.0.2.1:6385'), undefined);
  assert.equal(authorization('http://127.0.0.1.example.org'), undefined);
  assert.equal(authorization('http://192.0.2.1:6385', { dataDir }), 'admin:generated');
});

test('a password from the environment or the URL goes first', () => {
  const environment = { WROUGHT_PASSWORD: 'mine', WROUGHT_USER: 'eve' };
  assert.equal(authorization('http://192.0.2.1', {}, environment), 'eve:mine');
  assert.equal(authorization('http://192.0.2.1', { user: 'bob' }, environment), 'bob:mine');
  assert.equal(authorization('http://a%40b:p%3Aw@192.0.2.1', {}, environment), 'a@b:p:w');
});

test('a base path of the URL is kept', async (context) => {
  const api = await startFakeApi(() => ({ body: {} }));
  context.after(api.close);
  await wrought(['--url', `${api.url}/baremetal/`, 'node', 'show', 'n']);
  assert.equal(api.asked[0]?.url, '/baremetal/v1/nodes/n');
});

test('a URL that is none is refused', async () => {
  const { err } = await wrought(['--url', 'ftp://x', 'node', 'list']);
  assert.match(err, /is not an http:\/\/ or https:\/\/ URL/);
});

test('OpenStack variables bring a token, and lead to the catalogue unless a server or data directory is named', () => {
  const cloud = { OS_AUTH_URL: 'http://192.0.2.9/v3', OS_USERNAME: 'eve', OS_PASSWORD: 'p', OS_SYSTEM_SCOPE: 'all' };
  const format = 'table' as const;
  assert.equal(findServer({ format }, cloud).kind, 'catalog');
  const url = 'http://127.0.0.1:6385';
  const named = findServer({ format, url }, { ...cloud, WROUGHT_DATA_DIR: dataDir });
  assert.ok(named.kind === 'url' && named.keystone !== undefined);
  assert.equal(named.authorization, undefined, 'the generated password stays here');
  const withPassword = findServer({ format, url }, { ...cloud, WROUGHT_PASSWORD: 'mine' });
  assert.ok(withPassword.kind === 'url' && withPassword.keystone === undefined);
  assert.throws(() => findServer({ format }, { WROUGHT_DATA_DIR: '/nonexistent', ...cloud }), /no server runs on/);
  for (const [changed, words] of [
    [{ OS_USERNAME: '' }, /OS_USERNAME is not set/],
    [{ OS_SYSTEM_SCOPE: 'some' }, /OS_SYSTEM_SCOPE is "some"; allowed: all/],
    [{ OS_AUTH_URL: 'ftp://x' }, /OS_AUTH_URL is "ftp:\/\/x"/],
    [{ OS_APPLICATION_CREDENTIAL_ID: 'x' }, /OS_APPLICATION_CREDENTIAL_SECRET is not set/],
    [{ OS_CACERT: '/nonexistent' }, /OS_CACERT can not be read/],
  ] as const) {
    assert.throws(() => findServer({ format }, { ...cloud, ...changed }), words);
  }
});
