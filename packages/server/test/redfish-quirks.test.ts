// What BMCs do otherwise, and the driver gets over: devices that last one boot, drives that can not be booted from, slow ejections.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Behaviour, createClient, listVirtualMedia, onlySystem, readBoot } from '@wrought/redfish';
import { chooseBootDevice } from '../src/boot/ramdisk/boot-device.ts';
import { loadConfig } from '../src/config/index.ts';
import type { Bmc } from '../src/drivers/redfish/bmc/calls.ts';
import { insertDellCd, setDellBootCd } from '../src/drivers/redfish/bmc/dell-boot.ts';
import { insert, insertBootCd } from '../src/drivers/redfish/bmc/media.ts';
import { type RedfishTaskOptions, startRedfishTask } from './support/redfish-task.ts';
import { testTask } from './support/task.ts';

async function setUp(t: TestContext, options: RedfishTaskOptions, behaviour?: Partial<Behaviour>) {
  const made = await startRedfishTask(t, options);
  const { simulator, service, stack } = made;
  const peer = createClient({
    url: service.url,
    ...{ userName: 'admin', password: 'secret12' },
    tls: { trust: { caPem: simulator.certificateOf(service) } },
    ...(behaviour === undefined ? {} : { behaviour }),
  });
  stack.defer(() => peer.close());
  const booted: (string | undefined)[] = [];
  service.onChange((change) => change.what === 'boot' && booted.push(change.choice?.target));
  /** The parts that work with a client whose habits the test chose. */
  const parts: Bmc = {
    client: peer,
    signal: new AbortController().signal,
    systemPath: async () => (await onlySystem(peer)).path,
    system: () => onlySystem(peer),
  };
  const images = async () =>
    (await listVirtualMedia(peer, await onlySystem(peer)))
      .filter(({ isInserted }) => isInserted)
      .map(({ resource, image }) => [resource.id, image]);
  return { ...made, peer, parts, booted, images };
}

for (const [model, why] of [
  ['xcc', 'takes no device for every boot'],
  ['idrac', 'forgets after a boot'],
] as const) {
  test(`${model}: a device for every boot holds at a BMC that ${why}`, async (t) => {
    const { task, management, booted } = await setUp(t, { model });
    await management.setBootDevice(task, 'disk', true);
    assert.deepEqual(await management.getBootDevice(task), { boot_device: 'disk', persistent: true });
    for (const target of ['power on', 'rebooting', 'rebooting'] as const) {
      await task.setPower(target);
    }
    assert.deepEqual(booted, ['Hdd', 'Hdd', 'Hdd']);
    assert.deepEqual(await management.getBootDevice(task), { boot_device: 'disk', persistent: true });
  });

  test(`${model}: the next choice ends it`, async (t) => {
    const { task, management, booted } = await setUp(t, { model });
    await management.setBootDevice(task, 'disk', true);
    await management.setBootDevice(task, 'pxe', false);
    await task.setPower('power on');
    await task.setPower('rebooting');
    assert.deepEqual(booted, ['Pxe', undefined]);
    assert.equal(task.node.driver_internal_info.redfish_boot_device ?? null, null);
  });
}

test('a BMC that keeps a device for every boot is not asked again', async (t) => {
  const { task, management, booted, simulator } = await setUp(t, { model: 'generic' });
  await management.setBootDevice(task, 'disk', true);
  assert.equal(task.node.driver_internal_info.redfish_boot_device ?? null, null);
  const { requests } = simulator.counts;
  await task.setPower('power on');
  const first = simulator.counts.requests - requests;
  await task.setPower('rebooting');
  assert.deepEqual(booted, ['Hdd', 'Hdd']);
  assert.ok(first <= 5, `${first} requests`);
});

test('a device that can not be set again is told, and the machine is switched on all the same', async (t) => {
  const { task, management, evidence, service } = await setUp(t, { model: 'xcc' });
  task.learn({ driver_internal_info: { redfish_boot_device: 'uefihttp' } });
  await task.setPower('power on');
  assert.equal(service.machine.power, 'On');
  const told = evidence.find(({ severity }) => severity === 'warning')?.message ?? '';
  assert.match(told, /"uefihttp" could not be set again .* cannot boot from UefiHttp; allowed: None, Pxe/);
  assert.deepEqual(await management.getBootDevice(task), { boot_device: 'uefihttp', persistent: true });
});

