// The screen of a machine behind Redfish services: QEMU shows it, simulated BMCs hand it on in the ways of their makers.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FakeMachine, type RedfishSimulatorOptions, startRedfishSimulator } from '@wrought/lab';
import { startServerWithNode } from './support/console-server.ts';
import { openScreenSocket, type Picture, refusalOf, viewScreen } from './support/rfb-viewer.ts';

/** A machine that finds nothing to boot, and writes so on its screen; resolves with how to look at that. */
async function startMachine(stack: AsyncDisposableStack, password: string | null) {
  const directory = mkdtempSync(join(tmpdir(), 'wrought-screen-'));
  stack.defer(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'vnc');
  const secret = password === null ? [] : ['-object', `secret,id=vnc,data=${password}`];
  const vnc = `unix:${path}${password === null ? '' : ',password-secret=vnc'}`;
  const machine = spawn(
    'qemu-system-x86_64',
    ['-nodefaults', '-accel', 'tcg', '-m', '64', '-vga', 'std', '-display', 'none', ...secret, '-vnc', vnc],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const gone = once(machine, 'exit');
  stack.defer(async () => {
    machine.kill();
    await gone;
  });
  async function open() {
    const socket = connect(path);
    await once(socket, 'connect');
    return socket;
  }
  for (;;) {
    try {
      (await open()).destroy();
      return open;
    } catch (error) {
      assert.ok(['ENOENT', 'ECONNREFUSED'].includes((error as NodeJS.ErrnoException).code ?? ''), String(error));
      assert.equal(machine.exitCode, null);
      await sleep(20);
    }
  }
}

interface Given {
  readonly model?: NonNullable<RedfishSimulatorOptions['model']>;
  /** What the machine wants of a viewer. */
  readonly password?: string;
  readonly driver_info?: Readonly<Record<string, unknown>>;
  readonly hasScreen?: boolean;
  readonly set?: readonly string[];
}

async function setUp(t: TestContext, { model = 'generic', password, driver_info = {}, hasScreen = true, set }: Given) {
  const stack = new AsyncDisposableStack();
  const openScreen = await startMachine(stack, password ?? null);
  const simulator = await startRedfishSimulator({
    ...{ count: 1, model, log: () => {} },
    machine: () => Object.assign(new FakeMachine(), hasScreen ? { openScreen } : {}),
  });
  stack.defer(() => simulator.close());
  const [bmc] = simulator.bmcs;
  assert.ok(bmc !== undefined);
  const node = {
    driver: 'redfish',
    console_interface: 'redfish-graphical',
    driver_info: {
      redfish_address: bmc.url,
      redfish_username: 'admin',
      redfish_password: 'secret12',
      redfish_verify_ca: false,
      ...driver_info,
    },
  };
  const server = await startServerWithNode(t, node, set, stack);
  return {
    ...server,
    bmc,
    async open() {
      const { console_info } = JSON.parse((await server.api('GET', '/v1/nodes/m1/states/console')).text);
      return (await openScreenSocket(server.base(), console_info.url)).stream;
    },
  };
}

const coloursOf = ({ pixels }: Picture) =>
  new Set(new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length / 4));

for (const { model, password } of [
  { model: 'generic' },
  { model: 'openbmc' },
  { model: 'idrac', password: 'calvin' },
  { model: 'supermicro', password: 'longer than eight' },
] as const satisfies readonly Given[]) {
  test(`${model}: what the firmware of the machine writes is seen`, async (t) => {
    const given = password === undefined ? {} : { password, driver_info: { redfish_vnc_password: password } };
    const { switchConsole, open } = await setUp(t, { model, ...given });
    await switchConsole(true);
    const viewer = await viewScreen(await open());
    assert.match(viewer.name, /QEMU/);
    // White on black.
    let picture = await viewer.picture();
    while (coloursOf(picture).size < 2) {
      picture = await viewer.picture(true);
    }
    assert.ok(picture.width >= 640 && picture.height >= 400);
  });
}

test('who does not get in at the BMC is told what it wants', async (t) => {
  const { switchConsole, api, open } = await setUp(t, { model: 'idrac', password: 'calvin' });
  await switchConsole(true);
  assert.match(await refusalOf(await open()), /BMC at https:.* at port \d+ it wants a password .*none is given/);
  const change = [{ op: 'add', path: '/driver_info/redfish_vnc_password', value: 'wrong' }];
  assert.equal((await api('PATCH', '/v1/nodes/m1', change)).status, 200);
  assert.match(await refusalOf(await open()), /it refuses the password/);
  // Nobody reads it again.
  assert.doesNotMatch((await api('GET', '/v1/nodes/m1')).text, /wrong/);
});

test('a BMC that shows no screen, or not now, says so when the console is switched on', async (t) => {
  const { askForConsole, api } = await setUp(t, { model: 'generic', hasScreen: false });
  const refused = await askForConsole(true);
  assert.equal(refused.console_enabled, false);
  assert.match(refused.last_error ?? '', /it tells of no VNC server\. Its own page at https:.*redfish_vnc_address/);
  const change = [{ op: 'add', path: '/driver_info/redfish_vnc_address', value: 'nowhere' }];
  await api('PATCH', '/v1/nodes/m1', change);
  const invalid = await api('PUT', '/v1/nodes/m1/states/console', { enabled: true });
  assert.equal(invalid.status, 400);
  assert.match(invalid.text, /redfish_vnc_address.*nowhere.*allowed: HOST:PORT/);

  const dell = await setUp(t, { model: 'idrac', hasScreen: false });
  const off = await dell.askForConsole(true);
  assert.match(off.last_error ?? '', /graphical console is switched off; the attribute VNCServer\.1\.Enable/);
});

test('what speaks something else at the place of a screen is told from one that says nothing', async (t) => {
  const { switchConsole, open, api, bmc } = await setUp(t, { set: ['redfish.connect_timeout=1'] });
  const at = (port: number) => [{ op: 'add', path: '/driver_info/redfish_vnc_address', value: `127.0.0.1:${port}` }];
  await api('PATCH', '/v1/nodes/m1', at(bmc.port));
  await switchConsole(true);
  // TLS waits for whoever comes to begin.
  assert.match(await refusalOf(await open()), /said nothing that is VNC within 1 seconds \(redfish\.connect_timeout\)/);
  await api('PATCH', '/v1/nodes/m1', at(1));
  assert.match(await refusalOf(await open()), /127\.0\.0\.1 port 1 connect ECONNREFUSED/);
});
