// The relay passes TCP connections on loopback to a UNIX socket.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startRelay } from '../src/index.ts';

test('HTTP through the relay reaches a server on a UNIX socket, also one that comes later', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'wl-relay-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const socketPath = join(directory, 'api.sock');
  const relay = await startRelay({ socketPath });
  t.after(() => relay.close());
  const url = `http://${relay.host}:${relay.port}/v1`;
  await assert.rejects(fetch(url), 'nobody is there yet');

  const server = createServer((request, response) => {
    request.pipe(response.writeHead(200, { 'x-path': request.url ?? '' }));
  });
  server.listen(socketPath);
  await once(server, 'listening');
  t.after(() => server.close());
  const body = 'x'.repeat(1_000_000);
  const response = await fetch(url, { method: 'POST', body });
  assert.equal(response.headers.get('x-path'), '/v1');
  assert.equal(await response.text(), body);
});

test('an ended relay ends its connections; other addresses than loopback are refused', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'wl-relay-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const socketPath = join(directory, 'api.sock');
  const server = createServer();
  server.listen(socketPath);
  await once(server, 'listening');
  t.after(() => server.close());
  const relay = await startRelay({ socketPath, listen: '127.0.0.1:0' });
  const client = connect(relay.port, relay.host);
  await once(client, 'connect');
  const closed = once(client, 'close');
  await relay.close();
  await closed;
  await assert.rejects(startRelay({ socketPath, listen: '0.0.0.0:0' }), /not a loopback address/);
  await assert.rejects(startRelay({ socketPath, listen: 'nonsense' }), /is not HOST:PORT/);
});
