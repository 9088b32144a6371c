// What Dell adds, at a simulated iDRAC: jobs, the Lifecycle Controller, drives in and out of RAID, configuration profiles.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RedfishSimulatorOptions, startRedfishSimulator } from '@wrought/lab';
import * as redfish from '../../src/index.ts';

const pauses = { pollMilliseconds: 5, maximumPollMilliseconds: 50 };

async function open(options: Partial<RedfishSimulatorOptions> = {}) {
  const simulator = await startRedfishSimulator({
    count: 1,
    ...{ model: 'idrac', scheme: 'http', resetSeconds: 0, taskSeconds: 0 },
    ...options,
  });
  const [service] = simulator.bmcs;
  assert.ok(service !== undefined);
  const client = redfish.createClient({ url: service.url, userName: 'admin', password: 'secret12' });
  const system = await redfish.onlySystem(client);
  const [manager] = await redfish.managersOf(client, system);
  assert.ok(manager !== undefined);
  const raid = async () => {
    const [storage] = await redfish.listStorage(client, system);
    assert.ok(storage !== undefined);
    const statuses = (await redfish.readDrives(client, storage)).map(redfish.readDellRaidStatus);
    return { storage, statuses };
  };
  return {
    client,
    system,
    manager,
    service,
    raid,
    async [Symbol.asyncDispose]() {
      await client.close();
      await simulator.close();
    },
  };
}

test('the job queue is read and cleared', async () => {
  await using dell = await open();
  const { client, manager, system } = dell;
  const bios = await redfish.readBios(client, system);
  await redfish.setBiosAttributes(client, bios, { LogicalProc: 'Disabled' });
  const [job] = await redfish.listDellJobs(client, manager);
  assert.deepEqual([job?.type, job?.state], ['BIOSConfiguration', 'Scheduled']);
  assert.equal((await redfish.readTask(client, job?.path ?? '')).outcome, 'running');
  await redfish.clearDellJobs(client, manager);
  assert.deepEqual(await redfish.listDellJobs(client, manager), []);
});

test('the Lifecycle Controller tells whether it is ready', async () => {
  await using ready = await open();
  assert.deepEqual(await redfish.readDellReadiness(ready.client, ready.manager), {
    lifecycleController: 'Ready',
    realTime: 'Ready',
    server: 'PoweredOff',
  });
  await using busy = await open({ lifecycleSeconds: 1000 });
  const { lifecycleController } = await redfish.readDellReadiness(busy.client, busy.manager);
  assert.equal(lifecycleController, 'NotInitialized');
});

test('another make says that it has none of it', async () => {
  await using generic = await open({ model: 'generic' });
  const { client, manager, system } = generic;
  await assert.rejects(redfish.listDellJobs(client, manager), /has no Jobs/);
  await assert.rejects(redfish.readDellReadiness(client, manager), /has no DellLCService/);
  assert.equal(redfish.hasDellRaidService(system), false);
  await assert.rejects(redfish.convertDellDrives(client, system, ['1'], 'RAID'), /has no DellRaidService/);
  await assert.rejects(redfish.exportDellConfiguration(client, manager), /ExportSystemConfiguration/);
});

test('drives go out of RAID and back, and foreign ones are cleared', async () => {
  await using dell = await open({ dellStorage: { drives: { 3: 'Foreign' } } });
  const { client, system, raid } = dell;
  const { storage, statuses } = await raid();
  assert.deepEqual(statuses, ['Ready', 'Ready', 'Ready', 'Foreign']);
  const [first] = await redfish.readDrives(client, storage);
  assert.ok(first !== undefined);
  await client.task(await redfish.convertDellDrives(client, system, [first.id], 'NonRAID'), pauses);
  assert.deepEqual((await raid()).statuses, ['NonRAID', 'Ready', 'Ready', 'Foreign']);
  await client.task(await redfish.convertDellDrives(client, system, [first.id], 'RAID'), pauses);
  await client.task(await redfish.clearDellForeignConfiguration(client, system, storage.id), pauses);
  assert.deepEqual((await raid()).statuses, ['Ready', 'Ready', 'Ready', 'Ready']);
});

test('the mode of a controller changes at the next start', async () => {
  await using dell = await open({ dellStorage: { controllerMode: 'HBA' } });
  const { client, system, raid } = dell;
  const modes = async () => redfish.readDellControllers(client, (await raid()).storage);
  const [controller] = await modes();
  assert.ok(controller !== undefined);
  assert.equal(controller.mode, 'HBA');
  await assert.rejects(redfish.setDellControllerMode(client, controller, 'Fast'), /allowed: RAID, EnhancedHBA, HBA/);
  const begun = await redfish.setDellControllerMode(client, controller, 'RAID');
  assert.equal((await modes())[0]?.mode, 'HBA');
  await redfish.resetSystem(client, system, 'On');
  await client.task(begun, pauses);
  assert.equal((await modes())[0]?.mode, 'RAID');
});

test('a profile is exported, and a part of one imported', async () => {
  await using dell = await open();
  const { client, manager, system, service } = dell;
  const path = redfish.taskPath(await redfish.exportDellConfiguration(client, manager)) ?? '';
  await client.task(path, pauses);
  const profile = await redfish.readDellProfile(client, path);
  assert.ok(profile !== undefined);
  assert.equal((profile.SystemConfiguration as { ServiceTag: string }).ServiceTag, service.serialNumber);
  const part = `<SystemConfiguration><Component FQDD="BIOS.Setup.1-1"><Attribute Name="LogicalProc">Disabled</Attribute></Component></SystemConfiguration>`;
  const wish = { profile: part, shutdown: 'Forced', isOnAfterwards: false } as const;
  await client.task(await redfish.importDellConfiguration(client, manager, wish), pauses);
  assert.equal((await redfish.readBios(client, system)).attributes.LogicalProc, 'Disabled');
});

test('which cards the BIOS boots from is told in the boot mode of today alone', () => {
  const attributes = {
    ...{ BootMode: 'Uefi', PxeDev1EnDis: 'Enabled', PxeDev1Interface: 'NIC.Integrated.1-1-1' },
    ...{ PxeDev2EnDis: 'Disabled', PxeDev2Interface: 'NIC.Integrated.1-2-1', HttpDev1EnDis: 'Enabled' },
  };
  assert.deepEqual(redfish.dellPxeInterfaces(attributes), ['NIC.Integrated.1-1-1']);
  assert.deepEqual(redfish.dellPxeInterfaces({ ...attributes, PxeDev1EnDis: 'Disabled' }), []);
  assert.equal(redfish.dellPxeInterfaces({ ...attributes, BootMode: 'Bios' }), undefined);
  assert.equal(redfish.dellPxeInterfaces({ BootMode: 'Uefi' }), undefined);
});
