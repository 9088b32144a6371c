// Volumes through Redfish in whole cleanings: made, deleted, at once and by a restart, failing, and with servers that die on the way.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { JsonObject, Node } from '@wrought/contract';
import { type RedfishSimulatorOptions, redfishModelNames } from '@wrought/lab';
import type { RedfishRaid } from '../src/drivers/redfish/bmc/raid.ts';
import { planVolumes, type RaidDrive } from '../src/drivers/redfish/raid-plan.ts';
import { begin, goOn } from '../src/drivers/redfish/raid-work.ts';
import { getNode, updateNode } from '../src/store/nodes.ts';
import { untilSaid } from './support/boot-machine.ts';
import { requester } from './support/conductor.ts';
import { startRedfishConductor } from './support/redfish-conductor.ts';
import { testTask } from './support/task.ts';

const create = (args: JsonObject = {}) => ({ interface: 'raid', step: 'create_configuration', args });
const remove = { interface: 'raid', step: 'delete_configuration' };

async function setUp(t: TestContext, disks: readonly JsonObject[], options: Partial<RedfishSimulatorOptions> = {}) {
  const target_raid_config = { logical_disks: disks };
  const fields = { driver: 'redfish-without-agent', target_raid_config } as Partial<Node>;
  const under = await startRedfishConductor(t, options, [], fields);
  let begun = 0;
  under.service.onChange((change) => {
    if (change.what === 'message' && /TaskStarted$/.test(change.messageId)) begun += 1;
  });
  return { ...under, tasks: () => begun };
}

const shown = ({ raid_config }: Node) =>
  ((raid_config.logical_disks ?? []) as readonly JsonObject[]).map(
    ({ raid_level, is_root_volume }) => `${raid_level}${is_root_volume === true ? ' root' : ''}`,
  );

const mirror = { raid_level: '1', size_gb: 100, is_root_volume: true };

for (const model of redfishModelNames.filter((each) => each !== 'openbmc')) {
  for (const volumesOnReset of [false, true]) {
    const when = volumesOnReset ? 'by a restart' : 'at once';
    test(`${model}: volumes are made ${when}, tell the root, and are deleted`, async (t) => {
      const { server, node, clean, resets } = await setUp(t, [mirror], { model, volumesOnReset });
      await clean(server, create());
      const made = await server.untilState(node.uuid, 'manageable', 60_000);
      assert.deepEqual(shown(made), ['1 root']);
      assert.equal(made.properties.local_gb, 100);
      assert.equal(made.properties.capabilities, 'raid_level:1');
      assert.match(String((made.properties.root_device as JsonObject).wwn), /^0x6[0-9a-f]{15}$/);
      assert.deepEqual(resets, volumesOnReset ? ['On', 'Off'] : [], 'it was off before, and is again');
      await clean(server, remove);
      const gone = await server.untilState(node.uuid, 'manageable', 60_000);
      assert.deepEqual(gone.raid_config, {});
      await clean(server, create({ delete_existing: true }), create({ delete_existing: true }));
      assert.deepEqual(shown(await server.untilState(node.uuid, 'manageable', 60_000)), ['1 root']);
    });
  }
}

test('openbmc: a machine without RAID controller says so', async (t) => {
  const { server, node, clean } = await setUp(t, [mirror], { model: 'openbmc' });
  await clean(server, create());
  const failed = await server.untilState(node.uuid, 'clean failed', 60_000);
  assert.match(failed.last_error ?? '', /no drives for the logical disk RAID 1, 100 GiB\. Drives: none/);
});

test('drives on which no volume is laid are named with the reason', async (t) => {
  const { server, node, clean } = await setUp(t, [{ ...mirror, disk_type: 'ssd' }], {
    hotSpares: ['Bay1', 'Bay2', 'Bay3'],
  });
  await clean(server, create());
  const failed = await server.untilState(node.uuid, 'clean failed', 60_000);
  assert.match(
    failed.last_error ?? '',
    /no drives for the logical disk RAID 1.*Bay1 \(.* 0 of \d+ GiB free, a hot spare\)/,
  );
});