test('an image that was ejected a moment ago, and is shown still, is inserted anew', async (t) => {
  const { task, management, images } = await setUp(t, { model: 'idrac', ejectSeconds: 1.2 });
  const media = management.virtualMedia;
  assert.ok(media !== undefined);
  const medium = { device_type: 'cdrom', image_url: 'http://192.0.2.1/a.iso', image_download_source: 'http' } as const;
  await media.attach(task, medium);
  await media.detach(task, ['cdrom']);
  assert.deepEqual(await images(), []);
  await media.attach(task, medium);
  assert.deepEqual(await images(), [['1', medium.image_url]]);
});

test('a medium to boot from takes the place of the same one: what a BMC shows may be over', async (t) => {
  const { parts, images, peer } = await setUp(t, { model: 'idrac', ejectSeconds: 1.2 });
  const url = 'http://192.0.2.1/a.iso';
  await insertBootCd(parts, url);
  const [drive] = (await listVirtualMedia(peer, await onlySystem(peer))).filter(({ isInserted }) => isInserted);
  assert.ok(drive !== undefined);
  // Somebody else ejects it: it is shown for a while.
  await peer.action(drive.resource, 'VirtualMedia.EjectMedia', {});
  assert.deepEqual(await images(), [['1', url]]);
  await insertBootCd(parts, url);
  assert.deepEqual(await images(), [['1', url]]);
});

test('only drives that the machine boots from are taken for a boot medium', async (t) => {
  const { parts, images } = await setUp(t, { model: 'idrac' }, { bootableMedia: ['2'] });
  await insertBootCd(parts, 'http://192.0.2.1/a.iso');
  assert.deepEqual(await images(), [['2', 'http://192.0.2.1/a.iso']]);
  // One that is not to be booted from goes where there is room.
  await insert(parts, 'cdrom', 'http://192.0.2.1/b.iso');
  assert.deepEqual((await images()).length, 2);
  const nowhere = await setUp(t, { model: 'idrac' }, { bootableMedia: ['9'] });
  const refused = /the machine boots from no virtual drive for a cdrom that the BMC has \(1, 2\)/;
  await assert.rejects(insertBootCd(nowhere.parts, 'http://192.0.2.1/a.iso'), refused);
});

test('settings are shown in a drive beside the CD, and both are taken out again', async (t) => {
  for (const model of ['generic', 'idrac', 'xcc', 'supermicro', 'ilo'] as const) {
    const { bmc, task, images } = await setUp(t, { model });
    const [cd, settings] = ['http://192.0.2.1/a.iso', 'http://192.0.2.1/b.img'];
    await bmc.mediumBoot.bootFromCd(task, cd, settings);
    await bmc.mediumBoot.bootFromCd(task, cd, settings);
    assert.deepEqual((await images()).map(([, image]) => image).sort(), [cd, settings], model);
    await bmc.mediumBoot.ejectCd(task, true);
    assert.deepEqual(await images(), []);
  }
});

test('a BMC that boots from no virtual CD says so, and what else there is', async (t) => {
  const { parts, images } = await setUp(t, { model: 'idrac' }, { bootsVirtualCd: false });
  await assert.rejects(insertBootCd(parts, 'http://192.0.2.1/a.iso'), /no boot target for a virtual CD: update it/);
  assert.deepEqual(await images(), []);
});

for (const bootsVirtualCd of [true, false]) {
  test(`an iDRAC boots from a virtual CD, also where its boot target means another (${bootsVirtualCd})`, async (t) => {
    const { parts, task, images, booted } = await setUp(t, { model: 'idrac' }, { bootsVirtualCd });
    await insertDellCd(parts, 'http://192.0.2.1/a.iso');
    await setDellBootCd(parts, task);
    assert.deepEqual(await images(), [['1', 'http://192.0.2.1/a.iso']]);
    await task.setPower('power on');
    await task.setPower('rebooting');
    assert.deepEqual(booted, ['Cd', undefined], 'once');
  });
}

