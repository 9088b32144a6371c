// Tests `wrought bmc ipmi` against simulated BMCs and OpenIPMI's: what it prints, and how it fails.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  type BmcSimulatorOptions,
  createFault,
  setSensorReading,
  startBmcSimulator,
  startStandAloneBmc,
} from '@wrought/lab';
import { wrought } from './fake-api.ts';

const environment = { IPMI_PASSWORD: 'secret12' };

async function startBmc(context: TestContext, options: Omit<BmcSimulatorOptions, 'count'> = {}) {
  const simulator = await startBmcSimulator({ count: 1, ...options });
  context.after(() => simulator.close());
  const [bmc] = simulator.bmcs;
  assert.ok(bmc);
  const ask = (line: string, given: NodeJS.ProcessEnv = environment) =>
    wrought(['bmc', 'ipmi', bmc.address, '--port', String(bmc.port), ...line.split(' ')], given);
  return {
    bmc,
    ask,
    async text(line: string): Promise<string> {
      const { exitCode, out, err } = await ask(line);
      assert.equal(exitCode, 0, `${line}: ${err}`);
      return out;
    },
    async json<Answer = Record<string, unknown>>(line: string): Promise<Answer> {
      const { exitCode, out, err } = await ask(`${line} --json`);
      assert.equal(exitCode, 0, `${line}: ${err}`);
      return JSON.parse(out);
    },
  };
}

function fileWith(context: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-bmc-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'secret');
  writeFileSync(file, text);
  return file;
}

test('power', async (context) => {
  const { text, json } = await startBmc(context);
  assert.equal(await text('power status'), 'power  off\n');
  assert.equal(await text('power on'), 'accepted  power up\n');
  assert.deepEqual(await json('power status'), { power: 'on' });
  for (const [verb, control] of [
    ['cycle', 'power cycle'],
    ['reset', 'hard reset'],
    ['diag', 'pulse diagnostic interrupt'],
    ['soft', 'soft shutdown'],
    ['off', 'power down'],
  ]) {
    assert.deepEqual(await json(`power ${verb}`), { accepted: control });
  }
  assert.deepEqual(await json('power status'), { power: 'off' });
});

test('chassis status, identify light and power restore policy', async (context) => {
  const { text, json, ask } = await startBmc(context);
  assert.match(await text('chassis status'), /^power_on {14}false$[\s\S]*^power_restore_policy {2}always off$/m);
  for (const [how, state] of [
    ['on', 'indefinite on'],
    ['off', 'off'],
    ['20', 'temporary on'],
  ]) {
    assert.equal(await text(`chassis identify ${how}`), `identify  ${how}\n`);
    assert.equal((await json('chassis status')).identify, state);
  }
  assert.equal(await text('chassis policy'), 'supported  always_off, previous, always_on\n');
  await text('chassis policy always-on');
  assert.equal((await json('chassis status')).power_restore_policy, 'always on');
  const wrong = await ask('chassis identify 300');
  assert.equal(wrong.exitCode, 2);
  assert.match(wrong.err, /no byte/);
});

test('the next boot', async (context) => {
  const { text, json } = await startBmc(context);
  assert.equal((await json('bootdev get')).valid, false);
  assert.equal(await text('bootdev set pxe --uefi'), 'device      PXE\npersistent  false\nefi         true\n');
  const { valid, device, persistent, efi } = await json('bootdev get');
  assert.deepEqual({ valid, device, persistent, efi }, { valid: true, device: 'PXE', persistent: false, efi: true });
  await text('bootdev set --persistent disk');
  assert.match(await text('bootdev get'), /^persistent +true$[\s\S]*^device +hard drive$/m);
});

