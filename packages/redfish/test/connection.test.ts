// Connections to a BMC: keep-alive, time-outs, retries only where they do no harm, redirections, bodies.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  ClosedError,
  ConnectionError,
  createClient,
  type ExchangeReport,
  MalformedError,
  ResponseError,
  TimeoutError,
} from '../src/index.ts';
import { clientOf, failure, type Handler, type Reply, startService } from './support/service.ts';

/** Gives one reply after the other, the last one for ever. */
const inTurn = (...replies: readonly Reply[]): Handler => {
  let next = 0;
  return () => replies[Math.min(next++, replies.length - 1)];
};

test('requests one after the other go over one connection', async () => {
  await using service = await startService({ 'GET /redfish/v1/Systems/1': { Id: '1' } });
  await using client = clientOf(service);
  for (let turn = 0; turn < 5; turn++) await client.get('/redfish/v1/Systems/1');
  assert.equal(service.asked.length, 5);
  assert.equal(service.sockets.size, 1);
});

test('a refused connection says so, where, and what to do', async () => {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as { port: number };
  await new Promise((resolve) => listener.close(resolve));
  await using client = createClient({ url: `http://127.0.0.1:${port}`, retryDelayMilliseconds: 1 });
  await assert.rejects(client.get('/redfish/v1/Systems'), (error) => {
    assert.ok(error instanceof ConnectionError);
    assert.equal(error.kind, 'refused');
    assert.equal(error.mayHaveHappened, false);
    assert.equal(error.address, `127.0.0.1:${port}`);
    assert.match(
      error.message,
      /^GET http:\/\/127\.0\.0\.1:\d+\/redfish\/v1\/Systems: connection refused: .*check the port/,
    );
    return true;
  });
});

test('a read is repeated after a fault and a lost connection; a change is not', async () => {
  let asked = 0;
  const dies: Handler = (_, response) => {
    asked++;
    response.destroy();
    return undefined;
  };
  await using service = await startService({
    'GET /redfish/v1/A': inTurn({ status: 500 }, { body: { Id: 'A' } }),
    'GET /redfish/v1/B': dies,
    'POST /redfish/v1/B': dies,
    'POST /redfish/v1/C': inTurn({ status: 500 }),
  });
  const reports: ExchangeReport[] = [];
  await using client = clientOf(service, { onExchange: (report) => reports.push(report) });
  assert.equal((await client.get('/redfish/v1/A')).id, 'A');
  assert.deepEqual(
    reports.map(({ status, attempt, path }) => [status, attempt, path]),
    [
      [500, 1, '/redfish/v1/A'],
      [200, 2, '/redfish/v1/A'],
    ],
  );
  await assert.rejects(client.get('/redfish/v1/B'), { name: 'ConnectionError', kind: 'reset' });
  assert.equal(asked, 3);
  await assert.rejects(client.post('/redfish/v1/B', {}), { name: 'ConnectionError', mayHaveHappened: true });
  assert.equal(asked, 4);
  await assert.rejects(client.post('/redfish/v1/C', {}), { name: 'ResponseError', status: 500 });
  assert.equal(service.lines().filter((line) => line === 'POST /redfish/v1/C').length, 1);
});

test('a busy service is asked again when it says after how long, unless that is too long', async () => {
  await using service = await startService({
    'POST /redfish/v1/soon': inTurn({ status: 503, headers: { 'retry-after': '0' } }, { status: 204 }),
    'POST /redfish/v1/late': inTurn({
      ...failure(503, 'ServiceTemporarilyUnavailable', 'try later'),
      headers: { 'retry-after': '90' },
    }),
  });
  await using client = clientOf(service);
  assert.equal((await client.post('/redfish/v1/soon', {})).status, 204);
  await assert.rejects(client.post('/redfish/v1/late', {}), (error) => {
    assert.ok(error instanceof ResponseError);
    assert.equal(error.retryAfterSeconds, 90);
    return true;
  });
  assert.equal(service.asked.length, 3);
});

