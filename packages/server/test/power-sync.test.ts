// The power sync: stores what it learns, sets back what changed by itself, and gives up on a BMC that stays silent.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Driver, ManagementInterface, PowerInterface } from '../src/drivers/kit/index.ts';
import { genericInterfaces } from '../src/drivers/kit/index.ts';
import { getNode } from '../src/store/nodes.ts';
import { timelineAfter } from '../src/store/timeline.ts';
import { requester, startConductor } from './support/conductor.ts';
import { testOnBoth } from './support/databases.ts';

/** A BMC with a switch that the test turns. */
function switchedHardware() {
  const machine = { state: 'power off' as 'power on' | 'power off', isSilent: false, asked: [] as string[] };
  const power: PowerInterface = {
    kind: 'power',
    name: 'switched',
    properties: {},
    supportedTargets: ['power on', 'power off', 'rebooting'],
    canSync: true,
    validate: async () => {},
    async getPowerState() {
      if (machine.isSilent) {
        throw new Error('The BMC at 192.0.2.9 did not answer within 5 s.');
      }
      return machine.state;
    },
    async setPowerState(_task, target) {
      machine.asked.push(target);
      machine.state = target === 'power on' ? 'power on' : 'power off';
    },
  };
  const driver: Driver = {
    hardwareTypes: [
      {
        name: 'switched-hardware',
        supported: { ...genericInterfaces, power: ['switched'], boot: ['fake'], deploy: ['fake'], network: ['noop'] },
      },
    ],
    interfaces: [power],
  };
  return { machine, driver };
}

const set = ['drivers.enabled=["fake-hardware","switched-hardware"]', 'conductor.sync_power_state_interval=0'];
const node = { driver: 'switched-hardware', provision_state: 'active' } as const;

testOnBoth('the maker of a machine is asked for once where the node does not say it', async (t) => {
  const { driver } = switchedHardware();
  const asked: string[] = [];
  const answers: Record<string, string | null> = { known: 'supermicro', unknown: null };
  const management: ManagementInterface = {
    kind: 'management',
    name: 'making',
    properties: {},
    validate: async () => {},
    supportedBootDevices: async () => [],
    setBootDevice: async () => {},
    getBootDevice: async () => ({ boot_device: null, persistent: null }),
    async detectVendor({ node: { name } }) {
      asked.push(String(name));
      if (name?.startsWith('mute')) {
        throw new Error('The BMC at 192.0.2.9 refused the command.');
      }
      return answers[String(name)] ?? null;
    },
  };
  const withManagement: Driver = {
    hardwareTypes: driver.hardwareTypes.map((type) => ({
      ...type,
      supported: { ...type.supported, management: ['making'] },
    })),
    interfaces: [...driver.interfaces, management],
  };
  const { conductor, store, node: create, untilState } = await startConductor(t, { drivers: [withManagement], set });
  const fields = { ...node, power_state: 'power off' } as const;
  const known = await create({ ...fields, name: 'known', properties: { cpus: 4 } });
  const told = await create({ ...fields, name: 'told', properties: { vendor: 'acme' } });
  await create({ ...fields, name: 'unknown' });
  await create({ ...fields, name: 'mute' });
  await conductor.syncPower();
  await conductor.syncPower();
  assert.deepEqual((await getNode(store.read, known.uuid)).properties, { cpus: 4, vendor: 'supermicro' });
  assert.deepEqual((await getNode(store.read, told.uuid)).properties, { vendor: 'acme' });
  // What could not be asked is asked again.
  assert.deepEqual(asked.sort(), ['known', 'mute', 'mute', 'unknown']);
  // The same when a node is verified, where a BMC that can not tell is no reason to refuse it.
  answers['known-too'] = 'dell inc';
  for (const [name, vendor] of [
    ['known-too', 'dell inc'],
    ['mute-too', undefined],
  ] as const) {
    const fresh = await create({ driver: node.driver, name });
    await conductor.doors.start.provision({ node: fresh, verb: 'manage', requester });
    const verified = await untilState(fresh.uuid, 'manageable');
    assert.equal(verified.properties.vendor, vendor);
  }
});

testOnBoth('an unknown power state is read and stored', async (t) => {
  const { driver } = switchedHardware();
  const { conductor, store, node: create } = await startConductor(t, { drivers: [driver], set });
  const { uuid } = await create(node);
  await conductor.syncPower();
  assert.equal((await getNode(store.read, uuid)).power_state, 'power off');
});

testOnBoth('a machine that went off by itself is switched on again', async (t) => {
  const { driver, machine } = switchedHardware();
  const { conductor, store, node: create } = await startConductor(t, { drivers: [driver], set });
  const { uuid } = await create({ ...node, power_state: 'power on' });
  await conductor.syncPower();
  assert.deepEqual(machine.asked, ['power on']);
  const after = await getNode(store.read, uuid);
  assert.equal(after.power_state, 'power on');
  assert.equal(after.reservation, null);
});

testOnBoth('without force the store follows the machine', async (t) => {
  const { driver, machine } = switchedHardware();
  const options = { drivers: [driver], set: [...set, 'conductor.force_power_state_during_sync=false'] };
  const { conductor, store, node: create } = await startConductor(t, options);
  const { uuid } = await create({ ...node, power_state: 'power on' });
  await conductor.syncPower();
  assert.deepEqual(machine.asked, []);
  assert.equal((await getNode(store.read, uuid)).power_state, 'power off');
});

