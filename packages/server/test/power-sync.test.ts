// The power sync: stores what it learns, sets back what changed by itself, and gives up on a BMC that stays silent.
import assert from 'node:assert/strict';
import type { Driver, PowerInterface } from '../src/drivers/kit/index.ts';
import { genericInterfaces } from '../src/drivers/kit/index.ts';
import { getNode } from '../src/store/nodes.ts';
import { startConductor } from './support/conductor.ts';
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
  assert.equal(event?.event, 'baremetal.node.power_state_corrected');
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
