// Steps of the redfish driver in whole cleanings, at simulated services: what is set, what is waited for, and servers that die on the way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redfishModelNames } from '@wrought/lab';
import { biosSettingRows } from '../src/store/bios-settings.ts';
import { findInventory } from '../src/store/inventories.ts';
import { untilSaid } from './support/boot-machine.ts';
import { requester, type TestConductor } from './support/conductor.ts';
import { imageServer } from './support/firmware-images.ts';
import { startRedfishConductor } from './support/redfish-conductor.ts';

const settings = (args: object) => ({ interface: 'bios', step: 'apply_configuration', args: { settings: args } });

async function biosOf({ store }: TestConductor, { id }: { id: number }) {
  const rows = await biosSettingRows(store.read, id);
  return new Map(rows.map(({ name, value }) => [name, value]));
}

test('BIOS settings are applied by a restart, shown, and not applied a second time', async (t) => {
  const { server, node, clean, resets } = await startRedfishConductor(t);
  const wanted = [{ name: 'ProcHyperthreading', value: 'Disabled' }];
  await clean(server, settings(wanted));
  await server.untilState(node.uuid, 'manageable', 60_000);
  assert.equal((await biosOf(server, node)).get('ProcHyperthreading'), 'Disabled');
  assert.deepEqual(resets, ['On', 'Off'], 'it was off before, and is again');
  await clean(server, settings(wanted));
  await server.untilState(node.uuid, 'manageable', 60_000);
  assert.deepEqual(resets, ['On', 'Off'], 'what is so already needs no restart');
});

test('a BMC whose task of the settings waits for the start is not waited for before it', async (t) => {
  const { server, node, clean, resets } = await startRedfishConductor(t, { model: 'idrac' });
  await clean(server, settings([{ name: 'LogicalProc', value: 'Disabled' }]));
  await server.untilState(node.uuid, 'manageable', 60_000);
  assert.equal((await biosOf(server, node)).get('LogicalProc'), 'Disabled');
  assert.deepEqual(resets, ['On', 'Off']);
});

for (const [name, value, words] of [
  ['NoSuchSetting', 'x', /NoSuchSetting .* can not be "x"; allowed: none, because the BIOS has no such setting/],
  ['ProcHyperthreading', 'perhaps', /ProcHyperthreading .* can not be "perhaps"; allowed: Enabled, Disabled/],
  ['BootTimeout', '61', /BootTimeout .* can not be "61"; allowed: a number from 0 to 60/],
  ['QuietBoot', 'no', /QuietBoot .* can not be "no"; allowed: true or false/],
  ['SystemModelName', 'x', /SystemModelName .* allowed: only "Simulated Server", because it can not be changed/],
] as const) {
  test(`the BIOS setting ${name} with the value "${value}" fails the cleaning with what is allowed`, async (t) => {
    const { server, node, clean, resets } = await startRedfishConductor(t);
    await clean(server, settings([{ name, value }]));
    const failed = await server.untilState(node.uuid, 'clean failed', 60_000);
    assert.match(failed.last_error ?? '', words);
    assert.deepEqual(resets, []);
  });
}

test('the settings of the factory come back', async (t) => {
  const { server, node, clean } = await startRedfishConductor(t);
  await clean(server, settings([{ name: 'ProcHyperthreading', value: 'Disabled' }]), {
    interface: 'bios',
    step: 'factory_reset',
  });
  await server.untilState(node.uuid, 'manageable', 60_000);
  assert.equal((await biosOf(server, node)).get('ProcHyperthreading'), 'Enabled');
});

test('a server that dies while the machine restarts goes on, and the settings are there', async (t) => {
  const { server, node, clean } = await startRedfishConductor(t);
  await clean(server, settings([{ name: 'ProcHyperthreading', value: 'Disabled' }]));
  await untilSaid(server, node, 'BIOS settings for the next boot');
  const next = await server.takeOver();
  await next.untilState(node.uuid, 'manageable', 60_000);
  assert.equal((await biosOf(next, node)).get('ProcHyperthreading'), 'Disabled');
});

for (const model of redfishModelNames) {
  test(`${model}: the BMC tells the hardware: inventory, properties, ports`, async (t) => {
    const { server, node, service } = await startRedfishConductor(t, { model });
    await server.conductor.doors.start.provision({ node, verb: 'inspect', requester });
    const inspected = await server.untilState(node.uuid, 'manageable', 60_000);
    assert.equal(inspected.last_error, null);
    const { cpu_arch, cpus, memory_mb, local_gb, vendor } = inspected.properties;
    assert.equal(cpu_arch, model === 'openbmc' ? 'aarch64' : 'x86_64');
    for (const [what, value] of Object.entries({ cpus, memory_mb, local_gb })) {
      assert.ok(typeof value === 'number' && value > 0, `${what} ${value}`);
    }
    assert.equal(typeof vendor, 'string');
    const { ports } = await server.store.read
      .selectFrom('ports')
      .select('address')
      .where('node_id', '=', node.id)
      .execute()
      .then((rows) => ({ ports: rows.map(({ address }) => address).sort() }));
    assert.deepEqual(ports, [...service.macs].sort());
    const kept = await findInventory(server.store.read, node.id);
    const inventory = JSON.parse(kept?.inventory ?? '{}');
    const label = model === 'idrac' ? service.model.sku : service.serialNumber;
    assert.equal(inventory.system_vendor.serial_number, label);
    assert.ok(inventory.disks.length > 0);
    assert.equal(JSON.parse(kept?.plugin_data ?? '{}').root_disk.size > 0, true);
    assert.deepEqual(service.machine.power, 'Off', 'it need not be on');
    // A second look changes nothing.
    await server.conductor.doors.start.provision({ node: inspected, verb: 'inspect', requester });
    assert.equal((await server.untilState(node.uuid, 'manageable', 60_000)).last_error, null);
  });
}

