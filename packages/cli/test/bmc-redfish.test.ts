// Tests `wrought bmc redfish` against simulated services of every model: what it prints and does, and how it fails.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FakeMachine, type RedfishSimulatorOptions, redfishModelNames, startRedfishSimulator } from '@wrought/lab';
import { wrought } from './fake-api.ts';

const password = 'secret12';
const environment = { REDFISH_PASSWORD: password };

type Row = Record<string, unknown>;

async function startService(context: TestContext, options: Omit<RedfishSimulatorOptions, 'count'> = {}) {
  const users = [{ name: 'admin', password, role: 'Administrator' as const }];
  const timing = { taskSeconds: 0.05, resetSeconds: 0.05 };
  const simulator = await startRedfishSimulator({ count: 1, scheme: 'http', users, ...timing, ...options });
  context.after(() => simulator.close());
  const [bmc] = simulator.bmcs;
  assert.ok(bmc);
  assert.ok(bmc.machine instanceof FakeMachine);
  const ask = (line: string, given: NodeJS.ProcessEnv = environment) =>
    wrought(['bmc', 'redfish', bmc.url, ...line.split(' ')], given);
  return {
    ...{ bmc, simulator, machine: bmc.machine, ask },
    async text(line: string): Promise<string> {
      const { exitCode, out, err } = await ask(line);
      assert.equal(exitCode, 0, `${line}: ${err}`);
      return out;
    },
    async json<Answer = Row>(line: string): Promise<Answer> {
      const { exitCode, out, err } = await ask(`${line} --json`);
      assert.equal(exitCode, 0, `${line}: ${err}`);
      return JSON.parse(out);
    },
  };
}

function fileWith(context: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-bmc-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'file');
  writeFileSync(file, text);
  return file;
}

for (const model of redfishModelNames) {
  test(`what is read of the model ${model}`, async (context) => {
    const { bmc, text, json } = await startService(context, { model });
    const info = await json('info');
    assert.deepEqual([info.manufacturer, info.serial_number], [bmc.model.manufacturer, bmc.serialNumber]);
    assert.match(await text('power status'), /^power {2}off\n$/);
    assert.equal((await json('boot device show')).device, 'none');
    await text('boot mode show');
    const drives = await json<Row[]>('media list');
    assert.ok(drives.some(({ types, inserted }) => String(types).includes('CD') && inserted === false));
    await text('power on');
    const sensors = await json<Row[]>('sensors');
    assert.ok(sensors.some(({ kind, value }) => kind === 'temperature' && value === 23));
    assert.ok((await json<Row[]>('sensors fan')).every(({ kind, name }) => /fan/i.test(`${name}${kind}`)));
    const health = await json<Row[]>('health');
    assert.ok(
      ['system', 'manager', 'processor', 'memory', 'drive', 'chassis'].every((each) =>
        health.some(({ part }) => part === each),
      ),
    );
    assert.deepEqual(await json('health --problems'), []);
    assert.match(String((await json('indicator')).indicator), /^(lit|blinking|off)$/);
    const [setting] = await json<Row[]>('bios list');
    assert.ok(setting);
    assert.deepEqual(await json(`bios get ${setting.name}`), setting);
    const firmware = await json<Row[]>('firmware list');
    assert.deepEqual(firmware.map(({ id }) => id).sort(), bmc.model.update.firmware.map(({ id }) => id).sort());
    assert.equal((await json<Row[]>('storage drives')).length, bmc.model.storage.flatMap((each) => each.drives).length);
    assert.ok((await json<Row[]>('storage list')).length > 0);
    assert.deepEqual(await json('storage volumes'), []);
    assert.deepEqual(
      (await json<Row[]>('network interfaces')).map(({ mac }) => mac),
      bmc.macs,
    );
    await json<Row[]>('network cards');
    await json<Row[]>('power usage');
    assert.ok(
      (await json<Row[]>('accounts list')).some(({ name, role }) => name === 'admin' && role === 'Administrator'),
    );
    assert.ok(
      (await json<Row[]>('managers list')).some(({ firmware: version }) => version === bmc.model.firmwareVersion),
    );
    assert.deepEqual(await json('tasks list'), []);
    assert.equal(JSON.parse(await text('get'))['@odata.id'].replace(/\/$/, ''), '/redfish/v1');
    assert.ok(JSON.parse(await text('get Systems')).Members.length === 1);
  });

  test(`what is changed at the model ${model}`, async (context) => {
    const { machine, text, json } = await startService(context, { model });
    await text('boot device set pxe');
    assert.equal((await json('boot device show')).device, 'pxe');
    assert.equal((await json('power on')).accepted, 'On');
    assert.equal(machine.booted?.target, 'Pxe');
    assert.match(await text('power reset'), /^accepted {2}(ForceRestart|PowerCycle)\n$/);
    assert.deepEqual(await json('power status'), { power: 'on' });
    await text('power off');
    assert.deepEqual(await json('power status'), { power: 'off' });
    // XCC has no override that lasts.
    const lasts = model !== 'xcc';
    await text(`boot device set cdrom${lasts ? ' --persistent' : ''}`);
    const { device, persistent } = await json('boot device show');
    assert.deepEqual([device, persistent], ['cdrom', lasts]);
    await text('boot device set none');
    assert.equal((await json('boot device show')).device, 'none');

    const image = 'http://192.0.2.1/agent.iso';
    await text(`media insert ${image}`);
    assert.equal(machine.media.get('cd')?.image, image);
    assert.ok((await json<Row[]>('media list')).some((drive) => drive.inserted === true && drive.image === image));
    assert.equal((await json<{ ejected: string[] }>('media eject')).ejected.length, 1);
    assert.equal(machine.media.get('cd'), undefined);

    await text('indicator blinking');
    assert.notEqual((await json('indicator')).indicator, 'off');
    const settings = await json<{ name: string; value: unknown; allowed: string[] }[]>('bios list');
    const setting = settings.find(({ value }) => /^Enabled?$/.test(String(value)));
    assert.ok(setting);
    const other = String(setting.value).replace('Enable', 'Disable');
    await text(`bios set ${setting.name}=${other}`);
    const pending = await json<Row[]>('bios list --pending');
    assert.deepEqual(
      pending.map(({ name, pending: to }) => [name, to]),
      [[setting.name, other]],
    );
    await text('power on');
    assert.equal((await json(`bios get ${setting.name}`)).value, other);

    const file = fileWith(context, '{"Part":"bios","Version":"7.7.7"}');
    await text(`firmware update ${file}`);
    await text('power reset');
    assert.ok((await json<Row[]>('firmware list')).some(({ version }) => version === '7.7.7'));
    assert.equal((await json('managers reset')).accepted, 'reset');
  });
}

