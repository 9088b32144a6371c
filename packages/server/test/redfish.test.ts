// The redfish driver against simulated services of every make: what it does, what it reports, and what it gets over.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { JsonObject } from '@wrought/contract';
import { redfishModelNames } from '@wrought/lab';
import { createClient, onlySystem, readBoot } from '@wrought/redfish';
import { type ObservedBmcCall, unsupported } from '../src/drivers/kit/index.ts';
import { readConnection } from '../src/drivers/redfish/connection.ts';
import { silentLog } from './support/conductor.ts';
import { type RedfishTaskOptions, startRedfishTask } from './support/redfish-task.ts';
import { testNode, testTask } from './support/task.ts';

async function setUp(t: TestContext, options: RedfishTaskOptions = {}) {
  const calls: ObservedBmcCall[] = [];
  const odd: object[] = [];
  const watch = {
    log: { ...silentLog, warn: (fields: object) => void odd.push(fields) },
    observe: (call: ObservedBmcCall) => void calls.push(call),
  };
  return { ...(await startRedfishTask(t, { ...options, watch })), calls, odd };
}

for (const model of redfishModelNames) {
  test(`${model}: power on, soft off, off; asking for what is so already is no error`, async (t) => {
    const { task, service, power, simulator } = await setUp(t, { model });
    assert.equal(await power.getPowerState(task), 'power off');
    await task.setPower('power on');
    assert.equal(service.machine.power, 'On');
    await power.setPowerState(task, 'power on');
    await task.setPower('soft power off', 20);
    await task.setPower('rebooting');
    await task.setPower('power off');
    assert.equal(service.machine.power, 'Off');
    assert.ok(simulator.counts.logins <= 1, 'one session for all of it');
  });

  test(`${model}: boot devices are set and read back, for the next boot and for all`, async (t) => {
    const { task, management } = await setUp(t, { model });
    for (const device of ['pxe', 'cdrom', 'bios', 'disk']) {
      await management.setBootDevice(task, device, false);
      assert.deepEqual(await management.getBootDevice(task), { boot_device: device, persistent: false });
    }
    await assert.rejects(management.setBootDevice(task, 'tape', false), /"tape".*pxe, disk, cdrom, bios, uefihttp/);
  });

  test(`${model}: an image is inserted in place of another, shown, and ejected`, async (t) => {
    const { task, management } = await setUp(t, { model });
    const media = management.virtualMedia;
    assert.ok(media !== undefined);
    const images = async () =>
      ((await media.list(task)) as { inserted: boolean; image: string | null }[]).flatMap((drive) =>
        drive.inserted ? [drive.image] : [],
      );
    const medium = (image_url: string) => ({ device_type: 'cdrom', image_url, image_download_source: 'http' }) as const;
    await media.attach(task, medium('http://192.0.2.1/one.iso'));
    await media.attach(task, medium('http://192.0.2.1/one.iso'));
    assert.deepEqual(await images(), ['http://192.0.2.1/one.iso']);
    await media.detach(task, ['cdrom']);
    assert.deepEqual(await images(), []);
    await media.detach(task, []);
  });

  test(`${model}: sensors and lights`, async (t) => {
    const { task, management, service } = await setUp(t, { model });
    await task.setPower('power on');
    const readings = (await management.getSensorsData?.(task)) ?? [];
    const temperature = readings.find(({ type }) => type === 'Temperature');
    assert.equal(temperature?.unit, 'degrees C');
    assert.equal(temperature?.fields.reading_celsius, temperature?.value);
    assert.ok(readings.some(({ type }) => type === 'Power'));
    const [whole] = readings.filter(({ name }) => name.startsWith('Consumption@'));
    assert.equal(whole?.unit, 'Watts');
    assert.ok((whole?.value ?? 0) > 0);
    assert.equal(whole?.fields.power_consumed_watts, whole?.value);
    const drives = readings.filter(({ type }) => type === 'Drive');
    assert.equal(drives.length, service.model.storage.flatMap((each) => each.drives).length);
    assert.ok(drives.every(({ fields }) => fields.health === 'OK' && Number(fields.capacity_bytes) > 0));
    assert.equal(
      new Set(readings.map(({ type, name }) => `${type} ${name}`)).size,
      readings.length,
      'every name is its own',
    );
    const panel = management.indicators;
    assert.ok(panel !== undefined);
    const lights = await panel.list(task);
    assert.equal(lights.filter(({ component }) => component === 'disk').length, drives.length);
    assert.equal(new Set(lights.map(({ component, name }) => `${name}@${component}`)).size, lights.length);
    for (const { component, name, states } of lights) {
      const state = states.includes('blinking') ? 'blinking' : 'on';
      await panel.set(task, component, name, state);
      assert.equal(await panel.get(task, component, name), state);
    }
    await assert.rejects(panel.get(task, 'system', 'none'), /no indicator "none@system"; the machine has: /);
  });

  test(`${model}: boot mode, secure boot and NMI, or a plain word that the BMC has them not`, async (t) => {
    const { task, management } = await setUp(t, { model });
    const mode = await management.getBootMode?.(task).catch((error: Error) => error);
    if (mode instanceof Error) {
      assert.equal(mode.message, unsupported(task.node, management, 'the boot mode: its BMC does not tell').message);
    } else {
      assert.equal(mode, 'uefi');
      const refused = await management.setBootMode?.(task, 'bios').catch((error: Error) => error);
      assert.ok(refused === undefined || /Legacy|BootSourceOverrideMode/.test(refused.message), String(refused));
      await management.setBootMode?.(task, 'uefi');
      assert.equal(await management.getBootMode?.(task), 'uefi');
    }
    await management.setSecureBoot?.(task, true);
    assert.equal(await management.getSecureBoot?.(task), true);
    await task.setPower('power on');
    const interrupt = await management.injectNmi?.(task).catch((error: Error) => error);
    assert.ok(interrupt === undefined || /Nmi/.test(interrupt.message), String(interrupt));
  });
}