test('what a BMC does not tell is said, and the rest is learned', async (t) => {
  const { server, node } = await startRedfishConductor(t, { faults: { missing: 1 }, faultRate: 0.2 });
  await server.conductor.doors.start.provision({ node, verb: 'inspect', requester });
  const inspected = await server.untilState(node.uuid, 'manageable', 60_000);
  assert.equal(inspected.last_error, null);
});

const update = (...wishes: object[]) => ({ interface: 'firmware', step: 'update', args: { settings: wishes } });

async function versionsOf({ store }: TestConductor, { id }: { id: number }) {
  const rows = await store.read.selectFrom('firmware_components').selectAll().where('node_id', '=', id).execute();
  return new Map(rows.map(({ component, current_version }) => [component, current_version]));
}

for (const model of redfishModelNames) {
  test(`${model}: firmware of BMC and BIOS is updated in the order asked for, and its versions are kept`, async (t) => {
    const { server, node, clean, service } = await startRedfishConductor(t, { model });
    const url = (await imageServer(t)).url;
    await clean(
      server,
      update(
        { component: 'bmc', url: `${url}/bmc-9.9.1.bin` },
        { component: 'bios', url: `${url}/bios-9.9.2.bin`, wait: 0 },
      ),
    );
    await server.untilState(node.uuid, 'manageable', 120_000);
    const versions = await versionsOf(server, node);
    assert.match(versions.get('bmc') ?? '', /9\.9\.1/);
    assert.match(versions.get('bios') ?? '', /9\.9\.2/);
    assert.equal(service.machine.power, 'On', 'the BIOS counts from a boot on');
  });
}

test('an update that fails, or an image that is not there, fails the step with the words of the BMC', async (t) => {
  const { server, node, clean } = await startRedfishConductor(t, { faults: { failing: 1 }, faultRate: 1 });
  const url = (await imageServer(t)).url;
  await clean(server, update({ component: 'bmc', url: `${url}/bmc-9.9.1.bin` }));
  const failed = await server.untilState(node.uuid, 'clean failed', 60_000);
  assert.match(
    failed.last_error ?? '',
    /firmware of "bmc" \(bmc-9\.9\.1\.bin\) was not installed: .*the simulator lets it fail/,
  );
});

test('a server that dies in the middle of an update goes on with it, and the BMC is not asked twice', async (t) => {
  const { server, node, clean, service } = await startRedfishConductor(t, { taskSeconds: 2 });
  let tasks = 0;
  service.onChange((change) => {
    if (change.what === 'message' && /TaskStarted$/.test(change.messageId)) tasks += 1;
  });
  const url = (await imageServer(t)).url;
  await clean(server, update({ component: 'bmc', url: `${url}/bmc-9.9.1.bin` }));
  await untilSaid(server, node, 'The BMC installs the firmware of "bmc"');
  const next = await server.takeOver();
  await next.untilState(node.uuid, 'manageable', 60_000);
  assert.match((await versionsOf(next, node)).get('bmc') ?? '', /9\.9\.1/);
  assert.equal(tasks, 1);
});

test('a server that dies between the question and its note of it finds the update that the BMC began', async (t) => {
  const { server, node, clean, service } = await startRedfishConductor(t, { taskSeconds: 3 });
  const begun = Promise.withResolvers<void>();
  let tasks = 0;
  service.onChange((change) => {
    if (change.what === 'message' && /TaskStarted$/.test(change.messageId)) {
      tasks += 1;
      begun.resolve();
    }
  });
  const url = (await imageServer(t)).url;
  await clean(server, update({ component: 'bmc', url: `${url}/bmc-9.9.1.bin` }));
  await begun.promise;
  const next = await server.takeOver();
  await next.untilState(node.uuid, 'manageable', 60_000);
  assert.match((await versionsOf(next, node)).get('bmc') ?? '', /9\.9\.1/);
  assert.equal(tasks, 1);
});

for (const [settings, words] of [
  [[{ component: 'bmc' }], /url of component bmc is undefined; allowed: an URL/],
  [[{ component: 'bmc', url: 'glance://x' }], /"glance:\/\/x" names a service that this server does not speak with/],
  [[{ component: 'bmc', url: 'http://192.0.2.1/x', wait: -1 }], /wait of component bmc is -1; allowed: whole seconds/],
] as const) {
  test(`updates that can not be are refused: ${JSON.stringify(settings)}`, async (t) => {
    const { server, node, clean } = await startRedfishConductor(t);
    await clean(server, update(...settings));
    assert.match((await server.untilState(node.uuid, 'clean failed', 60_000)).last_error ?? '', words);
  });
}