test('boot by UEFI over HTTP, boot mode, NMI, soft shutdown and a new password', async (context) => {
  const { machine, ask, text, json } = await startService(context);
  await text('boot mode set bios');
  assert.equal((await json('boot mode show')).mode, 'bios');
  await text('boot device set uefihttp --uri http://192.0.2.1/agent.efi --mode uefi');
  await text('power on');
  assert.deepEqual([machine.booted?.target, machine.booted?.httpBootUri], ['UefiHttp', 'http://192.0.2.1/agent.efi']);
  await text('power nmi');
  await text('power soft');
  assert.deepEqual(await json('power status'), { power: 'off' });
  await text(`accounts password admin --new-password-file ${fileWith(context, 'another-12\n')}`);
  assert.match((await ask('info')).err, /401.*check user name and password/);
  assert.equal((await ask('info', { REDFISH_PASSWORD: 'another-12' })).exitCode, 0);
});

test('certificates, passwords and sessions', async (context) => {
  const { bmc, simulator, ask } = await startService(context, { scheme: 'https' });
  const pem = simulator.certificateOf(bmc);
  const { fingerprint256 } = new X509Certificate(pem);
  const passwordFile = fileWith(context, `${password}\n`);
  for (const trust of [`--ca ${fileWith(context, pem)}`, `--fingerprint ${fingerprint256}`, '--insecure']) {
    assert.equal((await ask(`power status ${trust}`)).exitCode, 0, trust);
    assert.equal((await ask(`${trust} --password-file ${passwordFile} power status`, {})).exitCode, 0, trust);
  }
  for (const [line, given, message] of [
    ['power status', environment, /TLS failed: .*--ca FILE.*--fingerprint SHA256.*--insecure/],
    [`power status --fingerprint ${'0'.repeat(64)}`, environment, /SHA-256 fingerprint .*, not the pinned one/],
    [`power status --ca ${passwordFile}`, environment, /holds no certificate in PEM form/],
    ['power status --insecure', { REDFISH_PASSWORD: 'wrong' }, /401.*check user name and password/],
    ['power status --insecure', {}, /no terminal to ask for it: name --password-file or set REDFISH_PASSWORD/],
  ] as const) {
    const { exitCode, err } = await ask(line, given);
    assert.equal(exitCode, 1, line);
    assert.match(err, message);
    assert.ok(!err.includes(password));
  }
});

test('what is refused, and command lines that are wrong', async (context) => {
  const { ask, json } = await startService(context);
  const [setting] = (await json<{ name: string; allowed: string[] }[]>('bios list')).filter(
    ({ allowed }) => allowed.length > 0,
  );
  assert.ok(setting);
  for (const [line, code, message] of [
    ['get /redfish/v1/Nowhere', 1, /404.*the BMC has no such resource/],
    ['info --system 77', 1, /the BMC has no system "77"; it has 1/],
    ['media insert http://192.0.2.1/a.iso --drive Tape', 1, /the BMC has no virtual drive "Tape"; it has /],
    [
      `bios set ${setting.name}=Nonsense`,
      1,
      new RegExp(`${setting.name} cannot be "Nonsense"; allowed: ${setting.allowed[0]}`),
    ],
    ['bios set Nonsense=1', 1, /the BIOS has no setting "Nonsense"; see bios list/],
    ['firmware update /nowhere', 1, /\/nowhere is no file/],
    ['accounts password nobody --new-password-file /nowhere', 1, /\/nowhere can not be read/],
    ['power explode', 2, /unknown command 'explode'/],
    ['media insert agent.iso', 2, /"agent.iso" is no URL/],
    ['boot device set pxe --uri http://192.0.2.1/', 2, /--uri goes with uefihttp/],
    ['--insecure --ca x power status', 2, /cannot be used with/],
    ['--fingerprint 00 power status', 2, /--fingerprint must be a SHA-256 fingerprint/],
  ] as const) {
    const { exitCode, err } = await ask(line);
    assert.equal(exitCode, code, `${line}: ${err}`);
    assert.match(err, message);
  }
  const wrong = await wrought(['bmc', 'redfish', 'ftp://192.0.2.1', 'info'], environment);
  assert.equal(wrong.exitCode, 2);
  assert.match(wrong.err, /is no address of a BMC/);
  const missing = await wrought(['bmc', 'redfish']);
  assert.equal(missing.exitCode, 2);
  assert.match(missing.err, /the url is missing/);
  const help = await wrought(['bmc', 'redfish', '--help']);
  assert.equal(help.exitCode, 0);
  assert.match(help.out, /--fingerprint[\s\S]*REDFISH_PASSWORD[\s\S]*Commands:[\s\S]*power[\s\S]*tasks/);
});