test('two volumes: the root on one kind of drives, the rest on another', async (t) => {
  const rest = { raid_level: '0', size_gb: 'MAX', disk_type: 'hdd', volume_name: 'scratch' };
  const { server, node, clean } = await setUp(t, [rest, { ...mirror, disk_type: 'ssd' }]);
  await clean(server, create());
  const made = await server.untilState(node.uuid, 'manageable', 60_000);
  assert.deepEqual(shown(made).sort(), ['0', '1 root']);
  assert.ok((made.raid_config.logical_disks as JsonObject[]).some(({ name }) => name === 'scratch'));
  await clean(server, remove, create({ create_nonroot_volumes: false }));
  assert.deepEqual(shown(await server.untilState(node.uuid, 'manageable', 60_000)), ['1 root']);
});

test('a configuration that a step is given is that of the node from then on', async (t) => {
  const { server, node } = await setUp(t, []);
  const raid_config = { logical_disks: [mirror] };
  const apply = async (args: JsonObject) => {
    const now = await getNode(server.store.read, node.uuid);
    const ready = { provision_state: 'active', maintenance: false } as const;
    await server.store.transaction((trx) => updateNode(trx, now, ready));
    return server.conductor.doors.start.provision({
      node: await getNode(server.store.read, node.uuid),
      verb: 'service',
      serviceSteps: [{ interface: 'raid', step: 'apply_configuration', args }],
      requester,
    });
  };
  await apply({ raid_config: { logical_disks: [{ ...mirror, size_gb: 99_999 }] } });
  const failed = await server.untilState(node.uuid, 'service failed', 60_000);
  assert.match(failed.last_error ?? '', /no drives for the logical disk/);
  assert.deepEqual(failed.target_raid_config, { logical_disks: [] }, 'what can not be is not wanted from then on');
  await apply({ raid_config });
  const made = await server.untilState(node.uuid, 'active', 60_000);
  assert.deepEqual(made.target_raid_config, raid_config);
  assert.deepEqual(shown(made), ['1 root']);
});

test('drives that a controller of Dell keeps out of RAID are left alone', async (t) => {
  const dellStorage = { drives: { 0: 'NonRAID', 1: 'Foreign' } } as const;
  const few = await setUp(t, [mirror], { model: 'idrac', dellStorage });
  await few.clean(few.server, create());
  assert.deepEqual(shown(await few.server.untilState(few.node.uuid, 'manageable', 60_000)), ['1 root']);
  const many = await setUp(t, [{ ...mirror, raid_level: '5' }], { model: 'idrac', dellStorage });
  await many.clean(many.server, create());
  const failed = await many.server.untilState(many.node.uuid, 'clean failed', 60_000);
  assert.match(failed.last_error ?? '', /Bay\.0.*free, not for RAID\); .*Bay\.1.*free, foreign\)/);
});

test('a task that fails fails the step with the words of the BMC', async (t) => {
  const options = { model: 'idrac', faults: { failing: 1 }, faultRate: 1 } as const;
  const { server, node, clean } = await setUp(t, [mirror], options);
  await clean(server, create());
  const failed = await server.untilState(node.uuid, 'clean failed', 60_000);
  assert.match(failed.last_error ?? '', /the volume of RAID 1 on .* did not succeed: .*the simulator lets it fail/);
  assert.deepEqual(failed.raid_config, {});
});

test('tasks that fail at the start of the machine fail the step, too', async (t) => {
  const options = { volumesOnReset: true, faults: { failing: 1 }, faultRate: 1 } as const;
  const { server, node, clean } = await setUp(t, [mirror], options);
  await clean(server, create());
  const failed = await server.untilState(node.uuid, 'clean failed', 60_000);
  assert.match(failed.last_error ?? '', /not changed when the machine started: .*the simulator lets it fail/);
});

for (const volumesOnReset of [false, true]) {
  test(`a server that dies in the middle goes on, and nothing is made twice (on reset: ${volumesOnReset})`, async (t) => {
    const options = { model: 'idrac', taskSeconds: 2, volumesOnReset } as const;
    const { server, node, clean, tasks } = await setUp(t, [mirror], options);
    await clean(server, create());
    await untilSaid(server, node, 'The BMC was asked for the volume of RAID 1');
    const next = await server.takeOver();
    const made = await next.untilState(node.uuid, 'manageable', 60_000);
    assert.deepEqual(shown(made), ['1 root']);
    assert.equal(tasks(), 1);
  });
}