testOnBoth('a BMC that stays silent puts the node into maintenance with its words', async (t) => {
  const { driver, machine } = switchedHardware();
  const options = { drivers: [driver], set: [...set, 'conductor.power_state_sync_max_retries=2'] };
  const { conductor, store, node: create } = await startConductor(t, options);
  machine.isSilent = true;
  const { uuid } = await create({ ...node, power_state: 'power on' });
  await conductor.syncPower();
  await conductor.syncPower();
  assert.equal((await getNode(store.read, uuid)).maintenance, false);
  await conductor.syncPower();
  const after = await getNode(store.read, uuid);
  assert.equal(after.maintenance, true);
  assert.equal(after.fault, 'power failure');
  assert.match(after.maintenance_reason ?? '', /192\.0\.2\.9 did not answer/);
  const [event] = await store.read.selectFrom('outbox').select('event').execute();
  assert.equal(event?.event, 'baremetal.node.power_state_corrected.success');
});

testOnBoth('nodes in maintenance, reserved ones and those that wait for an agent are left alone', async (t) => {
  const { driver, machine } = switchedHardware();
  const { conductor, node: create } = await startConductor(t, { drivers: [driver], set });
  await create({ ...node, power_state: 'power on', maintenance: true });
  await create({ ...node, power_state: 'power on', reservation: 'another' });
  await create({ ...node, power_state: 'power on', provision_state: 'clean wait' });
  await conductor.syncPower();
  assert.deepEqual(machine.asked, []);
});

testOnBoth('a node that a silent BMC put into maintenance comes out of it when the BMC answers', async (t) => {
  const { driver, machine } = switchedHardware();
  const options = { drivers: [driver], set: [...set, 'conductor.power_state_sync_max_retries=0'] };
  const { conductor, store, node: create } = await startConductor(t, options);
  machine.isSilent = true;
  const { id, uuid } = await create({ ...node, power_state: 'power on' });
  const other = await create({ ...node, maintenance: true, maintenance_reason: 'A user wants it so.' });
  await conductor.syncPower();
  assert.equal((await getNode(store.read, uuid)).fault, 'power failure');
  await conductor.recoverPower();
  assert.equal((await getNode(store.read, uuid)).maintenance, true);
  machine.isSilent = false;
  await conductor.recoverPower();
  const after = await getNode(store.read, uuid);
  assert.deepEqual(
    [after.maintenance, after.maintenance_reason, after.fault, after.power_state, after.last_error],
    [false, null, null, 'power off', null],
  );
  const events = await timelineAfter(store.read, id, 0, 100);
  assert.equal(
    events.at(-1)?.message,
    'The BMC answers again: the machine is "power off", and the node is out of maintenance.',
  );
  assert.equal((await getNode(store.read, other.uuid)).maintenance, true);
});

test('a BMC that hangs keeps nobody else waiting, and counts as a failure when its time is up', async (t) => {
  const hung = { isHanging: true };
  const asked: string[] = [];
  const { driver } = switchedHardware();
  const [power] = driver.interfaces as [PowerInterface];
  const slow: PowerInterface = {
    ...power,
    async getPowerState(task) {
      asked.push(task.node.name ?? '');
      assert.equal(task.isBackground, true);
      if (task.node.name === 'hung' && hung.isHanging) {
        await once(task.abortSignal, 'abort');
        task.abortSignal.throwIfAborted();
      }
      return 'power off';
    },
  };
  const {
    conductor,
    store,
    node: create,
  } = await startConductor(t, {
    drivers: [{ ...driver, interfaces: [slow] }],
    set: [
      ...set,
      'conductor.sync_power_state_workers=1',
      'conductor.sync_power_state_timeout=4',
      'conductor.power_state_sync_max_retries=0',
    ],
  });
  const first = await create({ ...node, name: 'hung' });
  const second = await create({ ...node, name: 'quick' });
  const round = conductor.syncPower();
  const deadline = performance.now() + 10_000;
  while ((await getNode(store.read, second.uuid)).power_state === null) {
    assert.ok(performance.now() < deadline, 'the second node was not looked at');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal((await getNode(store.read, first.uuid)).maintenance, false, 'the first is still being asked');
  await round;
  const after = await getNode(store.read, first.uuid);
  assert.match(after.maintenance_reason ?? '', /did not tell the power state within 4 s/);
  assert.deepEqual(asked, ['hung', 'quick']);
});

test('a BMC that hangs does not hold up the next round of the others, nor the stop of the server', async (t) => {
  const { driver } = switchedHardware();
  const [power] = driver.interfaces as [PowerInterface];
  const quickLooks = [0, 1, 2].map(() => Promise.withResolvers<void>());
  let looksAtHung = 0;
  let looksAtQuick = 0;
  const hanging: PowerInterface = {
    ...power,
    async getPowerState(task) {
      if (task.node.name === 'hung') {
        looksAtHung += 1;
        await once(task.abortSignal, 'abort');
        task.abortSignal.throwIfAborted();
      }
      quickLooks[looksAtQuick]?.resolve();
      looksAtQuick += 1;
      return 'power off';
    },
  };
  const { conductor, node: create } = await startConductor(t, {
    drivers: [{ ...driver, interfaces: [hanging] }],
    set: [...set.slice(0, 1), 'conductor.sync_power_state_interval=1', 'conductor.sync_power_state_timeout=600'],
  });
  await create({ ...node, name: 'hung' });
  await create({ ...node, name: 'quick' });
  await Promise.all(quickLooks.map(({ promise }) => promise));
  assert.equal(looksAtHung, 1, 'it is not asked a second time while the first one goes on');
  await conductor.stop();
});
