// Graphical consoles that nobody looks at: their addresses end, and they are switched off.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../src/config/index.ts';
import { createGraphicalConsoles } from '../src/console/graphical-consoles.ts';
import { fakeGraphicalConsole } from '../src/drivers/fake/console.ts';
import { genericInterfaces } from '../src/drivers/kit/index.ts';
import { getNode } from '../src/store/nodes.ts';
import { requester, silentLog, startConductor } from './support/conductor.ts';

const name = 'timed-graphical';
const supported = {
  ...genericInterfaces,
  boot: ['fake'],
  console: [name],
  deploy: ['fake'],
  management: ['fake'],
  power: ['fake'],
};

/** A node whose console lives by a clock of the test. */
async function setUp(t: TestContext) {
  const config = loadConfig({ dataDirectory: '/nowhere', set: ['vnc.token_timeout=60'] });
  const clock = { seconds: 0 };
  const screens = createGraphicalConsoles(
    () => config,
    silentLog,
    () => clock.seconds * 1000,
  );
  t.after(() => screens.close());
  const server = await startConductor(t, {
    set: ['drivers.enabled=["fake-hardware","timed"]'],
    drivers: [
      { hardwareTypes: [{ name: 'timed', supported }], interfaces: [{ ...fakeGraphicalConsole(screens), name }] },
    ],
  });
  const node = await server.node({ driver: 'timed', console_interface: name });
  const { store, conductor } = server;
  const isEnabled = async () => (await getNode(store.read, node.uuid)).console_enabled;
  async function untilEnabled(wanted: boolean): Promise<void> {
    while ((await isEnabled()) !== wanted || (await getNode(store.read, node.uuid)).reservation !== null) {
      await sleep(5);
    }
  }
  async function token(): Promise<string> {
    const info = await conductor.doors.call.consoleInfo(await getNode(store.read, node.uuid));
    return String(info?.url).split('#')[1] ?? '';
  }
  await conductor.doors.start.console({ node, requester, isEnabled: true });
  await untilEnabled(true);
  const join = async (given: string) =>
    conductor.doors.call.joinConsole(await getNode(store.read, node.uuid), { token: given });
  return { clock, conductor, isEnabled, untilEnabled, token, join };
}

test('an address lets in for its time, and whoever asks later has a later one', async (t) => {
  const { clock, token, join } = await setUp(t);
  const first = await token();
  clock.seconds = 29;
  assert.equal(await token(), first);
  clock.seconds = 31;
  const second = await token();
  assert.notEqual(second, first);
  clock.seconds = 59;
  (await join(first)).stream.destroy();
  clock.seconds = 61;
  await assert.rejects(join(first), /lets nobody in/);
  (await join(second)).stream.destroy();
});

test('a console that nobody looks at is switched off, one that somebody looks at is not', async (t) => {
  const { clock, conductor, isEnabled, untilEnabled, token, join } = await setUp(t);
  const { stream, ended } = await join(await token());
  clock.seconds = 1000;
  await conductor.expireConsoles();
  assert.equal(await isEnabled(), true);
  stream.destroy();
  await ended;
  clock.seconds = 1059;
  await conductor.expireConsoles();
  assert.equal(await isEnabled(), true);
  clock.seconds = 1060;
  await conductor.expireConsoles();
  await untilEnabled(false);
});
