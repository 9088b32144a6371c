// Listeners at a console: who takes too little, says too much or stays idle, and what goes between two processes.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { type ConsoleEnd, registeredError } from '@wrought/contract';
import { freePort } from '@wrought/lab';
import { WebSocket } from 'ws';
import { type CallClient, createCallClient } from '../src/cluster/call-client.ts';
import { createCallServer } from '../src/cluster/call-server.ts';
import { loadConfig } from '../src/config/index.ts';
import { createSerialConsoles } from '../src/console/serial-consoles.ts';
import type { Doors } from '../src/flows/doors.ts';
import { carryLine } from '../src/websocket/console-line.ts';
import { completeHandshake } from '../src/websocket/handshake.ts';
import { keepAlive } from '../src/websocket/keep-alive.ts';
import { silentLog } from './support/conductor.ts';

/** Consoles over lines of which the test has the other end. */
async function setUp(t: TestContext, set: readonly string[] = []) {
  const config = loadConfig({ dataDirectory: '/nowhere', set });
  const consoles = createSerialConsoles(() => config, silentLog);
  t.after(() => consoles.close());
  const [machine, line] = duplexPair();
  const port = await freePort();
  const request = { node: 'n1', port, open: async () => line };
  const join = (isReadOnly = false) => consoles.join(request, { isReadOnly });
  return { consoles, machine, join, port };
}

async function heardUntil(stream: Duplex, text: string): Promise<string> {
  let heard = '';
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    heard += chunk;
    if (heard.includes(text)) {
      return heard;
    }
  }
  throw new Error(`the stream ended: ${heard.slice(-200)}`);
}

test('a listener that takes too little is let go, and holds up nobody else', async (t) => {
  const { machine, join } = await setUp(t);
  const slow = await join();
  const quick = await join();
  for (let sent = 0; sent < 40; sent += 1) {
    machine.write(Buffer.alloc(64 * 1024, 'x'));
    machine.write('end of it');
    await heardUntil(quick.stream, 'end of it');
  }
  const { code, reason } = await slow.ended;
  assert.equal(code, 4003);
  assert.match(reason, /^\d+ bytes of what the machine says were not taken$/);
  if (!slow.stream.closed) {
    await once(slow.stream, 'close');
  }
});

test('who types faster than the machine takes has to wait', async (t) => {
  const { machine, join } = await setUp(t);
  const { stream } = await join();
  const piece = Buffer.alloc(16 * 1024, 'x');
  let sent = 0;
  while (stream.write(piece)) {
    sent += piece.length;
    // What can be handed on is.
    await new Promise(setImmediate);
    assert.ok(sent < 1024 * 1024, 'it never has to wait');
  }
  sent += piece.length;
  const got = (async () => {
    let length = 0;
    for await (const chunk of machine) {
      length += chunk.length;
      if (length >= sent) {
        return length;
      }
    }
    return length;
  })();
  assert.equal(await got, sent);
});

test('one that neither types nor hears anything is let go', async (t) => {
  const { join } = await setUp(t, ['console.terminal_timeout=1']);
  const reader = await join(true);
  const { ended } = await join();
  assert.deepEqual(await ended, {
    code: 4002,
    reason: 'nothing was said or typed for 1 seconds (console.terminal_timeout)',
  });
  // Who may only read leaves no console open by mistake.
  assert.equal(reader.stream.destroyed, false);
});

test('the TCP port has as many listeners as are allowed, and says so to the next one', async (t) => {
  const { join, port } = await setUp(t, ['console.max_listeners=1']);
  const { stream } = await join();
  const refused = connect(port, '127.0.0.1');
  const text = Buffer.concat(await refused.toArray()).toString();
  assert.equal(text, '\r\n[console: 1 listen already, which is what console.max_listeners allows]\r\n');
  assert.equal(stream.destroyed, false);
});

interface Conductor {
  readonly client: CallClient;
  readonly target: { readonly hostname: string; readonly internalUrl: string };
  /** Cuts all connections, as the end of its machine would. */
  cut(): void;
  close(): Promise<void>;
}

async function serveConductor(t: TestContext, joinConsole: Doors['call']['joinConsole']): Promise<Conductor> {
  const key = randomBytes(32);
  const calls = createCallServer({ key, hostname: 'c-1', log: silentLog });
  const sockets: Duplex[] = [];
  calls.server.on('secureConnection', (socket) => sockets.push(socket));
  calls.server.listen(0, '127.0.0.1');
  await once(calls.server, 'listening');
  calls.serve({ call: { joinConsole } } as unknown as Doors);
  const client = createCallClient(key, () => 10);
  t.after(async () => {
    client.close();
    await calls.close(0);
  });
  const { port } = calls.server.address() as AddressInfo;
  const target = { hostname: 'c-1', internalUrl: `https://127.0.0.1:${port}` };
  const cut = () => {
    for (const socket of sockets) {
      socket.destroy();
    }
  };
  return { client, target, cut, close: () => calls.close(5_000) };
}