test('silence ends with the time-out of the operation, and a signal ends it at once', async () => {
  await using service = await startService({ 'GET /redfish/v1/silent': () => new Promise<Reply>(() => {}) });
  await using client = clientOf(service);
  await assert.rejects(client.get('/redfish/v1/silent', { timeoutMilliseconds: 50 }), (error) => {
    assert.ok(error instanceof TimeoutError);
    assert.equal(error.milliseconds, 50);
    return true;
  });
  const controller = new AbortController();
  const pending = client.get('/redfish/v1/silent', { signal: controller.signal });
  const reason = new Error('no longer wanted');
  controller.abort(reason);
  await assert.rejects(pending, reason);
});

test('redirections are followed on the same service only', async () => {
  await using stranger = await startService({ 'GET /redfish/v1/Systems/': { Id: 'stranger' } });
  await using service = await startService({
    'GET /redfish/v1/Systems': () => ({ status: 308, headers: { location: '/redfish/v1/Systems/' } }),
    'GET /redfish/v1/Systems/': { Id: 'here' },
    'GET /redfish/v1/away': () => ({ status: 302, headers: { location: `${stranger.url}/redfish/v1/Systems/` } }),
    'GET /redfish/v1/round': () => ({ status: 302, headers: { location: '/redfish/v1/round' } }),
  });
  await using client = clientOf(service);
  assert.equal((await client.get('/redfish/v1/Systems')).id, 'here');
  await assert.rejects(client.get('/redfish/v1/away'), (error) => {
    assert.ok(error instanceof MalformedError);
    assert.match(error.message, /another host/);
    return true;
  });
  await assert.rejects(client.get('/redfish/v1/round'), { name: 'ResponseError', status: 302 });
  assert.deepEqual(stranger.asked, []);
});

test('absolute links of a service that thinks it is elsewhere are read from the service itself', async () => {
  await using service = await startService({ 'GET /redfish/v1/Systems/1': { Id: '1' } });
  await using client = clientOf(service);
  assert.equal((await client.get('https://bmc.internal.example/redfish/v1/Systems/1')).id, '1');
  await assert.rejects(client.get('ftp://bmc.internal.example/x'), RangeError);
});

test('compressed bodies are read, those that are too large or no JSON are refused', async () => {
  const body = Buffer.from(JSON.stringify({ Id: 'packed', filler: 'x'.repeat(100_000) }));
  await using service = await startService({
    'GET /redfish/v1/packed': () => ({ headers: { 'content-encoding': 'gzip' }, body: gzipSync(body) }),
    'GET /redfish/v1/broken': () => ({ headers: { 'content-encoding': 'gzip' }, body: 'no gzip' }),
    'GET /redfish/v1/page': () => ({ body: '<html><title>Log in</title><script>x()</script></html>' }),
    'GET /redfish/v1/marked': () => ({ body: '\uFEFF{"Id":"marked"}' }),
  });
  await using client = clientOf(service);
  assert.equal((await client.get('/redfish/v1/packed')).id, 'packed');
  assert.equal((await client.get('/redfish/v1/marked')).id, 'marked');
  await assert.rejects(client.get('/redfish/v1/broken'), { name: 'MalformedError' });
  await assert.rejects(client.get('/redfish/v1/page'), /no JSON: Log in/);
  await using narrow = clientOf(service, { maximumBodyBytes: 1000 });
  await assert.rejects(narrow.get('/redfish/v1/packed'), /larger than 1000 bytes|broken gzip/);
});

test('a closed client says that it is closed', async () => {
  await using service = await startService({});
  const client = clientOf(service);
  await client.close();
  await assert.rejects(client.get('/redfish/v1/'), ClosedError);
});

test('addresses that are none, and ones with credentials, are refused', () => {
  for (const url of ['', 'ftp://bmc', 'http://', 'https://admin:secret@bmc']) {
    assert.throws(() => createClient({ url }), RangeError, url);
  }
  assert.equal(createClient({ url: 'bmc.example' }).origin, 'https://bmc.example');
  assert.equal(createClient({ url: 'https://bmc.example/bmcs/7/redfish/v1' }).rootPath, '/bmcs/7/redfish/v1/');
});