for (const volumesOnReset of [false, true]) {
  test(`a server that dies while volumes are deleted goes on, and asks once (on reset: ${volumesOnReset})`, async (t) => {
    const options = { model: 'idrac', taskSeconds: 1, volumesOnReset } as const;
    const { server, node, clean, tasks } = await setUp(t, [mirror], options);
    await clean(server, create());
    await server.untilState(node.uuid, 'manageable', 60_000);
    const before = tasks();
    await clean(server, remove);
    await untilSaid(server, node, 'The BMC was asked for the deletion of volume');
    const next = await server.takeOver();
    const gone = await next.untilState(node.uuid, 'manageable', 60_000);
    assert.deepEqual(gone.raid_config, {});
    assert.equal(tasks() - before, 1);
  });
}

for (const [disk, args, words] of [
  [{ raid_level: '2', size_gb: 1 }, {}, /The RAID level 2 can not be made through Redfish; allowed: 0, 1, 5/],
  [{ ...mirror, interface_type: 'scsi' }, {}, /"scsi" is not one of Redfish; allowed: sata, sas/],
  [
    { ...mirror, size_gb: 99_999 },
    {},
    /no drives for the logical disk RAID 1, 99999 GiB\. Drives: Bay0 \(RAID1, ssd sas/,
  ],
  [{ ...mirror, controller: 'other' }, {}, /no drives for .*"controller":"other"/],
  [mirror, { create_root_volume: false }, /no logical disks to create .*1 are wanted/],
  [mirror, { delete_existing: 'perhaps' }, /delete_existing is "perhaps"; allowed: true, false/],
] as const) {
  test(`what can not be is refused before anything is changed: ${JSON.stringify([disk, args])}`, async (t) => {
    const { server, node, clean } = await setUp(t, [mirror]);
    await clean(server, create());
    await server.untilState(node.uuid, 'manageable', 60_000);
    const now = await getNode(server.store.read, node.uuid);
    await server.store.transaction((trx) => updateNode(trx, now, { target_raid_config: { logical_disks: [disk] } }));
    await clean(server, create({ delete_existing: true, ...args }));
    const failed = await server.untilState(node.uuid, 'clean failed', 60_000);
    assert.match(failed.last_error ?? '', words);
    assert.deepEqual(shown(failed), ['1 root']);
  });
}

const GIB = 1024 ** 3;
const drive = (id: string, gib: number, more: Partial<RaidDrive> = {}): RaidDrive => ({
  path: `/Drives/${id}`,
  id,
  name: null,
  storage: 'A',
  storageNames: [],
  raidTypes: [],
  diskType: 'ssd',
  interfaceType: 'sas',
  bytes: gib * GIB,
  freeBytes: gib * GIB,
  device: { name: id, size: gib * GIB, rotational: false, model: 'Fast', serial: `serial ${id}` },
  isOutOfRaid: false,
  isForeign: false,
  unfit: null,
  ...more,
});
const drives = (count: number, gib = 100, more: Partial<RaidDrive> = {}) =>
  Array.from({ length: count }, (_, index) => drive(`${more.storage ?? 'A'}${index}`, gib, more));
const layout = (disks: readonly JsonObject[], there: readonly RaidDrive[]) =>
  planVolumes(disks, there).map(
    ({ level, drivePaths }) => `${level}:${drivePaths.map((path) => path.slice(8)).join()}`,
  );

test('drives are chosen by hints, a drive of its own for each', () => {
  const there = [...drives(2), ...drives(2, 200, { storage: 'B' })].map((each, index) => ({
    ...each,
    ...(index === 1 ? { device: { ...each.device, model: 'Faster' } } : {}),
  }));
  const by = (...physical_disks: JsonObject[]) =>
    layout([{ raid_level: '1', size_gb: 10, controller: 'A', physical_disks }], there);
  assert.deepEqual(by({ model: 'fast' }, { size: '>= 100' }), ['1:A0,A1']);
  assert.deepEqual(by({ size: '>= 100' }, { serial: 'serial A0' }), ['1:A0,A1']);
  assert.throws(() => by({ model: 'faster' }, { model: 'faster' }), /no drives for the logical disk RAID 1, 10 GiB/);
  assert.throws(
    () => by({ colour: 'red' }, { size: '>= 1' }),
    /physical_disks has {"colour":"red"}: The hints "colour"/,
  );
  assert.throws(() => by({ size: '>= 200' }, { size: '>= 200' }), /no drives for/, 'those of another controller');
  // Drives that one of them could have are not taken from another that needs them.
  const two = [
    { raid_level: '0', size_gb: 10, controller: 'A', physical_disks: [{ size: '100' }, { size: '100' }] },
    { raid_level: '0', size_gb: 10, controller: 'B', physical_disks: ['B0'] },
  ];
  assert.deepEqual(layout(two, there), ['0:A0,A1', '0:B0']);
  const many = [{ raid_level: '0', size_gb: 10, controller: 'A', physical_disks: Array(12).fill({ size: '>= 1' }) }];
  many[0]?.physical_disks.push({ model: 'other' });
  assert.throws(() => layout(many, drives(40)), /no drives for/, 'the search among many ends');
});

test('drives are chosen: as few as do, of one kind and controller, whole unless shared, the named ones first', () => {
  assert.deepEqual(layout([{ raid_level: '5', size_gb: 250 }], drives(6)), ['5:A0,A1,A2,A3']);
  assert.deepEqual(layout([{ raid_level: '1+0', size_gb: 150 }], drives(6)), ['1+0:A0,A1,A2,A3']);
  assert.deepEqual(layout([{ raid_level: '0', size_gb: 10, number_of_physical_disks: 3 }], drives(4)), ['0:A0,A1,A2']);
  assert.deepEqual(layout([{ raid_level: '6', size_gb: 'MAX' }], drives(5)), ['6:A0,A1,A2,A3,A4']);
  assert.deepEqual(
    layout(
      [
        { raid_level: '0', size_gb: 10 },
        { raid_level: '1', size_gb: 10, controller: 'A', physical_disks: ['A0', 'A1'] },
      ],
      drives(3),
    ),
    ['1:A0,A1', '0:A2'],
  );
  const shared = { size_gb: 40, share_physical_disks: true };
  assert.deepEqual(
    layout(
      [
        { raid_level: '1', ...shared },
        { raid_level: '0', ...shared },
      ],
      drives(2),
    ),
    ['1:A0,A1', '0:A0'],
  );
  const mixed = [...drives(1), ...drives(2, 100, { storage: 'B', diskType: 'hdd' })];
  assert.deepEqual(layout([{ raid_level: '1', size_gb: 50 }], mixed), ['1:B0,B1']);
  assert.deepEqual(layout([{ raid_level: '0', size_gb: 50, disk_type: 'hdd' }], mixed), ['0:B0']);
  const small = [...drives(2), ...drives(3, 300, { storage: 'B' })];
  assert.deepEqual(
    layout(
      [
        { raid_level: '1', size_gb: 50 },
        { raid_level: '1', size_gb: 200 },
      ],
      small,
    ),
    ['1:A0,A1', '1:B0,B1'],
  );
  assert.throws(() => layout([{ raid_level: '1', size_gb: 50 }], [...drives(1), ...drives(1, 200)]), /no drives/);
});

test('a wait in which nothing new shows is not begun anew, and one for a task that runs is', async () => {
  const begun = { ...begin('create_configuration', 'create', []), phase: 'started', waiting: ['/job'] } as const;
  const { task: fresh } = testTask();
  const task = { ...fresh, memory: { raid: JSON.parse(JSON.stringify(begun)) } };
  const lookedAt = async (kind: 'waiting' | 'running' | 'fault') => {
    const unasked = () => assert.fail('only the task is looked at');
    const look = async () => ({ kind, percent: null, what: 'Scheduled' });
    const raid: RedfishRaid = { look, readArrays: unasked, ask: unasked, find: unasked };
    const outcome = await goOn(task, raid, begun);
    return 'kind' in outcome && outcome.kind === 'park' ? Object.keys(outcome.facts) : outcome;
  };
  assert.deepEqual(await lookedAt('waiting'), []);
  assert.deepEqual(await lookedAt('running'), ['memory']);
  assert.deepEqual(await lookedAt('fault'), ['memory'], 'faults are counted');
});
