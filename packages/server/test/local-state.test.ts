// What machines fetch from their conductor: another conductor that takes over writes it on its own machine, and nobody else does.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { access, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Node } from '@wrought/contract';
import { createBootServices, type ServerEnvironment } from '../src/boot/services.ts';
import { loadConfig } from '../src/config/index.ts';
import { preparedImage } from '../src/drivers/agent/image-info.ts';
import { localImage, prepareImage } from '../src/drivers/agent/image-preparation.ts';
import type { BootInterface, Driver } from '../src/drivers/kit/index.ts';
import { ipxeBoot } from '../src/drivers/pxe/ipxe.ts';
import { preparedBoot } from '../src/drivers/pxe/prepared-boot.ts';
import { insertPort } from '../src/store/port-list.ts';
import { timelineAfter } from '../src/store/timeline.ts';
import { requester, silentLog, startConductor, type TestConductor } from './support/conductor.ts';
import { newDatabase, testOnBoth } from './support/databases.ts';
import { scripted, scriptedDriver, waitingStep } from './support/scripted-driver.ts';
import { agentOf } from './support/signal-agent.ts';
import { testTask } from './support/task.ts';

const mac = '52:54:00:12:34:56';

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

/** A machine of a conductor: its folders, and the driver whose machines boot from there. */
interface Machine {
  readonly host: string;
  readonly root: string;
  readonly set: readonly string[];
  readonly environment: ServerEnvironment;
  readonly driver: Driver;
}

async function newMachine(t: TestContext, host: string, options: readonly string[] = []): Promise<Machine> {
  const directory = await mkdtemp(join(tmpdir(), `wrought-${host}-`));
  t.after(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, 'kernel'), 'the kernel');
  await writeFile(join(directory, 'ramdisk'), 'the ramdisk');
  const set = [
    `conductor.host=${host}`,
    `deploy.http_root=${directory}/http`,
    `deploy.http_url=http://${host}:8088`,
    'api.public_endpoint=http://10.0.0.1:6385',
    `conductor.deploy_kernel=${directory}/kernel`,
    `conductor.deploy_ramdisk=${directory}/ramdisk`,
    ...options,
  ];
  const config = loadConfig({ dataDirectory: directory, set });
  const { environment } = await createBootServices({ config: () => config, log: silentLog });
  const boot: BootInterface = { ...ipxeBoot(environment), name: 'scripted' };
  const base = scriptedDriver({
    prepare: (task) => task.interfaces.boot.prepareRamdisk(task, 'deploy'),
    cleanUp: (task) => task.interfaces.boot.cleanUpRamdisk(task),
    steps: [
      waitingStep('wait', 80),
      {
        ...waitingStep('prepare_instance', 60),
        async execute(task) {
          task.learn(await task.interfaces.boot.prepareInstance(task));
          return { kind: 'done', facts: {}, agentIsUp: false };
        },
      },
    ],
  });
  const interfaces = [...base.interfaces.filter(({ kind }) => kind !== 'boot'), boot];
  return { host, root: join(directory, 'http'), set, environment, driver: { ...base, interfaces } };
}

const script = ({ root }: Machine) => join(root, 'pxelinux.cfg', mac.replaceAll(':', '-'));

async function startOn(t: TestContext, machine: Machine, database: string): Promise<TestConductor> {
  const { set, drivers } = scripted(machine.driver, ...machine.set);
  return startConductor(t, { set, drivers, database, boot: machine.environment });
}

async function deployingNode(server: TestConductor): Promise<Node> {
  const node = await server.node({ driver: 'scripted', provision_state: 'available' });
  await server.store.transaction((trx) => insertPort(trx, { uuid: randomUUID(), node_id: node.id, address: mac }));
  await server.conductor.doors.start.provision({ node, verb: 'active', requester });
  return server.untilState(node.uuid, 'wait call-back');
}