test('UEFI HTTP boot is one boot from the URL, and a virtual CD one boot from the drive', async (t) => {
  const { task, bmc, management, service } = await setUp(t);
  await bmc.mediumBoot.bootFromUrl(task, 'http://192.0.2.1/agent.iso');
  assert.deepEqual(await management.getBootDevice(task), { boot_device: 'uefihttp', persistent: false });
  await bmc.mediumBoot.bootFromCd(task, 'http://192.0.2.1/agent.iso');
  assert.deepEqual(await management.getBootDevice(task), { boot_device: 'cdrom', persistent: false });
  const boots: unknown[] = [];
  service.onChange((change) => change.what === 'boot' && boots.push(change.choice));
  await task.setPower('power on');
  assert.equal(boots.length, 1);
  await bmc.mediumBoot.ejectCd(task);
  await bmc.mediumBoot.ejectCd(task);
});

test('a BMC is driven as its make needs it, which is found out once', async (t) => {
  const { task, management, service, simulator } = await setUp(t, { model: 'supermicro' });
  await management.setBootDevice(task, 'cdrom', false);
  // Its virtual CD has a name of its own.
  await using peer = createClient({
    url: service.url,
    userName: 'admin',
    password: 'secret12',
    tls: { trust: { caPem: simulator.certificateOf(service) } },
  });
  assert.equal((await readBoot(peer, await onlySystem(peer))).target, 'UsbCd');
  const { requests } = simulator.counts;
  await management.getBootDevice(task);
  assert.equal(simulator.counts.requests - requests, 1);
});

test('a wrong password is told as such, and costs no more than one login', async (t) => {
  const { task, power, simulator, calls } = await setUp(t, { info: { redfish_password: 'wrong' } });
  await assert.rejects(power.getPowerState(task), /401.*check user name and password/);
  assert.ok(simulator.counts.logins === 0);
  assert.equal(calls[0]?.error, 'refused the user');
});

