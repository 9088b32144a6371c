// The serial console of a machine through its BMC (OpenIPMI's ipmi_sim): shared, kept in a file, and opened again when it broke.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { freePort } from '@wrought/lab';
import { startSimulator } from '../../ipmi/test/support/ipmi-sim.ts';
import { createSerialConsoles, portsOf, type SerialConsoles } from '../src/console/serial-consoles.ts';
import { createBmcCalls } from '../src/drivers/ipmi/bmc-calls.ts';
import { ipmiConsole } from '../src/drivers/ipmi/console.ts';
import { openNativeIpmi } from '../src/drivers/ipmi/native/index.ts';
import { requester, silentLog, startConductor } from './support/conductor.ts';
import { scripted, scriptedDriver } from './support/scripted-driver.ts';
import { testTask } from './support/task.ts';

/** Reads from a socket until the text has come. */
async function until(socket: Socket, wanted: string): Promise<string> {
  let seen = '';
  for await (const [chunk] of on(socket)) {
    seen += chunk;
    if (seen.includes(wanted)) {
      return seen;
    }
  }
  throw new Error(`The console ended before it said ${JSON.stringify(wanted)}: ${seen}`);
}

async function* on(socket: Socket): AsyncGenerator<[string]> {
  while (!socket.destroyed) {
    const piece = socket.read() as Buffer | null;
    if (piece === null) {
      await Promise.race([once(socket, 'readable'), once(socket, 'close')]);
    } else {
      yield [piece.toString('latin1')];
    }
  }
}

interface Setting {
  readonly info?: Record<string, unknown>;
  readonly set?: readonly string[];
}

async function setUp(t: TestContext, { info = {}, set = [] }: Setting = {}) {
  // The machine's end of the serial line; the BMC connects to it.
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port: solPort } = server.address() as { port: number };
  const machineArrives = () => once(server, 'connection').then(([socket]) => socket as Socket);
  const machine = machineArrives();
  const bmc = await startSimulator(t, { solPort });
  const port = await freePort();
  const driver_info = {
    ipmi_address: bmc.host,
    ipmi_port: bmc.port,
    ipmi_username: bmc.userName,
    ipmi_password: bmc.password,
    ipmi_cipher_suite: 3,
    ipmi_terminal_port: port,
    ...info,
  };
  const native = openNativeIpmi(createBmcCalls(), 500);
  const { task } = testTask({ node: { driver_info }, interfaces: [], set });
  const consoles: SerialConsoles = createSerialConsoles(() => task.config, silentLog);
  t.after(async () => {
    await consoles.close();
    await native.sessions.close();
  });
  return { bmc, port, task, consoles, machine, machineArrives, console: ipmiConsole(consoles, async () => native) };
}

async function listener(t: TestContext, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

test('a console is shared by all who listen, and new ones see what was said before', async (t) => {
  const { task, console, port, machine } = await setUp(t);
  await console.validate(task);
  await console.start(task);
  assert.deepEqual(await console.info(task), { type: 'socat', url: `tcp://127.0.0.1:${port}` });
  const line = await machine;
  const first = await listener(t, port);
  line.write('login: ');
  await until(first, 'login: ');
  const second = await listener(t, port);
  await until(second, 'login: ');
  second.write('root\n');
  assert.equal(String((await once(line, 'data'))[0]), 'root\n');
  const ended = Promise.all([once(first, 'close'), once(second, 'close')]);
  first.resume();
  second.resume();
  await console.stop(task);
  await ended;
  await console.stop(task);
  await assert.rejects(listener(t, port), /ECONNREFUSED/);
});

test('a line that broke is opened again, and whoever listens is told', async (t) => {
  const { task, console, port, bmc, machine, machineArrives } = await setUp(t);
  await console.start(task);
  await machine;
  const socket = await listener(t, port);
  const again = machineArrives();
  await bmc.restart();
  const line = await again;
  // The BMC of before is given up when it answers nothing any more.
  assert.match(await until(socket, 'the line is open again]'), /\[console: the line broke: .*it is opened again\]/s);
  line.write('booted again');
  await until(socket, 'booted again');
});

test('what a console says is kept in a file that only its owner reads', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-console-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const { task, console, port, machine } = await setUp(t, { set: [`console.log_directory=${directory}`] });
  await console.start(task);
  const socket = await listener(t, port);
  (await machine).write('kernel panic\n');
  await until(socket, 'kernel panic');
  await console.stop(task);
  const path = join(directory, `${task.node.uuid}.log`);
  assert.equal(await readFile(path, 'latin1'), 'kernel panic\n');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('a console without a port of its own takes one of the range; without both it says what is missing', async (t) => {
  const free = await freePort();
  const set = [`console.port_range=${free}:${free}`];
  const { task, console } = await setUp(t, { info: { ipmi_terminal_port: null }, set });
  await console.start(task);
  assert.deepEqual(await console.info(task), { type: 'socat', url: `tcp://127.0.0.1:${free}` });
  const bare = await setUp(t, { info: { ipmi_terminal_port: null } });
  await assert.rejects(bare.console.validate(bare.task), /ipmi_terminal_port.*console\.port_range/);
  assert.throws(() => portsOf('20000:10000'), /console\.port_range is "20000:10000"; allowed: FIRST:LAST/);
});

test('a console that can not be opened says why, and leaves nothing open', async (t) => {
  const { task, console, consoles } = await setUp(t, { info: { ipmi_password: 'mistaken' } });
  await assert.rejects(console.start(task), /the console of the BMC at 127\.0\.0\.1:\d+ can not be opened.*password/);
  assert.equal(consoles.isOpen(task.node.uuid), false);
});

test('consoles that are switched on are opened by whoever serves the node after a start', async (t) => {
  const { console, consoles, port, task, machine } = await setUp(t);
  const driver = scriptedDriver({});
  const withConsole = {
    hardwareTypes: driver.hardwareTypes.map((type) => ({
      ...type,
      supported: { ...type.supported, console: ['ipmitool-socat'] },
    })),
    interfaces: [...driver.interfaces, console],
  };
  const server = await startConductor(t, scripted(withConsole));
  const fields = { driver: 'scripted', driver_info: task.node.driver_info, console_interface: 'ipmitool-socat' };
  const node = await server.node({ ...fields, console_enabled: true });
  await server.conductor.restoreConsoles();
  assert.ok(consoles.isOpen(node.uuid));
  (await machine).write('here again');
  await until(await listener(t, port), 'here again');
  // One that is open is left alone, and one that is switched off is closed.
  await server.conductor.restoreConsoles();
  await server.conductor.doors.start.console({ node, requester, isEnabled: false });
  await server.untilState(node.uuid, node.provision_state);
  const closed = await listener(t, port).then(
    (socket) => once(socket.resume(), 'close'),
    () => undefined,
  );
  assert.ok(closed === undefined || closed.length > 0);
});
