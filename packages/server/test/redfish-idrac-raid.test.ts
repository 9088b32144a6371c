// RAID on controllers of Dell in whole cleanings: modes of controllers, drives in and out of RAID, foreign ones, and servers that die.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { JsonObject, Node } from '@wrought/contract';
import type { RedfishSimulatorOptions } from '@wrought/lab';
import { untilSaid } from './support/boot-machine.ts';
import { startIdrac } from './support/idrac.ts';

const create = (args: JsonObject = {}) => ({ interface: 'raid', step: 'create_configuration', args });
const remove = { interface: 'raid', step: 'delete_configuration' };
const mirror = { raid_level: '1', size_gb: 100, is_root_volume: true };
const controller = 'RAID.SL.3-1';
const drive = (bay: number) => `Disk.Bay.${bay}:Enclosure.Internal.0-1:${controller}`;

async function setUp(t: TestContext, disks: readonly JsonObject[], options: Partial<RedfishSimulatorOptions> = {}) {
  const under = await startIdrac(t, options, [], { target_raid_config: { logical_disks: disks } } as Partial<Node>);
  let begun = 0;
  under.service.onChange((change) => {
    if (change.what === 'message' && /TaskStarted$/.test(change.messageId)) begun += 1;
  });
  const statuses = async () => {
    const found: string[] = [];
    for (const bay of [0, 1, 2, 3]) {
      const { body } = await under.ask('GET', `/Systems/System.Embedded.1/Storage/${controller}/Drives/${drive(bay)}`);
      const { Dell } = body.Oem as { Dell: { DellPhysicalDisk: { RaidStatus: string } } };
      found.push(Dell.DellPhysicalDisk.RaidStatus);
    }
    return found.join();
  };
  return { ...under, statuses, tasks: () => begun };
}

const shown = ({ raid_config }: Node) =>
  ((raid_config.logical_disks ?? []) as readonly JsonObject[]).map(({ raid_level }) => raid_level);

test('volumes are made and deleted, without a ramdisk and without a restart', async (t) => {
  const { server, node, clean, resets, statuses } = await setUp(t, [mirror]);
  await clean(server, create());
  const made = await server.untilState(node.uuid, 'manageable', 60_000);
  assert.deepEqual(shown(made), ['1']);
  assert.equal(made.properties.local_gb, 100);
  assert.equal(await statuses(), 'Online,Online,Ready,Ready');
  await clean(server, remove);
  assert.deepEqual((await server.untilState(node.uuid, 'manageable', 60_000)).raid_config, {});
  assert.deepEqual(resets, []);
});

test('drives that are not for RAID are converted only where there are no others', async (t) => {
  const drives = { 0: 'NonRAID', 2: 'NonRAID' } as const;
  const few = await setUp(t, [mirror], { dellStorage: { drives } });
  await few.clean(few.server, create());
  await few.server.untilState(few.node.uuid, 'manageable', 60_000);
  assert.equal(await few.statuses(), 'NonRAID,Online,NonRAID,Online');
  const many = await setUp(t, [{ ...mirror, raid_level: '5' }], { dellStorage: { drives } });
  await many.clean(many.server, create());
  const made = await many.server.untilState(many.node.uuid, 'manageable', 60_000);
  assert.deepEqual(shown(made).sort(), ['5', 'JBOD']);
  await untilSaid(many.server, many.node, 'The BMC was asked for the conversion to RAID of Disk.Bay.0');
  assert.equal(await many.statuses(), 'Online,Online,NonRAID,Online');
});

test('a logical disk of level JBOD shows drives as they are, beside volumes', async (t) => {
  const jbod = { raid_level: 'JBOD', size_gb: 'MAX', controller, physical_disks: [drive(3)] };
  const { server, node, clean, statuses } = await setUp(t, [jbod, mirror]);
  await clean(server, create());
  const made = await server.untilState(node.uuid, 'manageable', 60_000);
  assert.equal(await statuses(), 'Online,Online,Ready,NonRAID');
  const disks = made.raid_config.logical_disks as readonly JsonObject[];
  assert.deepEqual(
    disks.map(({ raid_level, physical_disks }) => [raid_level, physical_disks]),
    [
      ['1', undefined],
      ['JBOD', [drive(3)]],
    ],
  );
});

