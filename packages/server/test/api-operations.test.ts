// What operators put around an API: health check, audit log, and pages of other origins.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadConfig } from '../src/config/index.ts';
import { type RunningServer, startServer } from '../src/main.ts';

async function start(
  context: TestContext,
  ...set: string[]
): Promise<{ server: RunningServer; url: string; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-operations-'));
  const file = join(folder, 'wrought.toml');
  writeFileSync(file, '');
  const common = ['api.auth=none', 'api.listen=127.0.0.1:0', 'log.level=silent', 'drivers.enabled=["fake-hardware"]'];
  const server = await startServer({ config: loadConfig({ file, dataDirectory: folder, set: [...common, ...set] }) });
  context.after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  return { server, url: server.urls.find((each) => each.startsWith('http')) ?? '', folder };
}

test('the health check answers without version or credentials, and can be taken out of service by a file', async (context) => {
  const away = join(tmpdir(), `wrought-away-${process.pid}`);
  const { url } = await start(context, `healthcheck.disable_by_file_path=${away}`);
  const healthy = await fetch(`${url}/healthcheck`);
  assert.equal(healthy.status, 200);
  assert.equal(await healthy.text(), 'OK');
  const json = await fetch(`${url}/healthcheck`, { headers: { Accept: 'application/json' } });
  assert.deepEqual(await json.json(), { detailed: false, reasons: ['OK'] });
  assert.equal((await fetch(`${url}/healthcheck`, { method: 'HEAD' })).status, 200);
  assert.equal((await fetch(`${url}/healthcheck`, { method: 'POST' })).status, 404);
  writeFileSync(away, '');
  try {
    const gone = await fetch(`${url}/healthcheck`);
    assert.equal(gone.status, 503);
    assert.match(await gone.text(), /DISABLED BY FILE/);
  } finally {
    rmSync(away);
  }
  assert.equal((await fetch(`${url}/healthcheck`)).status, 200);
});

test('every request that would change something is in the audit log, with who, what and how it ended', async (context) => {
  const { server, url, folder } = await start(context, 'audit.enabled=true');
  const file = join(folder, 'audit.jsonl');
  const send = (method: string, path: string, body?: unknown) =>
    fetch(url + path, {
      method,
      headers: {
        'Content-Type': 'application/json',
        'X-OpenStack-Ironic-API-Version': 'latest',
        'User-Agent': 'a test',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const lines = () =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  const created = await send('POST', '/v1/nodes', { driver: 'fake-hardware', driver_info: { password: 'geheim' } });
  const made = (await created.json()) as { uuid: string };
  await (await send('GET', '/v1/nodes')).arrayBuffer();
  await send('PUT', `/v1/nodes/${made.uuid}/states/power`, { target: 'power on' });
  await send('PATCH', `/v1/nodes/${made.uuid}`, 'no patch');
  await send('DELETE', '/v1/volume/targets/x');
  const events = lines();
  assert.deepEqual(
    events.map(({ action, outcome, reason, target }) => [
      action,
      outcome,
      reason.reasonCode,
      target.typeURI,
      target.id,
    ]),
    [
      ['create', 'success', '201', 'service/bare_metal/nodes', 'nodes'],
      ['update/states/power', 'pending', '202', 'service/bare_metal/nodes', made.uuid],
      ['update', 'failure', '400', 'service/bare_metal/nodes', made.uuid],
      ['delete', 'failure', events.at(-1)?.reason.reasonCode, 'service/bare_metal/volume/targets', 'x'],
    ],
  );
  const [first] = events;
  assert.equal(first.eventType, 'activity');
  assert.equal(first.initiator.host.agent, 'a test');
  assert.equal(first.initiator.host.address, '127.0.0.1');
  assert.match(first.request_id, /^req-/);
  assert.equal(readFileSync(file, 'utf8').includes('geheim'), false, 'no body, no secret');
  renameSync(file, `${file}.1`);
  await server.reload();
  await send('DELETE', `/v1/nodes/${made.uuid}`);
  assert.equal(lines().length, 1);
  assert.ok(existsSync(`${file}.1`));
});

test('pages of allowed origins may call the API, others may not', async (context) => {
  const { url } = await start(context, 'cors.allowed_origin=["https://dashboard.example.org"]');
  const from = (origin: string, method = 'GET', more: Record<string, string> = {}) =>
    fetch(`${url}/v1/nodes`, { method, headers: { Origin: origin, ...more } });
  const allowed = await from('https://dashboard.example.org');
  assert.equal(allowed.headers.get('access-control-allow-origin'), 'https://dashboard.example.org');
  assert.equal(allowed.headers.get('access-control-allow-credentials'), 'true');
  assert.match(allowed.headers.get('access-control-expose-headers') ?? '', /X-OpenStack-Ironic-API-Version/);
  const preflight = await from('https://dashboard.example.org', 'OPTIONS', {
    'Access-Control-Request-Method': 'PATCH',
  });
  assert.equal(preflight.status, 200);
  assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /PATCH/);
  assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /X-Auth-Token/);
  assert.equal(preflight.headers.get('access-control-max-age'), '3600');
  const other = await from('https://evil.example.org');
  assert.equal(other.headers.get('access-control-allow-origin'), null);
  assert.equal(other.headers.get('vary'), 'Origin');
});

test('pages of any origin never act with credentials', async (context) => {
  const { url } = await start(context, 'cors.allowed_origin=["*"]');
  const answer = await fetch(`${url}/v1`, { headers: { Origin: 'https://anyone.example.org' } });
  assert.equal(answer.headers.get('access-control-allow-origin'), '*');
  assert.equal(answer.headers.get('access-control-allow-credentials'), null);
});
