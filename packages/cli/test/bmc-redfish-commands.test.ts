// Tests the rarer commands and options of `wrought bmc redfish` against simulated services: drives by name, tasks, updates by URL.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FakeMachine, type RedfishSimulatorOptions, startRedfishSimulator } from '@wrought/lab';
import { wrought } from './fake-api.ts';

const environment = { REDFISH_PASSWORD: 'secret12' };
type Row = Record<string, unknown>;

async function startService(context: TestContext, options: Omit<RedfishSimulatorOptions, 'count'> = {}) {
  const timing = { taskSeconds: 0.05, resetSeconds: 0.05 };
  const simulator = await startRedfishSimulator({ count: 1, scheme: 'http', ...timing, ...options });
  context.after(() => simulator.close());
  const [bmc] = simulator.bmcs;
  assert.ok(bmc?.machine instanceof FakeMachine);
  const ask = (line: string) =>
    wrought(['bmc', 'redfish', bmc.url, '--user', 'admin', ...line.split(' ')], environment);
  return {
    bmc,
    machine: bmc.machine,
    ask,
    async json<Answer = Row>(line: string): Promise<Answer> {
      const { exitCode, out, err } = await ask(`${line} --json`);
      assert.equal(exitCode, 0, `${line}: ${err}`);
      return JSON.parse(out);
    },
  };
}

/** A web server with one image for the BIOS; its URL. */
async function imageServer(context: TestContext): Promise<string> {
  const server = createServer((_, response) => response.end('{"Part":"bios","Version":"8.8.8"}')).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  context.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/bios.bin`;
}

test('settings of the BIOS are found by a part of their name, and set back to those of the factory', async (context) => {
  const { json } = await startService(context, { model: 'idrac' });
  const found = await json<{ name: string; value: string }[]>('bios list procvirt');
  assert.deepEqual(
    found.map(({ name }) => name),
    ['ProcVirtualization'],
  );
  const before = found[0]?.value;
  await json('bios set ProcVirtualization=Disabled');
  await json('power on');
  assert.equal((await json('bios get ProcVirtualization')).value, 'Disabled');
  assert.equal((await json('bios reset')).accepted, 'reset');
  await json('power reset');
  assert.equal((await json('bios get ProcVirtualization')).value, before);
});

test('a drive is chosen by its name or kind, may be written to, and is emptied alone', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-bmc-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const secret = join(folder, 'password');
  writeFileSync(secret, 'image-pass\n');
  const { machine, json, ask } = await startService(context, { model: 'idrac' });
  const [one, two] = ['http://192.0.2.1/one.iso', 'http://192.0.2.1/two.img'];
  assert.equal((await json(`media insert ${one} --drive 2`)).drive, '2');
  const login = `--image-user reader --image-password-file ${secret}`;
  assert.equal((await json(`media insert ${two} --type usb --writable ${login}`)).drive, '1');
  const inserted = async () =>
    (await json<Row[]>('media list')).filter((drive) => drive.inserted === true).map(({ id, image }) => [id, image]);
  assert.deepEqual((await inserted()).sort(), [
    ['1', two],
    ['2', one],
  ]);
  const [media] = [...machine.media.values()].filter(({ image }) => image === two);
  assert.deepEqual([media?.userName, media?.password], ['reader', 'image-pass']);
  assert.equal(JSON.parse((await ask('get Systems/System.Embedded.1/VirtualMedia/1')).out).WriteProtected, false);
  assert.deepEqual((await json('media eject 2')).ejected, ['2']);
  assert.deepEqual(await inserted(), [['1', two]]);
  assert.match((await ask('media eject 7')).err, /the BMC has no virtual drive "7"; it has 1, 2/);
});

test('firmware is updated from a URL, of one part, and its task is waited for', async (context) => {
  const { bmc, json, ask } = await startService(context, { model: 'idrac', taskSeconds: 0.3 });
  const url = await imageServer(context);
  const [bios] = bmc.model.update.firmware.filter(({ part }) => part === 'bios');
  assert.ok(bios);
  const { accepted, task } = await json<{ accepted: string; task: string }>(
    `firmware update ${url} --target ${bios.id} --no-wait`,
  );
  assert.equal(accepted, url);
  const listed = await json<Row[]>('tasks list');
  assert.ok(listed.some(({ path, state }) => path === task && state !== 'Completed'));
  assert.equal((await json(`tasks wait ${task}`)).state, 'Completed');
  const versions = async () =>
    (await json<{ name: string; version: string; id: string }[]>('firmware list')).map(({ version }) => version);
  await json('power on');
  assert.ok((await versions()).includes('8.8.8'));
  assert.match((await ask('tasks wait 4711')).err, /the BMC has no task "4711"/);
  assert.match((await ask(`firmware update ${url} --target Nothing`)).err, /Nothing/);
});

test('a task that fails fails the command, with the words of the BMC', async (context) => {
  const { json, ask } = await startService(context, { faults: { failing: 1 }, faultRate: 1 });
  const url = await imageServer(context);
  const updated = await ask(`firmware update ${url}`);
  assert.equal(updated.exitCode, 1);
  assert.match(updated.err, /the simulator lets it fail/);
  const [task] = await json<{ id: string; state: string }[]>('tasks list');
  assert.match(String(task?.state), /Exception|Killed|Cancelled/);
  const waited = await ask(`tasks wait ${task?.id}`);
  assert.equal(waited.exitCode, 1);
  assert.match(waited.err, /the simulator lets it fail/);
});

test('power, sensors, cards and managers in detail', async (context) => {
  const { bmc, json, ask } = await startService(context, { model: 'generic' });
  await json('power on');
  const [usage] = await json<Row[]>('power usage');
  assert.equal(usage?.consumed_watts, 212);
  assert.deepEqual(await json('sensors --problems'), []);
  const cards = await json<Row[]>('network cards');
  assert.ok(cards.every(({ id }) => typeof id === 'string'));
  const { manager } = await json<{ manager: string }>(`managers reset ${bmc.model.ids.manager} --type force`);
  assert.equal(manager, bmc.model.ids.manager);
  assert.match((await ask('managers reset other')).err, /the BMC has no manager "other"; it has/);
});
