// Authentication by Keystone where no Keystone is: configuration, an identity service that is away, slow or a stranger, and the memory for tokens.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { isAllowedBy } from '../src/api/auth/access-rules.ts';
import { createAuthenticator } from '../src/api/auth/index.ts';
import { createTokenCache } from '../src/api/auth/token-cache.ts';
import { loadConfig, showConfig } from '../src/config/index.ts';
import { startServer } from '../src/main.ts';

const credentials = ['keystone.username=wrought', 'keystone.password=geheim', 'keystone.project_name=service'];
const tcp = { isUnixSocket: false };

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-keystone-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function configFor(folder: string, authUrl: string, ...set: string[]) {
  const given = ['api.auth=keystone', `keystone.auth_url=${authUrl}`, ...credentials, 'log.level=silent', ...set];
  return loadConfig({ dataDirectory: folder, listen: '127.0.0.1:0', set: given });
}

async function listen(context: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** The refusal of a request with some token, and what the log heard. */
async function refusal(context: TestContext, config: ReturnType<typeof loadConfig>) {
  const problems: string[] = [];
  const authenticator = createAuthenticator(config, ({ message }) => problems.push(message));
  context.after(() => authenticator.close());
  const first = await authenticator.authenticate({ 'x-auth-token': 'gAAAA' }, tcp);
  const second = await authenticator.authenticate({ 'x-auth-token': 'gAAAA' }, tcp);
  assert.deepEqual(second, first);
  assert.ok(!first.ok);
  return { ...first, problems };
}

test('what Keystone needs and is not there is named with file, line and key', (context) => {
  const file = join(folderOf(context), 'wrought.toml');
  for (const [toml, problem] of [
    ['[api]\nauth = "keystone"\n', /wrought\.toml:2: api\.auth: "keystone" needs keystone\.auth_url/],
    ['[api]\nauth = "keystone"\n', /wrought\.toml:2: api\.auth: "keystone" needs a user of this server/],
    ['[keystone]\nusername = "a"\nproject_name = "b"\n', /toml:2: keystone\.username: needs keystone\.password/],
    ['[keystone]\nusername = "a"\npassword = "b"\n', /toml:2: keystone\.username: needs keystone\.project_name/],
    ['[keystone]\napplication_credential_secret = "a"\n', /toml:2: .*needs keystone\.application_credential_id/],
    ['[keystone]\nauth_url = "nowhere"\n', /toml:2: keystone\.auth_url: .*allowed: a URL that begins with http/],
  ] as const) {
    writeFileSync(file, toml);
    assert.throws(() => loadConfig({ file }), problem);
  }
});

test('the secrets of the section are masked', (context) => {
  const shown = showConfig(configFor(folderOf(context), 'http://127.0.0.1:1'));
  assert.match(shown, /username = "wrought"/);
  assert.ok(!shown.includes('geheim'));
});

test('a CA file that is missing stops the start', (context) => {
  const config = configFor(folderOf(context), 'https://127.0.0.1:1', 'keystone.cafile=/nonexistent/ca.pem');
  assert.throws(() => createAuthenticator(config), /keystone\.cafile: \/nonexistent\/ca\.pem can not be read/);
});

test('the server starts without Keystone and answers 503, but 401 where there is no token', async (context) => {
  const server = await startServer({ config: configFor(folderOf(context), 'http://127.0.0.1:1/v3') });
  context.after(() => server.stop());
  const url = server.urls.find((each) => each.startsWith('http:')) ?? '';
  const answer = await fetch(`${url}/v1/nodes`, { headers: { 'X-Auth-Token': 'gAAAA' } });
  assert.equal(answer.status, 503);
  assert.match(answer.headers.get('Retry-After') ?? '', /^\d+$/);
  assert.match(await answer.text(), /POST http:\/\/127\.0\.0\.1:1\/v3\/auth\/tokens: .*ECONNREFUSED/);
  const without = await fetch(`${url}/v1/nodes`);
  assert.equal(without.status, 401);
  assert.equal(without.headers.get('WWW-Authenticate'), 'Keystone uri="http://127.0.0.1:1/v3"');
  assert.equal((await fetch(`${url}/v1`)).status, 200);
});

test('an identity service that never answers costs the time-out and no more', async (context) => {
  const port = await listen(context, createServer());
  const config = configFor(folderOf(context), `http://127.0.0.1:${port}`, 'keystone.timeout=1');
  const { status, message, problems } = await refusal(context, config);
  assert.equal(status, 503);
  assert.match(message, /no answer within 1 seconds \(keystone\.timeout\)/);
  assert.equal(problems.length, 1, 'the log is told once');
});

test('the certificate of Keystone is verified, with the CA that is named', async (context) => {
  const folder = folderOf(context);
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=keystone', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const identity = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => {
    response.writeHead(401).end('{}');
  });
  const url = `https://127.0.0.1:${await listen(context, identity)}`;
  assert.match((await refusal(context, configFor(folder, url))).message, /self-signed certificate/);
  for (const trusting of [`keystone.cafile=${cert}`, 'keystone.insecure=true']) {
    const { status, message } = await refusal(context, configFor(folder, url, trusting));
    assert.equal(status, 503);
    assert.match(message, /Keystone refuses the user of this server .* section \[keystone\]/);
  }
});

