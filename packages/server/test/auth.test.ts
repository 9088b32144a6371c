// Tests authentication over real listeners: passwords, their file, the first start, the UNIX socket, TLS.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { hashSync } from 'bcryptjs';
import fc from 'fast-check';
import { createAuthenticator, isPublicRoute, parseBasic } from '../src/api/auth/index.ts';
import { type LoadOptions, loadConfig } from '../src/config/index.ts';
import { listenerKind, openListeners } from '../src/listen.ts';

const testHashCost = 4;

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-auth-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function basic(user: string, password: string) {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

const tcp = { isUnixSocket: false };

/** A server that answers each request with the verdict of the authenticator. */
async function serve(context: TestContext, options: LoadOptions) {
  const config = loadConfig({ listen: '127.0.0.1:0', ...options });
  const authenticator = createAuthenticator(config);
  const { listeners, reloadTls, close } = await openListeners(config, async (incoming, outgoing) => {
    const kind = listenerKind(incoming.socket);
    const verdict = await authenticator.authenticate(incoming.headers, { isUnixSocket: kind === 'unix' });
    outgoing.writeHead(verdict.ok ? 200 : verdict.status, verdict.ok ? {} : { ...verdict.headers });
    outgoing.end(JSON.stringify({ kind, ...verdict }));
  });
  context.after(() => close(1000));
  const url = listeners.find(({ kind }) => kind === 'api')?.url ?? '';
  return { config, url, listeners, reloadTls, close, socketPath: config.api.unix_socket ?? '' };
}

/** The user and listener that a request over the UNIX socket is taken for. */
function askSocket(socketPath: string): Promise<{ user: string | null; kind: string }> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path: '/v1/nodes' }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (piece) => {
        body += piece;
      });
      response.on('end', () => resolve(JSON.parse(body)));
    })
      .on('error', reject)
      .end();
  });
}

test('on first start a password is generated that opens the API, and both files are private', async (context) => {
  const dataDirectory = folderOf(context);
  const { url } = await serve(context, { dataDirectory });
  const password = readFileSync(join(dataDirectory, 'password'), 'utf8').trim();
  assert.ok(password.length >= 32);
  for (const file of ['password', 'htpasswd']) {
    assert.equal(statSync(join(dataDirectory, file)).mode & 0o777, 0o600);
  }
  const answers = await Promise.all([
    fetch(url),
    fetch(url, { headers: basic('admin', password) }),
    fetch(url, { headers: basic('admin', `${password}x`) }),
    fetch(url, { headers: basic('nobody', password) }),
  ]);
  assert.deepEqual(
    answers.map((answer) => answer.status),
    [401, 200, 401, 401],
  );
  assert.equal(answers[0]?.headers.get('www-authenticate'), 'Basic realm="Baremetal API"');
});

test('the generated password outlives restarts and a deleted htpasswd file', async (context) => {
  const dataDirectory = folderOf(context);
  const config = loadConfig({ dataDirectory });
  createAuthenticator(config);
  const password = readFileSync(join(dataDirectory, 'password'), 'utf8').trim();
  rmSync(join(dataDirectory, 'htpasswd'));
  const verdict = await createAuthenticator(config).authenticate(basic('admin', password), tcp);
  assert.deepEqual(verdict, { ok: true, user: 'admin' });
  assert.equal(readFileSync(join(dataDirectory, 'password'), 'utf8').trim(), password);
});

test('the UNIX socket is private and needs no password', async (context) => {
  const dataDirectory = folderOf(context);
  const { socketPath } = await serve(context, { dataDirectory });
  assert.equal(statSync(socketPath).mode & 0o777, 0o600);
  assert.deepEqual(await askSocket(socketPath), { kind: 'unix', ok: true, user: 'unix-socket' });
});

test('a socket left behind is replaced, one in use and a file that is no socket are not', async (context) => {
  const dataDirectory = folderOf(context);
  const config = loadConfig({ dataDirectory, listen: '' });
  const first = await openListeners(config, () => {});
  await assert.rejects(
    openListeners(config, () => {}),
    /another server listens on .*wrought\.sock/,
  );
  await first.close(0);
  const path = config.api.unix_socket ?? '';
  const script = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  assert.equal(spawnSync(process.execPath, ['-e', script, path]).signal, 'SIGKILL');
  assert.ok(statSync(path).isSocket());
  const second = await openListeners(config, () => {});
  await second.close(0);
  writeFileSync(path, 'precious');
  await assert.rejects(
    openListeners(config, () => {}),
    /is not a socket/,
  );
  assert.equal(readFileSync(path, 'utf8'), 'precious');
});

test('a taken port is explained with its option and a remedy, and nothing stays open', async (context) => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  context.after(() => other.close());
  const address = other.address();
  assert.ok(typeof address === 'object' && address !== null);
  const dataDirectory = folderOf(context);
  const config = loadConfig({ dataDirectory, listen: `127.0.0.1:${address.port}` });
  await assert.rejects(
    openListeners(config, () => {}),
    /api\.listen: can not listen on 127\.0\.0\.1:\d+: another program listens there/,
  );
  await assert.rejects(askSocket(config.api.unix_socket ?? ''), /ENOENT/);
});

test('the ramdisk listener is told from the API', async (context) => {
  const { listeners } = await serve(context, { dataDirectory: folderOf(context), set: ['api.ramdisk_listen=[::1]:0'] });
  const ramdisk = listeners.find(({ kind }) => kind === 'ramdisk');
  const answer = await fetch(ramdisk?.url ?? '');
  assert.partialDeepStrictEqual(await answer.json(), { kind: 'ramdisk' });
});

