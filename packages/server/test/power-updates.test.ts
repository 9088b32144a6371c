// The compute service hears of every change of power of a machine with an instance: once, the last one, and when nobody works on it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { PowerTarget } from '@wrought/contract';
import type { PowerTeller } from '../src/periodic/power-updates.ts';
import { findNodeById, getNode, updateNode } from '../src/store/nodes.ts';
import type { Store } from '../src/store/store.ts';
import { requester, startConductor, type TestConductor } from './support/conductor.ts';
import { testOnBoth } from './support/databases.ts';

/** A compute service that notes what it is told, and how the node was then. */
function compute() {
  const bell = new EventEmitter();
  const service = {
    told: [] as string[],
    nodes: [] as { reservation: string | null; power: string | null }[],
    isAway: false,
    statuses: [] as number[],
    tried: 0,
    store: undefined as Store | undefined,
    /** Resolves when it was told, or tried to be told, so often. */
    async until(count: number): Promise<void> {
      // Periodic work alone does not keep a process going.
      const awake = setInterval(() => {}, 1_000);
      while (service.tried < count) {
        await once(bell, 'told');
      }
      clearInterval(awake);
    },
  };
  const tell: PowerTeller = async (updates) => {
    try {
      if (service.isAway) {
        throw new Error('Nova can not be reached.');
      }
      const statuses: number[] = [];
      for (const { server, power } of updates) {
        const node = await service.store?.read
          .selectFrom('nodes')
          .select(['reservation', 'power_state'])
          .where('instance_uuid', '=', server)
          .executeTakeFirst();
        service.nodes.push({ reservation: node?.reservation ?? null, power: node?.power_state ?? null });
        service.told.push(power);
        statuses.push(service.statuses.shift() ?? 200);
      }
      return statuses;
    } finally {
      service.tried += 1;
      bell.emit('told');
    }
  };
  return { service, tell };
}

async function powerTo({ conductor, store }: TestConductor, uuid: string, target: PowerTarget): Promise<void> {
  await conductor.doors.start.power({ node: await getNode(store.read, uuid), target, requester });
  while ((await getNode(store.read, uuid)).target_power_state !== null) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const active = () => ({ provision_state: 'active', power_state: 'power off', instance_uuid: randomUUID() }) as const;

testOnBoth('a change is told once, after it is stored and the node is given back', async (t) => {
  const { service, tell } = compute();
  const started = await startConductor(t, { tellPower: tell });
  service.store = started.store;
  const { uuid } = await started.node(active());
  const without = await started.node({ ...active(), instance_uuid: null });
  await powerTo(started, without.uuid, 'power on');
  await powerTo(started, uuid, 'power on');
  await service.until(1);
  // Nothing changes by this.
  await powerTo(started, uuid, 'power on');
  await powerTo(started, uuid, 'power off');
  await service.until(2);
  await started.conductor.tellPower();
  assert.deepEqual(service.told, ['power on', 'power off']);
  assert.deepEqual(service.nodes, [
    { reservation: null, power: 'power on' },
    { reservation: null, power: 'power off' },
  ]);
});

testOnBoth('a reboot is told as a machine that is on, not as one that went off', async (t) => {
  const { service, tell } = compute();
  const started = await startConductor(t, { tellPower: tell });
  service.store = started.store;
  const { uuid } = await started.node({ ...active(), power_state: 'power on' });
  await powerTo(started, uuid, 'power on');
  await powerTo(started, uuid, 'rebooting');
  await started.conductor.tellPower();
  await service.until(1);
  assert.equal(service.told.includes('power off'), false);
  assert.equal(service.told.at(-1), 'power on');
});

testOnBoth('of what could not be told the last one is told, also by the next process', async (t) => {
  const { service, tell } = compute();
  const first = await startConductor(t, { tellPower: tell });
  const { uuid, id } = await first.node(active());
  service.isAway = true;
  await powerTo(first, uuid, 'power on');
  await service.until(1);
  await powerTo(first, uuid, 'power off');
  await powerTo(first, uuid, 'power on');
  const second = await first.restart();
  service.isAway = false;
  await second.conductor.tellPower();
  assert.deepEqual(service.told, ['power on']);
  // An instance that is gone is not told of.
  service.isAway = true;
  const before = service.tried;
  await powerTo(second, uuid, 'power off');
  await service.until(before + 1);
  await second.store.transaction(async (trx) => {
    const node = await findNodeById(trx, id);
    assert.ok(node !== undefined);
    await updateNode(trx, node, { instance_uuid: null });
  });
  service.isAway = false;
  await second.conductor.tellPower();
  assert.deepEqual(service.told, ['power on']);
});

testOnBoth('a server that is unknown there is told of no more, one that failed again', async (t) => {
  const { service, tell } = compute();
  const started = await startConductor(t, { tellPower: tell });
  service.statuses = [404];
  const { uuid } = await started.node(active());
  await powerTo(started, uuid, 'power on');
  await service.until(1);
  await started.conductor.tellPower();
  assert.deepEqual(service.told, ['power on']);
  service.statuses = [503];
  await powerTo(started, uuid, 'power off');
  await service.until(3);
  assert.deepEqual(service.told, ['power on', 'power off', 'power off']);
  await started.conductor.tellPower();
  assert.equal(service.told.length, 3);
});