test('the BMC itself, and any command', async (context) => {
  const { bmc, text, json, ask } = await startBmc(context);
  assert.match(await text('mc info'), /^firmware +1\.42$[\s\S]*^supports +sensor, sdr_repository, sel/m);
  assert.equal((await json('mc info')).manufacturer_id, 32473);
  assert.equal((await json('mc guid')).ipmi, bmc.uuid);
  assert.equal(await text('mc selftest'), 'result  passed\n');
  assert.deepEqual(await json('mc reset warm'), { accepted: 'warm reset' });
  assert.equal(await text('raw 6 0x01'), '20 01 01 42 02 cf d9 7e 00 3c 0b 00 00 00 01\n');
  assert.deepEqual(await json('raw 0x06 0x04'), { data: '5500' });
  const unknown = await ask('raw 6 0x99');
  assert.equal(unknown.exitCode, 1);
  assert.match(unknown.err, /^wrought: .*0xc1: invalid command/);
  assert.deepEqual(await json('ping'), {
    ...{ host: '127.0.0.1', supports_ipmi: true, supported_interactions: 0, enterprise: 4542 },
  });
});

test('sensors and power reading', async (context) => {
  const { bmc, text, json } = await startBmc(context);
  await text('power on');
  setSensorReading(bmc, 1, 96);
  const lines = (await text('sensors')).split('\n');
  assert.match(lines[0] ?? '', /^name +value +unit +status +detail$/);
  assert.match(lines[1] ?? '', /^CPU Temp +96 +°C +critical +-$/);
  assert.match(lines[6] ?? '', /^PSU 1 Status +- +- +ok +presence detected$/);
  assert.deepEqual(
    (await json<Record<string, unknown>[]>('sensors fan')).map(({ name, value, unit }) => [name, value, unit]),
    [['Fan 1', 6200, 'RPM']],
  );
  assert.deepEqual((await json<unknown[]>('sensors --problems')).length, 1);
  assert.match(await text('dcmi power'), /^current +212$/m);
  assert.equal((await json('dcmi power')).unit, 'W');
});

test('the event log', async (context) => {
  const { text, json } = await startBmc(context);
  const added = 'raw 0x0a 0x44 0 0 2 0 0 0 0 0x20 0 4 1 1 1 0x57 96 85';
  await text(added);
  await text(added.replace('0x57 96 85', '0x52 1 2'));
  const [line = ''] = (await text('sel list --last 1')).split('\n').slice(1);
  assert.match(line, /^2 +20\S+Z +CPU Temp +\S.* assertion +reading 1 °C, threshold 2 °C$/);
  const events = await json<Record<string, unknown>[]>('sel list');
  assert.deepEqual(
    events.map(({ id, sensor, data }) => [id, sensor, data]),
    [
      [1, 'CPU Temp', '576055'],
      [2, 'CPU Temp', '520102'],
    ],
  );
  assert.equal((await json<{ sensor: string }[]>('sel list --no-sensor-names'))[0]?.sensor, 'temperature 0x01');
  assert.equal((await json('sel info')).entry_count, 2);
  assert.equal(await text('sel clear'), 'cleared  true\n');
  assert.match(await text('sel info'), /^entry_count +0$/m);
});

test('inventory, network and users', async (context) => {
  const { text, json, ask } = await startBmc(context);
  assert.match(await text('fru'), /^product\.serial_number +SN00000000$/m);
  assert.equal((await json<{ board: { manufactured: string } }>('fru 0')).board.manufactured, '2025-06-17T08:32:00Z');
  const none = await ask('fru 7');
  assert.equal(none.exitCode, 1);
  assert.match(none.err, /0xcb/);
  assert.match(await text('lan print'), /^mac_address +52:54:00:00:00:00$[\s\S]*17 administrator$/m);
  assert.equal((await json('lan print 1')).ip_address, '127.0.0.1');
  assert.match(await text('user list'), /^id .*\n2 +admin +administrator +true +enabled\n$/);
  assert.deepEqual(await json('user list'), [
    { id: 2, name: 'admin', privilege: 'administrator', ipmi: true, state: 'enabled' },
  ]);
});