test('the boot interface of Dell boots from the virtual CD once, and takes it out again', async (t) => {
  const { bmc, task, images, booted } = await setUp(t, { model: 'idrac' });
  await bmc.mediumBoot.bootFromDellCd(task, 'http://192.0.2.1/a.iso');
  await task.setPower('power on');
  assert.deepEqual(booted, ['Cd']);
  assert.deepEqual(await images(), [['1', 'http://192.0.2.1/a.iso']]);
  await bmc.mediumBoot.ejectCd(task);
  assert.deepEqual(await images(), []);
});

test('an image with a query in its URL is refused where the BMC would not take it', async (t) => {
  const { management, task, images } = await setUp(t, { model: 'supermicro' });
  const attach = (image_url: string) =>
    management.virtualMedia?.attach(task, { device_type: 'cdrom', image_url, image_download_source: 'http' });
  await assert.rejects(async () => attach('http://192.0.2.1/a.iso?v=1'), /takes no image from an URL with "\?" or "="/);
  assert.deepEqual(await images(), []);
  await attach('http://192.0.2.1/a.iso');
  assert.equal((await images()).length, 1);
});

test('the disk is left alone where a make takes the entry of the operating system back then', async (t) => {
  const lenovo = await setUp(t, { model: 'xcc' });
  const target = async ({ peer }: typeof lenovo) => (await readBoot(peer, await onlySystem(peer))).target;
  await chooseBootDevice(lenovo.task, 'disk');
  assert.equal(await target(lenovo), 'None');
  assert.match(lenovo.evidence.at(-1)?.message ?? '', /not made the boot device/);
  await chooseBootDevice(lenovo.task, 'pxe');
  assert.equal(await target(lenovo), 'Pxe');
  const other = await setUp(t, { model: 'generic' });
  await chooseBootDevice(other.task, 'disk');
  assert.equal(await target(other), 'Hdd');
});

test('the serial number is the one on the label', async (t) => {
  for (const model of ['idrac', 'generic'] as const) {
    const { bmc, task, service } = await setUp(t, { model });
    const { inventory } = await bmc.inspect(task);
    const { serial_number } = inventory.system_vendor as { serial_number: string };
    assert.equal(serial_number, model === 'idrac' ? service.model.sku : service.serialNumber);
    const firmware = await bmc.firmware.readComponents(task);
    assert.equal(firmware.find(({ component }) => component === 'bios')?.serial_number, serial_number);
  }
});

test('an attached image comes from where it is wanted from, and no login is in its URL', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'wrought-vmedia-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  await writeFile(join(root, 'a b.iso'), 'an image');
  const { task: plain, management, images } = await setUp(t, { model: 'generic' });
  const config = loadConfig({
    dataDirectory: root,
    set: ['deploy.external_http_url=http://192.0.2.9:8088', `conductor.file_url_allowed_paths=["${root}"]`],
  });
  const { task } = testTask({ node: plain.node, config });
  const media = management.virtualMedia;
  assert.ok(media !== undefined);
  const shown = async (image_url: string, image_download_source: 'http' | 'local') => {
    await media.attach(task, { device_type: 'cdrom', image_url, image_download_source });
    const [[, image] = []] = await images();
    return image;
  };
  const served = `http://192.0.2.9:8088/vmedia/${task.node.uuid}/cdrom/a_b.iso`;
  assert.equal(await shown(`file://${root}/a%20b.iso`, 'local'), served);
  assert.equal(await shown(`file://${root}/a%20b.iso`, 'http'), served);
  const folder = join(config.deploy.http_root, 'vmedia', task.node.uuid, 'cdrom');
  assert.deepEqual(await readdir(folder), ['a_b.iso']);
  assert.equal(await shown('https://192.0.2.1/b.iso', 'http'), 'https://192.0.2.1/b.iso');
  assert.equal(await shown('cifs://user:s%40crt@192.0.2.1/share/b.iso', 'local'), 'cifs://192.0.2.1/share/b.iso');
  await media.detach(task, ['cdrom']);
  assert.deepEqual(await images(), []);
  await assert.rejects(readdir(folder), { code: 'ENOENT' });
  const refused = /image_url "glance:\/\/x" names a service that this server does not speak with/;
  await assert.rejects(shown('glance://x', 'http'), refused);
});