test('a console of another process is the same console', async (t) => {
  const { machine, join, consoles } = await setUp(t);
  const asked: unknown[] = [];
  const { client, target } = await serveConductor(t, (node, options) => {
    asked.push(node);
    return join('isReadOnly' in options && options.isReadOnly);
  });
  machine.write('said before');
  const near = await join();
  await heardUntil(near.stream, 'said before');
  const far = await client.joinConsole(target, [{ uuid: 'n1' }, { isReadOnly: false }]);
  assert.deepEqual(asked, [{ uuid: 'n1' }]);
  await heardUntil(far.stream, 'said before');
  far.stream.write('typed far');
  assert.equal(String((await once(machine, 'data'))[0]), 'typed far');
  far.stream.resume();
  await consoles.stop('n1');
  assert.deepEqual(await far.ended, { code: 4001, reason: 'the console was closed' });
});

test('a refusal of another process is a refusal here; its end and its loss are told', async (t) => {
  const { join } = await setUp(t);
  let refuses = true;
  const { client, target, close, cut } = await serveConductor(t, async () => {
    if (refuses) {
      throw registeredError('TemporaryFailure', { reason: 'Not now.' }, { retryAfterSeconds: 7 });
    }
    return join();
  });
  const ask = () => client.joinConsole(target, [{ uuid: 'n1' }, { isReadOnly: false }]);
  await assert.rejects(ask(), { status: 503, message: 'Not now.', retryAfterSeconds: 7 });
  refuses = false;
  const lost = await ask();
  lost.stream.resume();
  cut();
  assert.deepEqual(await lost.ended, { code: 4004, reason: 'the connection to conductor c-1 broke' });
  const { ended, stream } = await ask();
  stream.resume();
  await close();
  assert.deepEqual(await ended, { code: 1001, reason: 'the server stops' } satisfies ConsoleEnd);
  await assert.rejects(ask(), /Conductor c-1 at .* could not be asked for call\.joinConsole/);
});

test('a listener that goes gives its place back, also in another process', async (t) => {
  const { join } = await setUp(t, ['console.max_listeners=1']);
  const { client, target } = await serveConductor(t, () => join());
  const far = await client.joinConsole(target, [{ uuid: 'n1' }, { isReadOnly: false }]);
  await assert.rejects(join(), /console\.max_listeners allows 1/);
  far.stream.destroy();
  for (;;) {
    try {
      await join();
      return;
    } catch (error) {
      assert.match(String(error), /console\.max_listeners/);
      await new Promise(setImmediate);
    }
  }
});

/** A WebSocket, of which `serve` has the server's end. */
async function connectTo(t: TestContext, serve: (socket: WebSocket) => void, options: WebSocket.ClientOptions = {}) {
  const server = createServer();
  server.on('upgrade', (request, socket, head) => {
    const accepted = completeHandshake(request, socket, head);
    assert.ok(accepted !== undefined);
    serve(accepted);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return new WebSocket(`ws://127.0.0.1:${port}`, options);
}

test('the other end that answers no ping is cut off', async (t) => {
  const serve = (socket: WebSocket) => {
    keepAlive(socket, 20);
    socket.resume();
  };
  const deaf = await connectTo(t, serve, { autoPong: false });
  const [code] = await once(deaf, 'close');
  assert.equal(code, 1006);
});

test('a connection ends after its time, and its place is free then', async (t) => {
  const { join } = await setUp(t, ['console.max_listeners=1']);
  const line = await join();
  const socket = await connectTo(t, (accepted) => carryLine(accepted, line, { longestSeconds: 0.02 }));
  const [code, reason] = await once(socket, 'close');
  assert.equal(code, 4005);
  assert.equal(String(reason), 'connections end after 0.02 seconds; connect again');
  assert.ok(line.stream.destroyed);
  await join();
});

test('a long reason is cut to what a close frame holds, at the end of a character', async (t) => {
  const { stream } = await (await setUp(t)).join();
  const ended = Promise.resolve({ code: 4001, reason: 'é'.repeat(100) });
  const socket = await connectTo(t, (accepted) => carryLine(accepted, { stream, ended }));
  const [, reason] = await once(socket, 'close');
  assert.equal(String(reason), 'é'.repeat(60));
});