test("OpenIPMI's BMC answers too", async (context) => {
  const bmc = await startStandAloneBmc({ emulated: { manufacturerId: 343, productId: 0x1234 } });
  context.after(() => bmc.stop());
  const ask = async (...words: string[]) => {
    const args = ['bmc', 'ipmi', bmc.host, '--port', String(bmc.port), '--json', ...words];
    const { exitCode, out, err } = await wrought(args, environment);
    assert.equal(exitCode, 0, err);
    return JSON.parse(out);
  };
  assert.equal((await ask('mc', 'info')).manufacturer_id, 343);
  await ask('power', 'on', '--suite', '3');
  assert.deepEqual(await ask('power', 'status', '--ipmi15'), { power: 'on' });
  assert.equal(bmc.chassis('power').trim(), '1');
  assert.deepEqual(await ask('sensors'), []);
  assert.deepEqual(await ask('sel', 'list'), []);
  const users = await ask('user', 'list');
  assert.deepEqual(
    users.map(({ id, name }: { id: number; name: string }) => [id, name]),
    [[2, 'admin']],
  );
  assert.equal((await ask('lan', 'print')).cipher_suites[2], '3 administrator');
});

test('users, passwords and keys', async (context) => {
  const { bmc, ask } = await startBmc(context, { bmcKey: Buffer.from('a key') });
  const kg = `--kg-file ${fileWith(context, 'a key\n')}`;
  const hexadecimal = `--kg-file ${fileWith(context, '0x61206b6579')}`;
  const passwordFile = `--password-file ${fileWith(context, 'secret12\n')}`;
  assert.equal((await ask(`${kg} power status`)).exitCode, 0);
  assert.equal((await ask(`power status ${hexadecimal} ${passwordFile}`, {})).exitCode, 0);
  for (const [line, given, message] of [
    ['power status', environment, /the BMC has a BMC key|BMC key|Kg/],
    [`power status ${kg}`, { IPMI_PASSWORD: 'wrong' }, /^wrought: login at 127\.0\.0\.1:\d+: .*password/],
    [`power status ${kg} --user nobody`, environment, /no such user/],
    ['power status', {}, /no terminal to ask for it: name --password-file or set IPMI_PASSWORD/],
    ['power status --password-file /nowhere', {}, /\/nowhere can not be read/],
  ] as const) {
    const { exitCode, err } = await ask(line, given);
    assert.equal(exitCode, 1, line);
    assert.match(err, message);
  }
  assert.ok(bmc.counts.logins > 0);
});

test('a BMC that is silent, and a host that is not there', async (context) => {
  const { bmc, ask } = await startBmc(context);
  bmc.fault = createFault('silent', 1, bmc.name);
  for (const line of ['power status', 'ping']) {
    const { exitCode, err } = await ask(`--timeout 0.3 ${line}`);
    assert.equal(exitCode, 1);
    assert.match(err, /no answer to \d+ packets? in \d+ ms; check address, port/);
  }
  const unknown = await wrought(['bmc', 'ipmi', 'bmc.invalid', 'power', 'status'], environment);
  assert.equal(unknown.exitCode, 1);
  assert.match(unknown.err, /^wrought: bmc\.invalid can not be reached: /);
});

test('command lines that are wrong', async (context) => {
  const { ask } = await startBmc(context);
  for (const [line, message] of [
    ['power explode', /unknown command 'explode'/],
    ['power status --nope', /unknown option '--nope'/],
    ['raw 6', /missing required argument 'command'/],
    ['raw 6 256', /no byte/],
    ['--port 0 power status', /no port from 1 to 65535/],
    ['--suite 0 power status', /no authentication.*--allow-none/],
    ['--allow-none everything power status', /none of authentication, integrity, confidentiality/],
    ['--privilege king power status', /Allowed choices are callback/],
    ['sol --escape ab', /neither one character nor "none"/],
  ] as const) {
    const { exitCode, err } = await ask(line);
    assert.equal(exitCode, 2, line);
    assert.match(err, message);
  }
  const missing = await wrought(['bmc', 'ipmi']);
  assert.equal(missing.exitCode, 2);
  assert.match(missing.err, /the host is missing/);
  const help = await wrought(['bmc', 'ipmi', '--help']);
  assert.equal(help.exitCode, 0);
  assert.match(help.out, /--password-file[\s\S]*Commands:[\s\S]*power[\s\S]*sol/);
});
