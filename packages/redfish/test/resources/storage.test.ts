// Storage in its older and newer form, and volumes made and deleted as services want it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createVolume,
  deleteVolume,
  initializeVolume,
  listStorage,
  listVolumes,
  readDrives,
  readSimpleStorage,
  resetStorage,
  secureErase,
  UnsupportedError,
} from '../../src/index.ts';
import {
  type Asked,
  clientOf,
  failure,
  type Handler,
  type Reply,
  root,
  startService,
  type Table,
} from '../support/service.ts';

const system = '/redfish/v1/Systems/1';
const storage = `${system}/Storage/RAID.1`;
const ref = (path: string) => ({ '@odata.id': path });
const drive = (id: string) => `${storage}/Drives/${id}`;

const table = (more: Table = {}): Table => ({
  'GET /redfish/v1/': root(),
  [`GET ${system}`]: { Storage: ref(`${system}/Storage`), SimpleStorage: ref(`${system}/SimpleStorage`) },
  [`GET ${system}/Storage`]: { Members: [ref(storage)] },
  [`GET ${storage}`]: {
    Id: 'RAID.1',
    StorageControllers: [
      { MemberId: '0', Model: 'RAID 9', FirmwareVersion: '1.1', SupportedRAIDTypes: ['RAID0', 'RAID1'] },
    ],
    Drives: [ref(drive('a')), ref(drive('gone'))],
    Volumes: ref(`${storage}/Volumes`),
    Actions: { '#Storage.ResetToDefaults': { target: `${storage}/reset` } },
  },
  [`GET ${drive('a')}`]: {
    Id: 'a',
    CapacityBytes: 480e9,
    MediaType: 'SSD',
    Protocol: 'SATA',
    Identifiers: [{ DurableNameFormat: 'NAA', DurableName: '5000C500' }, { DurableName: null }],
    Links: { Volumes: [ref(`${storage}/Volumes/1`)] },
    Actions: { '#Drive.SecureErase': { target: `${drive('a')}/erase` } },
  },
  [`POST ${drive('a')}/erase`]: () => ({ status: 202, headers: { location: '/task' } }),
  [`POST ${storage}/reset`]: () => ({ status: 204 }),
  [`GET ${storage}/Volumes`]: {
    Members: [ref(`${storage}/Volumes/1`)],
    '@Redfish.OperationApplyTimeSupport': { SupportedValues: ['Immediate', 'OnReset'] },
  },
  [`GET ${storage}/Volumes/1`]: {
    Id: '1',
    Name: 'root',
    VolumeType: 'Mirrored',
    CapacityBytes: 480e9,
    Links: { Drives: [ref(drive('a'))] },
    Operations: [{ OperationName: 'Rebuild', PercentageComplete: 12 }],
    '@Redfish.OperationApplyTimeSupport': { SupportedValues: ['OnReset'] },
    Actions: {
      '#Volume.Initialize': { target: `${storage}/Volumes/1/init`, 'InitializeType@Redfish.AllowableValues': ['Fast'] },
    },
  },
  [`POST ${storage}/Volumes/1/init`]: () => ({ status: 204 }),
  [`POST ${storage}/Volumes`]: () => ({ status: 202, headers: { location: '/task' } }),
  [`DELETE ${storage}/Volumes/1`]: () => ({ status: 204 }),
  [`GET ${system}/SimpleStorage`]: { Members: [ref(`${system}/SimpleStorage/1`)] },
  [`GET ${system}/SimpleStorage/1`]: { Devices: [{ Name: 'disk', CapacityBytes: null }] },
  ...more,
});

async function open(more: Table = {}) {
  const service = await startService(table(more));
  const client = clientOf(service);
  const [found] = await listStorage(client, await client.get(system));
  assert.ok(found !== undefined);
  return {
    service,
    client,
    storage: found,
    async [Symbol.asyncDispose]() {
      await client.close();
      await service[Symbol.asyncDispose]();
    },
  };
}

test('controllers and drives are read; a drive that is gone is reported and left out', async () => {
  await using it = await open();
  assert.equal(it.storage.controllers[0]?.model, 'RAID 9');
  assert.deepEqual(it.storage.controllers[0]?.raidTypes, ['RAID0', 'RAID1']);
  const drives = await readDrives(it.client, it.storage);
  assert.deepEqual(
    drives.map(({ id }) => id),
    ['a'],
  );
  assert.deepEqual(drives[0]?.identifiers, { NAA: '5000C500' });
  assert.ok(it.client.oddities.some(({ path }) => path === drive('gone')));
  assert.ok(drives[0] !== undefined);
  assert.equal((await secureErase(it.client, drives[0].resource)).location, '/task');
  await resetStorage(it.client, it.storage, 'ResetAll');
  assert.deepEqual(it.service.asked.at(-1)?.body, { ResetType: 'ResetAll' });
});