test('TLS serves the certificate, refuses old versions, and takes a new certificate on reload', async (context) => {
  const dataDirectory = folderOf(context);
  const makeCertificate = (name: string) =>
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`],
        ...['-keyout', join(dataDirectory, 'key.pem'), '-out', join(dataDirectory, 'cert.pem')],
      ],
      { stdio: 'ignore' },
    );
  makeCertificate('first');
  const { url, config, reloadTls } = await serve(context, {
    dataDirectory,
    set: [
      `api.tls_certificate_file=${join(dataDirectory, 'cert.pem')}`,
      `api.tls_key_file=${join(dataDirectory, 'key.pem')}`,
      'api.tls_minimum_version=1.3',
    ],
  });
  const commonName = (options: { maxVersion?: 'TLSv1.2' } = {}) =>
    new Promise((resolve, reject) => {
      tlsRequest(url, { rejectUnauthorized: false, agent: false, ...options }, (response) => {
        response.resume();
        const socket = response.socket;
        resolve('getPeerCertificate' in socket ? JSON.stringify(Object(socket).getPeerCertificate().subject) : '');
      })
        .on('error', reject)
        .end();
    });
  assert.equal(await commonName(), '{"CN":"first"}');
  await assert.rejects(commonName({ maxVersion: 'TLSv1.2' }));
  makeCertificate('second');
  reloadTls(config);
  assert.equal(await commonName(), '{"CN":"second"}');
  writeFileSync(join(dataDirectory, 'key.pem'), 'no key');
  assert.throws(() => reloadTls(config), /api\.tls_key_file .*key\.pem can not be used together/);
  assert.equal(await commonName(), '{"CN":"second"}');
});

test('a changed password file takes effect, an unusable one is reported and changes nothing', async (context) => {
  const dataDirectory = folderOf(context);
  const file = join(dataDirectory, 'users');
  const write = (password: string) => writeFileSync(file, `# users\n\neve:${hashSync(password, testHashCost)}\n`);
  write('one');
  const config = loadConfig({ dataDirectory, set: [`api.http_basic_auth_user_file=${file}`] });
  const problems: string[] = [];
  const authenticator = createAuthenticator(config, (error) => problems.push(error.message));
  const isRight = async (password: string) => (await authenticator.authenticate(basic('eve', password), tcp)).ok;
  assert.equal(await isRight('one'), true);
  assert.equal(await isRight('one'), true);
  write('two');
  authenticator.reload();
  assert.equal(await isRight('one'), false);
  assert.equal(await isRight('two'), true);
  writeFileSync(file, 'eve:plain text\n');
  assert.throws(() => authenticator.reload(), /users:1: is not "user:bcrypt hash"/);
  assert.equal(await isRight('two'), true);

  // Without reload(), the change is seen by itself after a moment.
  write('three');
  const deadline = performance.now() + 10_000;
  while (!(await isRight('three')) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.equal(await isRight('three'), true);
  assert.deepEqual(problems, []);
});

test('a password file that is named and missing stops the start with the way to make it', (context) => {
  const config = loadConfig({
    dataDirectory: folderOf(context),
    set: ['api.http_basic_auth_user_file=/nonexistent/users'],
  });
  assert.throws(() => createAuthenticator(config), /\/nonexistent\/users does not exist; make it with `htpasswd -cB/);
});

test('a verified password is not paid for again, and a flood of others is turned away', async (context) => {
  const dataDirectory = folderOf(context);
  const file = join(dataDirectory, 'users');
  writeFileSync(file, `eve:${hashSync('right', testHashCost)}\n`);
  const config = loadConfig({ dataDirectory, set: [`api.http_basic_auth_user_file=${file}`] });
  const authenticator = createAuthenticator(config);
  assert.equal((await authenticator.authenticate(basic('eve', 'right'), tcp)).ok, true);
  const flood = Array.from({ length: 40 }, (_, index) => authenticator.authenticate(basic('eve', `${index}`), tcp));
  // While the flood waits its turn, the known password is answered at once: it needs no turn.
  assert.equal((await authenticator.authenticate(basic('eve', 'right'), tcp)).ok, true);
  const statuses = (await Promise.all(flood)).map((verdict) => (verdict.ok ? 200 : verdict.status));
  assert.equal(statuses.filter((status) => status === 401).length, 32);
  assert.equal(statuses.filter((status) => status === 503).length, 8);
});

test('auth none lets everyone in without a name', async (context) => {
  const { url } = await serve(context, { dataDirectory: folderOf(context), set: ['api.auth=none'] });
  assert.deepEqual(await (await fetch(url)).json(), { kind: 'api', ok: true, user: null });
});

test('credentials come out of the header as they went in, and other headers are not credentials', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }).filter((text) => !text.includes(':')),
      fc.string({ unit: 'binary' }),
      (user, password) => {
        assert.deepEqual(parseBasic(basic(user, password).authorization), { user, password });
      },
    ),
  );
  for (const header of [undefined, '', 'Basic', 'Basic ', 'Bearer eDp5', 'Basic !!!', 'Basic eA==']) {
    assert.equal(parseBasic(header), undefined);
  }
});

test('only discovery and the routes of the ramdisk are public', () => {
  for (const path of ['/', '/v1', '/v1/', '/v1/lookup', '/v1/heartbeat/aa-1', '/v1/continue_inspection']) {
    assert.ok(isPublicRoute(path), path);
  }
  for (const path of [
    '/v1/nodes',
    '/v1/lookup/x',
    '/v1/heartbeat',
    '/v1/heartbeat/a/b',
    '/wrought/v1',
    '//v1/lookup',
  ]) {
    assert.ok(!isPublicRoute(path), path);
  }
});
