// Serial consoles of simulated BMCs over SOL: all characters come once and in order, whatever the network does, for one at a time.
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { activateSol, CompletionCodeError, createClient, encodeDeviceId, type SolStream } from '@wrought/ipmi';
import { type BmcFaultName, type BmcSimulatorOptions, createFault, type SerialConsole } from '../src/index.ts';
import { login, startBmc } from './bmc-peers.ts';

/** A console that keeps what it is sent, and prints what the test says. */
function recordingConsole() {
  const arrivals = new EventEmitter();
  let typed = '';
  let breaks = 0;
  let longest = 0;
  let output: ((bytes: Uint8Array) => void) | undefined;
  const console: SerialConsole = {
    attach: (to) => {
      output = to;
    },
    detach: () => {
      output = undefined;
    },
    input: (bytes) => {
      typed += Buffer.from(bytes).toString('latin1');
      longest = Math.max(longest, bytes.length);
      arrivals.emit('input');
    },
    sendBreak: () => {
      breaks += 1;
      arrivals.emit('break');
    },
  };
  return {
    console,
    /** What was typed, once it ends so. */
    async typedUntil(end: string): Promise<string> {
      while (!typed.endsWith(end)) await once(arrivals, 'input');
      return typed;
    },
    async broken(): Promise<void> {
      if (breaks === 0) await once(arrivals, 'break');
    },
    /** Most characters that came in one packet. */
    longest: () => longest,
    print: (text: string) => output?.(Buffer.from(text, 'latin1')),
    isWatched: () => output !== undefined,
  };
}

async function readText(from: SolStream, length: number): Promise<string> {
  let text = '';
  while (text.length < length) {
    const piece = from.read() as Buffer | null;
    if (piece === null) await once(from, 'readable');
    else text += piece.toString('latin1');
  }
  return text;
}

async function machineWithConsole(t: TestContext, settings: Pick<BmcSimulatorOptions, 'raw'> = {}) {
  const serial = recordingConsole();
  const client = createClient();
  t.after(() => client.close());
  const { bmc, simulator } = await startBmc(t, { console: () => serial.console, ...settings });
  const open = () => client.session({ host: bmc.address, port: bmc.port, ...login, suites: [17] });
  return { serial, bmc, simulator, open };
}

const long = (length: number) =>
  Array.from({ length }, (_, index) => String.fromCharCode(0x20 + (index % 0x5f))).join('');

for (const name of [undefined, 'lossy', 'reordered', 'duplicated'] satisfies (BmcFaultName | undefined)[]) {
  test(`characters come once and in order with ${name ?? 'no'} packets`, async (t) => {
    const { serial, bmc, simulator, open } = await machineWithConsole(t);
    const sol = await activateSol(open());
    sol.write('begin ');
    await serial.typedUntil('begin ');
    if (name !== undefined) bmc.fault = createFault(name, 5, bmc.name, 0.25);
    const printed = long(4000);
    serial.print(printed);
    assert.equal(await readText(sol, printed.length), printed);
    const typed = long(600);
    sol.write(typed);
    sol.write('end');
    assert.equal(await serial.typedUntil('end'), `begin ${typed}end`);
    assert.equal(simulator.counts.faults > 0, name !== undefined);
    bmc.fault = undefined;
    sol.end();
    await once(sol, 'close');
  });
}

test('BMCs that are known to state wrong sizes get small packets', async (t) => {
  const bySize: number[] = [];
  for (const [manufacturerId, productId] of [
    [10876, 43707],
    [10876, 1],
  ] as const) {
    const { serial, open, bmc } = await machineWithConsole(t, {
      raw: ({ netFn, command }) =>
        netFn === 0x06 && command === 0x01
          ? encodeDeviceId({ ...bmc.settings.make.deviceId, manufacturerId, productId })
          : undefined,
    });
    const sol = await activateSol(open());
    sol.write(`${long(300)}end`);
    await serial.typedUntil('end');
    bySize.push(serial.longest());
    sol.end();
    await once(sol, 'close');
  }
  const [careful = 0, stated = 0] = bySize;
  assert.equal(careful, 32);
  assert.ok(stated > careful);
});

test('a console is for one at a time', async (t) => {
  const { serial, open } = await machineWithConsole(t);
  const first = await activateSol(open());
  await assert.rejects(activateSol(open()), (error) => error instanceof CompletionCodeError && error.code === 0x80);
  first.end();
  await once(first, 'close');
  const second = await activateSol(open());
  second.write('x');
  await serial.typedUntil('x');
  await second.sendBreak();
  await serial.broken();
  second.end();
  await once(second, 'close');
  assert.equal(serial.isWatched(), false);
});