test('controllers of the newer schema are resources of their own', async () => {
  await using it = await open({
    [`GET ${storage}`]: { Controllers: ref(`${storage}/Controllers`) },
    [`GET ${storage}/Controllers`]: { Members: [ref(`${storage}/Controllers/0`)] },
    [`GET ${storage}/Controllers/0`]: {
      Id: '0',
      Name: 'PERC',
      SupportedRAIDTypes: ['RAID5'],
      Oem: { Dell: { Mode: 'RAID' } },
    },
  });
  const [controller] = it.storage.controllers;
  assert.equal(controller?.id, '0');
  assert.deepEqual(controller?.raidTypes, ['RAID5']);
  assert.equal(controller?.resource?.oem('Dell')?.string('Mode'), 'RAID');
  assert.deepEqual(await listVolumes(it.client, it.storage), []);
  const wanted = { raidType: 'RAID1', drivePaths: [] } as const;
  await assert.rejects(createVolume(it.client, it.storage, wanted), UnsupportedError);
  assert.throws(() => resetStorage(it.client, it.storage, 'ResetAll'), UnsupportedError);
});

test('volumes are read with the RAID type in its older and newer form', async () => {
  await using it = await open();
  const [volume] = await listVolumes(it.client, it.storage);
  assert.ok(volume !== undefined);
  assert.equal(volume.raidType, 'RAID1');
  assert.deepEqual(volume.drivePaths, [drive('a')]);
  assert.deepEqual(volume.operations, [{ name: 'Rebuild', percent: 12 }]);
  await initializeVolume(it.client, volume, 'Fast');
  await assert.rejects(initializeVolume(it.client, volume, 'Slow'), UnsupportedError);
  assert.deepEqual(await readSimpleStorage(it.client, await it.client.get(system)), [
    {
      name: 'disk',
      manufacturer: undefined,
      model: undefined,
      capacityBytes: undefined,
      status: { state: undefined, health: undefined, healthRollup: undefined },
    },
  ]);
});

test('a volume is made in the newer form, and in the older one where the service wants it', async () => {
  const wanted = { raidType: 'RAID1', drivePaths: [drive('a')], capacityBytes: 100e9, name: 'root' } as const;
  await using it = await open();
  await createVolume(it.client, it.storage, wanted, { applyTime: 'OnReset' });
  assert.deepEqual(it.service.asked.at(-1)?.body, {
    RAIDType: 'RAID1',
    Links: { Drives: [ref(drive('a'))] },
    CapacityBytes: 100e9,
    Name: 'root',
    '@Redfish.OperationApplyTime': 'OnReset',
  });
  const before = it.service.asked.length;
  await assert.rejects(
    createVolume(it.client, it.storage, wanted, { applyTime: 'AtMaintenanceWindowStart' }),
    UnsupportedError,
  );
  assert.ok(
    it.service
      .lines()
      .slice(before)
      .every((line) => line.startsWith('GET')),
  );

  const older: Handler = ({ body }: Asked): Reply =>
    'Links' in body ? failure(400, 'PropertyUnknown', 'The property Links is unknown.') : { status: 201 };
  await using second = await open({ [`POST ${storage}/Volumes`]: older });
  await createVolume(second.client, second.storage, wanted);
  assert.deepEqual(second.service.asked.at(-1)?.body, {
    VolumeType: 'Mirrored',
    Drives: [ref(drive('a'))],
    CapacityBytes: 100e9,
    Name: 'root',
  });
  const full = () => failure(400, 'ResourceExhaustion', 'No space on the drives.');
  await using third = await open({ [`POST ${storage}/Volumes`]: full });
  await assert.rejects(createVolume(third.client, third.storage, wanted), /No space on the drives/);
  assert.equal(third.service.lines().filter((line) => line.startsWith('POST')).length, 1);
});

test('a volume is deleted with an apply time where it has one, and without where the service refuses it', async () => {
  const refuses: Handler = ({ body }: Asked): Reply =>
    body === undefined
      ? { status: 204 }
      : failure(400, 'ActionParameterUnknown', 'Unsupported parameter name @Redfish.OperationApplyTime');
  await using it = await open({ [`DELETE ${storage}/Volumes/1`]: refuses });
  const [volume] = await listVolumes(it.client, it.storage);
  assert.ok(volume !== undefined);
  await deleteVolume(it.client, volume, { applyTime: 'OnReset' });
  await deleteVolume(it.client, volume, { applyTime: 'Immediate' });
  const bodies = it.service.asked.filter(({ method }) => method === 'DELETE').map(({ body }) => body);
  assert.deepEqual(bodies, [{ '@Redfish.OperationApplyTime': 'OnReset' }, undefined, undefined]);
});