test('requests with one token at one time ask once, and the answer is remembered', async () => {
  const cache = createTokenCache<string>(300);
  const gate = Promise.withResolvers<void>();
  let asked = 0;
  const ask = async () => {
    asked += 1;
    await gate.promise;
    return { valid: true as const, known: 'alice', endsAt: Date.now() + 60_000 };
  };
  const burst = Array.from({ length: 20 }, () => cache.verdict('t', ask));
  gate.resolve();
  for (const verdict of await Promise.all([...burst, cache.verdict('t', ask)])) {
    assert.equal(verdict.valid && verdict.known, 'alice');
  }
  assert.equal(asked, 1);
  cache.clear();
  await cache.verdict('t', ask);
  assert.equal(asked, 2);
});

test('a token is remembered for its time, not beyond its end, and not at all with no time', async () => {
  const until = async (seconds: number, endsAt: number, wanted: number) => {
    const cache = createTokenCache<string>(seconds);
    let asked = 0;
    const ask = async () => {
      asked += 1;
      return { valid: true as const, known: 'alice', endsAt };
    };
    while (asked < wanted) {
      await cache.verdict('t', ask);
      // Time passes only between turns of the event loop.
      await setImmediate();
    }
  };
  await until(0.05, Number.POSITIVE_INFINITY, 3);
  await until(300, Date.now() + 50, 3);
  await until(0, Number.POSITIVE_INFINITY, 3);
  await until(-1, Number.POSITIVE_INFINITY, 3);
});

test('a refused token is remembered, a failure to ask is not, and an answer from before `clear` is not either', async () => {
  const cache = createTokenCache<string>(300);
  let asked = 0;
  const refuse = async () => {
    asked += 1;
    return { valid: false as const };
  };
  await assert.rejects(
    cache.verdict('t', () => Promise.reject(new Error('away'))),
    /away/,
  );
  await cache.verdict('t', refuse);
  await cache.verdict('t', refuse);
  assert.equal(asked, 1);

  const gate = Promise.withResolvers<void>();
  const late = cache.verdict('u', async () => {
    await gate.promise;
    return { valid: true, known: 'alice', endsAt: Number.POSITIVE_INFINITY };
  });
  cache.clear();
  gate.resolve();
  assert.equal((await late).valid, true);
  assert.equal((await cache.verdict('u', refuse)).valid, false);
});

test('access rules match methods and paths segment by segment', () => {
  const allows = (path: string, asked: string, more: { service?: string; method?: string } = {}) =>
    isAllowedBy([{ service: 'baremetal', method: 'GET', path, ...more }], 'baremetal', { method: 'GET', path: asked });
  for (const [path, asked, expected] of [
    ['/v1/nodes', '/v1/nodes', true],
    ['/v1/nodes', '/v1/nodes/a', false],
    ['/v1/nodes/*', '/v1/nodes/a', true],
    ['/v1/nodes/*', '/v1/nodes/a/states', false],
    ['/v1/nodes/{node}/states', '/v1/nodes/a/states', true],
    ['/v1/nodes/{node}/states', '/v1/nodes//states', false],
    ['/v1/nodes/**', '/v1/nodes/a/states/power', true],
    ['**', '/v1/nodes', true],
    ['/v1/n.des', '/v1/nodes', false],
    ['/v1/nodes|/v1/ports', '/v1/ports', false],
    ['/v1/nodes/{a', '/v1/nodes/{a', true],
    ['', '/v1/nodes', false],
    ['**/states', '/v1/nodes/a/states', true],
    ['/v1/*des', '/v1/nodes', true],
    ['/v1/**/states/*', '/v1/nodes/a/states', false],
    ['**a'.repeat(40), '/a'.repeat(4000), true],
    [`${'**a'.repeat(40)}!`, '/a'.repeat(4000), false],
    [`${'*{a}'.repeat(20)}!`, 'a'.repeat(8000), false],
  ] as const) {
    assert.equal(allows(path, asked), expected, `${path} for ${asked.slice(0, 40)}`);
  }
  assert.equal(allows('**', '/v1/nodes', { service: 'compute' }), false);
  assert.equal(allows('**', '/v1/nodes', { method: 'PUT' }), false);
  assert.equal(isAllowedBy([], 'baremetal', { method: 'GET', path: '/' }), false);
  const all = [{ service: 'baremetal', method: 'GET', path: '**' }];
  assert.equal(isAllowedBy(all, null, { method: 'GET', path: '/' }), false, 'a server that has no type knows no rules');
});