test('certificates are checked by default; a file of authorities, or a word, lets a BMC of its own in', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-redfish-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const strict = await setUp(t, { info: { redfish_verify_ca: true } });
  await assert.rejects(strict.power.getPowerState(strict.task), /TLS failed: .*check which certificate the BMC has/);
  assert.equal(strict.calls[0]?.error, 'tls');
  const file = join(directory, 'ca.pem');
  writeFileSync(file, strict.simulator.certificateOf(strict.service));
  const { task } = testTask({
    node: { driver_info: { ...strict.task.node.driver_info, redfish_verify_ca: file } },
    interfaces: [strict.power],
  });
  assert.equal(await strict.power.getPowerState(task), 'power off');
});

test('a session that the BMC has forgotten is made anew', async (t) => {
  const { task, power, service, simulator } = await setUp(t, { scheme: 'http' });
  await power.getPowerState(task);
  service.reset();
  assert.equal(await power.getPowerState(task), 'power off');
  assert.equal(simulator.counts.logins, 2);
});

for (const fault of ['missing', 'mistyped', 'weak', 'slow', 'error', 'unavailable', 'expired', 'full'] as const) {
  test(`power and boot device are managed at a BMC with the fault "${fault}"`, { timeout: 120_000 }, async (t) => {
    const { task, management, service } = await setUp(t, {
      faults: { [fault]: 1 },
      faultRate: 0.1,
      set: ['redfish.connection_attempts=8'],
    });
    // What failed is tried again, as flows do.
    const persevere = async (work: () => Promise<unknown>) => {
      for (let left = 10; ; left -= 1) {
        try {
          return await work();
        } catch (error) {
          if (left === 0) throw error;
        }
      }
    };
    await persevere(() => management.setBootDevice(task, 'pxe', false));
    await persevere(() => task.setPower('power on', 5));
    assert.equal(service.machine.power, 'On');
    await persevere(() => task.setPower('power off', 5));
    assert.equal(service.machine.power, 'Off');
  });
}

test('keys of driver_info that can not be are refused by name', () => {
  const { task } = testTask();
  const read = (driver_info: JsonObject) => readConnection(testNode({ driver_info }), task.config);
  assert.throws(() => read({}), /lacks driver_info\/redfish_address, which is needed to reach its BMC/);
  for (const [key, value, words] of [
    ['redfish_address', 'ftp://bmc', /redfish_address .* "ftp:\/\/bmc"; allowed: https:\/\/HOST/],
    ['redfish_address', 'https://user:secret@bmc', /the user is given in redfish_username/],
    ['redfish_system_id', 'no path', /redfish_system_id .* allowed: the path of a ComputerSystem/],
    ['redfish_verify_ca', 'perhaps', /redfish_verify_ca .* allowed: true, false, or the absolute path/],
    ['redfish_verify_ca', '/no/such/ca.pem', /names \/no\/such\/ca\.pem, which is not there/],
    ['redfish_auth_type', 'kerberos', /redfish_auth_type .* allowed: auto, session, basic/],
    ['redfish_tls_minimum_version', '1.0', /allowed: 1\.1, 1\.2, 1\.3/],
    ['redfish_password', 'alone', /has driver_info\/redfish_password but no driver_info\/redfish_username/],
  ] as const) {
    assert.throws(() => read({ redfish_address: 'bmc.example', [key]: value }), words, key);
  }
  assert.deepEqual(read({ redfish_address: 'bmc.example/redfish/v1' }), {
    url: 'https://bmc.example/redfish/v1',
    systemPath: null,
    username: null,
    password: '',
    authentication: 'auto',
    verifyCa: true,
    minimumTlsVersion: '1.2',
    tlsCiphers: null,
  });
});
