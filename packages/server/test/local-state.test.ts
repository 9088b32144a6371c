// What machines fetch from their conductor: another conductor that takes over writes it on its own machine, and nobody else does.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Node } from '@wrought/contract';
import { preparedImage } from '../src/drivers/agent/image-info.ts';
import { localImage, prepareImage } from '../src/drivers/agent/image-preparation.ts';
import { preparedBoot } from '../src/drivers/pxe/prepared-boot.ts';
import { type BootMachine, bootMac, newBootMachine, startOn, untilSaid, waitingNode } from './support/boot-machine.ts';
import { newDatabase, testOnBoth } from './support/databases.ts';
import { agentOf } from './support/signal-agent.ts';
import { testTask } from './support/task.ts';

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

const script = ({ root }: BootMachine) => join(root, 'pxelinux.cfg', bootMac.replaceAll(':', '-'));

testOnBoth('a machine that waits finds its boot files on the conductor that took over', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-local-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const database = await newDatabase(t, directory);
  const [first, second] = [await newBootMachine(t, 'rack-a'), await newBootMachine(t, 'rack-b')];
  const before = await startOn(t, first, database);
  const node = await waitingNode(before);
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
  const [first, second] = [await newBootMachine(t, 'rack-a', fallback), await newBootMachine(t, 'rack-b', fallback)];
  const before = await startOn(t, first, database);
  const waiting = await waitingNode(before);
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
  const [first, second] = [await newBootMachine(t, 'rack-a'), await newBootMachine(t, 'rack-b')];
  const image = join(first.root, '..', 'image.raw');
  await writeFile(image, 'the image');
  const allowed = `conductor.file_url_allowed_paths=["${join(first.root, '..')}"]`;
  const taskOn = ({ set }: BootMachine, driver_internal_info: Node['driver_internal_info'] = {}) =>
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

test('what a node was served is taken away when the node is gone, and not before', async (t) => {
  const machine = await newBootMachine(t, 'rack-a');
  const server = await startOn(t, machine, await newDatabase(t, dirname(machine.root)));
  const node = await waitingNode(server);
  const gone = randomUUID();
  const files = [
    ...[node.uuid, gone].map((uuid) => join(machine.root, 'vmedia', uuid, 'cdrom', 'a.iso')),
    // What an operator serves beside them.
    join(machine.root, 'firmware', 'bios-2.0.bin'),
    join(machine.root, 'firmware', 'r750', 'nic.bin'),
  ];
  for (const file of files) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, 'an image');
  }
  await server.conductor.restoreLocalState();
  assert.deepEqual(await Promise.all(files.map(exists)), [true, false, true, true]);
  assert.equal(await exists(join(machine.root, 'vmedia', gone)), false);
});