test('all drives that the volumes leave become JBOD where none is named', async (t) => {
  const { server, node, clean, statuses } = await setUp(t, [{ raid_level: 'JBOD', size_gb: 'MAX' }, mirror]);
  await clean(server, create());
  await server.untilState(node.uuid, 'manageable', 60_000);
  assert.equal(await statuses(), 'Online,Online,NonRAID,NonRAID');
});

test('a controller that makes no volumes gets the mode in which it does, by a restart', async (t) => {
  const { server, node, clean, resets, statuses } = await setUp(t, [mirror], {
    dellStorage: { controllerMode: 'HBA' },
  });
  await clean(server, create());
  assert.deepEqual(shown(await server.untilState(node.uuid, 'manageable', 60_000)), ['1']);
  assert.equal(await statuses(), 'Online,Online,Ready,Ready');
  assert.deepEqual(resets, ['On', 'Off'], 'it was off before, and is again');
});

const foreign = { 0: 'Foreign', 1: 'Foreign', 2: 'Foreign' } as const;

test('foreign drives have no room for volumes', async (t) => {
  const { server, node, clean, statuses } = await setUp(t, [mirror], { dellStorage: { drives: foreign } });
  await clean(server, create());
  const failed = await server.untilState(node.uuid, 'clean failed', 60_000);
  assert.match(failed.last_error ?? '', /no drives for the logical disk RAID 1.*Disk\.Bay\.0.*free, foreign\)/);
  assert.equal(await statuses(), 'Foreign,Foreign,Foreign,Ready');
});

test('the deletion of volumes clears foreign drives', async (t) => {
  const { server, node, clean, statuses } = await setUp(t, [mirror], { dellStorage: { drives: foreign } });
  await clean(server, create({ delete_existing: true }));
  assert.deepEqual(shown(await server.untilState(node.uuid, 'manageable', 60_000)), ['1']);
  assert.equal(await statuses(), 'Online,Online,Ready,Ready');
});

test('a server that dies in each part of the work goes on, and nothing is done twice', async (t) => {
  const dellStorage = { drives: { 0: 'NonRAID', 1: 'NonRAID', 2: 'NonRAID' } } as const;
  const { server, node, clean, tasks } = await setUp(t, [mirror], { dellStorage, taskSeconds: 2 });
  await clean(server, create());
  await untilSaid(server, node, 'The BMC was asked for the conversion to RAID');
  const second = await server.takeOver();
  await untilSaid(second, node, 'The BMC was asked for the volume of RAID 1');
  const third = await second.takeOver();
  assert.deepEqual(shown(await third.untilState(node.uuid, 'manageable', 60_000)).sort(), ['1', 'JBOD', 'JBOD']);
  assert.equal(tasks(), 2);
});

test('a conversion that fails fails the step with the words of the BMC', async (t) => {
  const dellStorage = { drives: { 0: 'NonRAID', 1: 'NonRAID', 2: 'NonRAID', 3: 'NonRAID' } } as const;
  const { server, node, clean, statuses } = await setUp(t, [mirror], {
    dellStorage,
    faults: { failing: 1 },
    faultRate: 1,
  });
  await clean(server, create());
  const failed = await server.untilState(node.uuid, 'clean failed', 60_000);
  assert.match(
    failed.last_error ?? '',
    /the conversion to RAID of Disk\.Bay\.0.* did not succeed: .*the simulator lets it fail/,
  );
  assert.equal(await statuses(), 'NonRAID,NonRAID,NonRAID,NonRAID');
});

for (const [disk, words] of [
  [
    { raid_level: 'JBOD', size_gb: 'MAX', number_of_physical_disks: 9 },
    /no drives for the logical disk RAID JBOD, MAX.*"number_of_physical_disks":9/,
  ],
  [{ raid_level: 'JBOD', size_gb: 99_999 }, /no drives for the logical disk RAID JBOD, 99999 GiB/],
  [{ raid_level: '2', size_gb: 1 }, /The RAID level 2 can not be made through Redfish/],
] as const) {
  test(`what can not be is refused before anything is changed: ${JSON.stringify(disk)}`, async (t) => {
    const { server, node, clean, tasks } = await setUp(t, [disk], { dellStorage: { drives: { 0: 'NonRAID' } } });
    await clean(server, create());
    const failed = await server.untilState(node.uuid, 'clean failed', 60_000);
    assert.match(failed.last_error ?? '', words);
    assert.equal(tasks(), 0);
  });
}
