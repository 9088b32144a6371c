// Serial over LAN against ipmi_sim: characters both ways, a bad network, who has the console, break, and its end.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { StandAloneBmc } from '@wrought/lab';
import { activateSol, type Client, CompletionCodeError, createClient, type SolStream } from '../src/index.ts';
import { startSimulator } from './support/ipmi-sim.ts';
import { type Fate, startRelay } from './support/relay.ts';

interface Console {
  readonly bmc: StandAloneBmc;
  /** The machine's end of the serial line. */
  readonly machine: Socket;
  readonly client: Client;
}

async function machineWithConsole(t: TestContext): Promise<Console> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const client = createClient();
  t.after(() => client.close());
  const connected = once(server, 'connection');
  const bmc = await startSimulator(t, { solPort: address.port });
  const [machine] = (await connected) as [Socket];
  t.after(() => {
    machine.destroy();
    server.close();
  });
  return { bmc, machine, client };
}

/** Reads until so many bytes are there. */
async function readBytes(from: SolStream | Socket, length: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let read = 0;
  while (read < length) {
    const piece = from.read() as Buffer | null;
    if (piece === null) {
      await once(from, 'readable');
      continue;
    }
    pieces.push(piece);
    read += piece.length;
  }
  return Buffer.concat(pieces);
}

const text = (length: number) => Buffer.from(Array.from({ length }, (_, index) => 0x20 + ((index * 7) % 0x5f)));

test('characters go both ways in order, more than a packet holds', async (t) => {
  const { bmc, machine, client } = await machineWithConsole(t);
  const sol = await activateSol(client.session({ ...bmc, suites: [3] }));
  const typed = text(3000);
  sol.write(typed);
  assert.deepEqual(await readBytes(machine, typed.length), typed);
  const printed = text(5000);
  machine.write(printed);
  assert.deepEqual(await readBytes(sol, printed.length), printed);
  sol.end();
  await once(sol, 'close');
});

test('nothing is lost or doubled in a network that loses, doubles and reorders', async (t) => {
  const { bmc, machine, client } = await machineWithConsole(t);
  const fates: readonly Fate[] = ['pass', 'double', 'pass', 'lose', 'pass', 'after the next', 'pass', 'pass', 'double'];
  let bad = false;
  const relay = await startRelay(t, bmc, (count) => (bad ? (fates[count % fates.length] as Fate) : 'pass'));
  const sol = await activateSol(client.session({ ...bmc, ...relay, suites: [3] }));
  bad = true;
  const typed = text(300);
  sol.write(typed);
  assert.deepEqual(await readBytes(machine, typed.length), typed);
  const printed = text(800);
  machine.write(printed);
  assert.deepEqual(await readBytes(sol, printed.length), printed);
  bad = false;
  sol.end();
  await once(sol, 'close');
});

test('a console that somebody has is an error, and is taken over when that is wanted', async (t) => {
  const { bmc, machine, client } = await machineWithConsole(t);
  const first = await activateSol(client.session({ ...bmc, suites: [3] }));
  first.on('error', () => undefined);
  const other = client.session({ ...bmc, suites: [3] });
  await assert.rejects(activateSol(other), (error) => {
    assert.ok(error instanceof CompletionCodeError);
    assert.equal(error.code, 0x80);
    assert.match(error.message, /take it over/);
    return true;
  });
  const second = await activateSol(other, { takeOver: true });
  machine.write('for the second');
  assert.equal(String(await readBytes(second, 14)), 'for the second');
  assert.equal(first.read(), null);
});

test('a console that was given back can be taken again', async (t) => {
  const { bmc, client } = await machineWithConsole(t);
  const session = client.session({ ...bmc, suites: [3] });
  for (let count = 0; count < 3; count++) {
    const sol = await activateSol(session);
    sol.destroy();
    await once(sol, 'close');
  }
});

test('a reader that does not keep up makes the BMC hold characters', async (t) => {
  const { bmc, machine, client } = await machineWithConsole(t);
  const sol = await activateSol(client.session({ ...bmc, suites: [3] }));
  const printed = text(100_000);
  machine.write(printed);
  // Nobody reads, so nothing tells that the buffer is full.
  while (sol.readableLength < sol.readableHighWaterMark) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(sol.readableLength <= sol.readableHighWaterMark + 255);
  assert.deepEqual(await readBytes(sol, printed.length), printed);
});

test('a break is acknowledged', async (t) => {
  const { bmc, client } = await machineWithConsole(t);
  const sol = await activateSol(client.session({ ...bmc, suites: [3] }));
  await sol.sendBreak();
});

test('the end of the session is the end of the console', async (t) => {
  const { bmc, client } = await machineWithConsole(t);
  const session = client.session({ ...bmc, suites: [3] });
  const sol = await activateSol(session);
  const closed = once(sol, 'close');
  await session.close();
  await closed;
  await assert.rejects(sol.sendBreak(), /is not active/);
});
