// The console of a node as a WebSocket: a whole server, a simulated BMC, and clients as anybody would write them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { send, startConsoleServer } from './support/console-server.ts';

const handshake = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
};

test('listeners see what the machine says and said, and type; one who may only read does not', async (t) => {
  const { switchConsole, listen, port, directory } = await startConsoleServer(t, ['audit.enabled=true']);
  await switchConsole(true);
  const first = listen();
  await first.until('machine-0 console\r\n> ');
  first.socket.send('hello\r');
  await first.until('hello\r\n> ');
  const reader = listen('?read_only=true');
  await reader.until('hello\r\n> ');
  reader.socket.send('not me');
  first.socket.send(Buffer.from('again'));
  await reader.until('again');
  assert.doesNotMatch(reader.heard(), /not me/);
  // The TCP end is the same console.
  const plain = connect(port, '127.0.0.1');
  t.after(() => plain.destroy());
  plain.resume();
  plain.write(' from elsewhere');
  await first.until('again from elsewhere');
  await reader.until('again from elsewhere');
  const lines = readFileSync(join(directory, 'audit.jsonl'), 'utf8').trim().split('\n');
  const opened = lines.map((line) => JSON.parse(line)).filter(({ reason }) => reason.reasonCode === '101');
  assert.deepEqual(
    opened.map(({ action, target, initiator, outcome }) => [action, target.id, initiator.id, outcome]),
    [
      ['read/console', 'm1', 'admin', 'success'],
      ['read/console', 'm1', 'admin', 'success'],
    ],
  );
});

test('what can not be is refused as every request is, with a reason', async (t) => {
  const { base, path, headers, api, switchConsole, listen } = await startConsoleServer(t, ['console.max_listeners=1']);
  const off = await listen().refused();
  assert.equal(off.status, 409);
  assert.match(off.text, /The console of node .* is switched off\. Switch it on with PUT/);
  await switchConsole(true);

  const plain = await api('GET', path);
  assert.equal(plain.status, 426);
  assert.match(plain.text, /"error_message".*Upgrade: websocket/);
  assert.equal(plain.headers.upgrade, 'websocket');
  // An offer of HTTP/2 is no request for a WebSocket, and is passed over elsewhere.
  const other = { ...headers, Connection: 'Upgrade', Upgrade: 'h2c' };
  assert.equal((await send(base + path, { headers: other })).status, 426);
  assert.equal((await send(`${base}/v1/nodes`, { headers: other })).status, 200);
  assert.equal((await send(`${base}/v1/nodes`, { headers: { ...headers, ...handshake } })).status, 200);

  const refusedWith = async (more: Record<string, string>, at = path) => {
    const { status, text } = await send(base + at, { headers: { ...headers, ...handshake, ...more } });
    return `${status} ${text}`;
  };
  assert.match(await refusedWith({ Authorization: '' }), /^401 .*HTTP basic/);
  assert.match(await refusedWith({ 'X-OpenStack-Ironic-API-Version': '1.999' }), /^406 .*1\.999/);
  assert.match(await refusedWith({ 'Sec-WebSocket-Version': '7' }), /^400 .*Sec-WebSocket-Version is .*"7/);
  assert.match(await refusedWith({ 'Sec-WebSocket-Key': 'x' }), /^400 .*Sec-WebSocket-Key/);
  assert.match(await refusedWith({}, `${path}?read_only=maybe`), /^400 .*read_only.*allowed: true, false/);
  assert.match(await refusedWith({}, '/wrought/v1/nodes/nobody/console'), /^404 .*nobody/);
  assert.match(await refusedWith({ Origin: 'https://elsewhere.example' }), /^403 .*cors\.allowed_origin/);

  const own = listen('', { Origin: base });
  await own.until('console');
  assert.equal(own.socket.protocol, '');
  const full = await listen().refused();
  assert.equal(full.status, 503);
  assert.match(full.text, /console\.max_listeners allows 1/);
  assert.equal(full.headers['retry-after'], '10');
});

test('who listens is told why it ends: switched off, deleted, the server stops', async (t) => {
  const { switchConsole, listen, api, stop } = await startConsoleServer(t);
  await switchConsole(true);
  const first = listen();
  await first.until('console');
  await switchConsole(false);
  assert.deepEqual(await first.ended(), { code: 4001, reason: 'the console was closed' });

  await switchConsole(true);
  const second = listen();
  await second.until('console');
  second.socket.send(Buffer.alloc(65 * 1024));
  assert.equal((await second.ended()).code, 1009);

  const third = listen();
  await third.until('console');
  assert.equal((await api('DELETE', '/v1/nodes/m1')).status, 204);
  assert.deepEqual(await third.ended(), { code: 4001, reason: 'the console was closed' });
  assert.equal((await listen().refused()).status, 404);
  await stop();
});

test('the server stops though somebody listens, and one of them does not answer', async (t) => {
  const { switchConsole, listen, stop } = await startConsoleServer(t);
  await switchConsole(true);
  const polite = listen();
  await polite.until('console');
  const deaf = listen();
  await deaf.until('console');
  deaf.socket.pause();
  await stop();
  assert.deepEqual(await polite.ended(), { code: 1001, reason: 'the server stops' });
});

/** Sends the bytes of a handshake with more headers and a body. */
function sendRaw(t: TestContext, base: string, path: string, more: Record<string, string> = {}, body = '') {
  const { hostname, port } = new URL(base);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  t.after(() => socket.destroy());
  const lines = Object.entries({ ...handshake, ...more }).map(([name, value]) => `${name}: ${value}`);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
  return socket;
}

test('a handshake with a body is none', async (t) => {
  const { base, path, headers } = await startConsoleServer(t);
  for (const [more, body] of [
    [{ 'Content-Length': '3' }, 'abc'],
    [{ 'Transfer-Encoding': 'chunked' }, '3\r\nabc\r\n0\r\n\r\n'],
  ] as const) {
    const [answer] = await once(sendRaw(t, base, path, { ...headers, ...more }, body), 'data');
    assert.match(String(answer), /^HTTP\/1\.1 426 /);
  }
});

test('a refused client that keeps its connection open does not keep it for ever', async (t) => {
  const { base, path } = await startConsoleServer(t);
  const socket = sendRaw(t, base, path);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end');
  assert.match(Buffer.concat(chunks).toString(), /^HTTP\/1\.1 401 .*Connection: close/s);
});