/** The timeline is written in batches. */
async function untilSaid({ store }: TestConductor, { id }: Node, words: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const said = (await timelineAfter(store.read, id, 0, 100)).map(({ message }) => message);
    if (said.some((line) => line.includes(words))) {
      return;
    }
    assert.ok(performance.now() < deadline, said.join('\n'));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

testOnBoth('a machine that waits finds its boot files on the conductor that took over', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-local-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const database = await newDatabase(t, directory);
  const [first, second] = [await newMachine(t, 'rack-a'), await newMachine(t, 'rack-b')];
  const before = await startOn(t, first, database);
  const node = await deployingNode(before);
  assert.deepEqual(preparedBoot(node), { purpose: 'deploy', conductor: 'rack-a' });
  await before.stop();

  const after = await startOn(t, second, database);
  await after.conductor.restoreLocalState();
  const taken = await after.untilState(node.uuid, 'wait call-back');
  assert.deepEqual(preparedBoot(taken), { purpose: 'deploy', conductor: 'rack-b' });
  assert.match(await readFile(script(second), 'utf8'), /kernel http:\/\/rack-b:8088\//);
  assert.equal(await readFile(join(second.root, node.uuid, 'deploy_kernel'), 'utf8'), 'the kernel');
  await untilSaid(after, node, 'were written on rack-b, because rack-a had them before');

  // What is there is left alone, what got lost comes back.
  const { mtimeMs } = await stat(script(second));
  await after.conductor.restoreLocalState();
  assert.equal((await stat(script(second))).mtimeMs, mtimeMs);
  await rm(join(second.root, node.uuid), { recursive: true });
  await after.conductor.restoreLocalState();
  assert.equal(await readFile(join(second.root, node.uuid, 'deploy_ramdisk'), 'utf8'), 'the ramdisk');

  const heartbeat = await agentOf(after, taken.uuid);
  await heartbeat();
  const active = await after.untilState(node.uuid, 'active');
  assert.equal(preparedBoot(active), null);
  assert.equal(await exists(script(second)), false);
  await after.conductor.restoreLocalState();
  assert.equal(await exists(script(second)), false, 'nothing comes back for a machine that runs its instance');
  await after.stop();

  // The first conductor comes back, and takes back what it still offered.
  assert.equal(await exists(script(first)), true);
  const back = await startOn(t, first, database);
  await back.conductor.restoreLocalState();
  assert.equal(await exists(script(first)), false);
  assert.deepEqual(await first.environment.bootRecords.nodes(), []);
});

test('scripts that leave machines to their disk go to the conductor that takes over from one that is gone', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-local-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const database = await newDatabase(t, directory);
  const fallback = ['pxe.enable_netboot_fallback=true'];
  const [first, second] = [await newMachine(t, 'rack-a', fallback), await newMachine(t, 'rack-b', fallback)];
  const before = await startOn(t, first, database);
  const waiting = await deployingNode(before);
  const heartbeat = await agentOf(before, waiting.uuid);
  await heartbeat();
  const active = await before.untilState(waiting.uuid, 'active');
  assert.deepEqual(preparedBoot(active), { purpose: 'disk', conductor: 'rack-a' });
  await before.stop();
  const after = await startOn(t, second, database);
  await after.conductor.restoreLocalState();
  assert.equal(await readFile(script(second), 'utf8'), await readFile(script(first), 'utf8'));
  assert.deepEqual(preparedBoot(await after.untilState(waiting.uuid, 'active')), {
    purpose: 'disk',
    conductor: 'rack-b',
  });
});

test('an image that its conductor serves is served by the one that takes over', async (t) => {
  const [first, second] = [await newMachine(t, 'rack-a'), await newMachine(t, 'rack-b')];
  const image = join(first.root, '..', 'image.raw');
  await writeFile(image, 'the image');
  const allowed = `conductor.file_url_allowed_paths=["${join(first.root, '..')}"]`;
  const taskOn = ({ set }: Machine, driver_internal_info: Node['driver_internal_info'] = {}) =>
    testTask({
      set: [...set, allowed],
      node: { instance_info: { image_source: `file://${image}` }, driver_internal_info },
    });
  const before = taskOn(first);
  before.task.learn(await prepareImage(before.task, first.environment));
  assert.equal(localImage(first.environment).holder(before.task.node), 'rack-a');
  assert.equal(await localImage(first.environment).isHere(before.task), true);

  const after = taskOn(second, before.task.node.driver_internal_info);
  const local = localImage(second.environment);
  const moved = { ...after.task, node: { ...after.task.node, uuid: before.task.node.uuid } };
  assert.equal(await local.isHere(moved), false);
  after.task.learn(await local.restore(moved));
  assert.match(preparedImage(after.task.node)?.url ?? '', /^http:\/\/rack-b:8088\/agent_images\//);
  assert.equal(local.holder(after.task.node), 'rack-b');
  assert.equal(await local.isHere(moved), true);
});
