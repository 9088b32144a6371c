// A database that breaks off and comes back: no run fails for it, no effect happens twice, nothing stays reserved.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node } from '@wrought/contract';
import { done } from '../src/drivers/kit/index.ts';
import { getNode, updateNode } from '../src/store/nodes.ts';
import type { Store } from '../src/store/store.ts';
import { StoreUnavailableError } from '../src/store/unavailable.ts';
import { requester, startConductor } from './support/conductor.ts';
import { testOnBoth } from './support/databases.ts';
import { startPostgres } from './support/postgres-server.ts';
import { deployStep, scripted, scriptedDriver } from './support/scripted-driver.ts';

const available = { driver: 'scripted', provision_state: 'available' } as const;

/** Lets the next transaction of a store be committed and its answer get lost. */
function losingStore(store: Store): { loseNext(): void } {
  const { transaction } = store;
  let isLosing = false;
  const losing: Store['transaction'] = async (work) => {
    const result = await transaction(work);
    if (isLosing) {
      isLosing = false;
      throw new StoreUnavailableError('of the test', 'the answer got lost', undefined);
    }
    return result;
  };
  Object.assign(store, { transaction: losing });
  return {
    loseNext() {
      isLosing = true;
    },
  };
}

test('a deployment waits for the database and goes on', async (t) => {
  const postgres = await startPostgres();
  const brokeOff = Promise.withResolvers<void>();
  let effects = 0;
  const step = deployStep('work', 80, async () => {
    effects += 1;
    await postgres.kill();
    brokeOff.resolve();
    return done();
  });
  const database = await postgres.createDatabase();
  const server = await startConductor(t, { ...scripted(scriptedDriver({ steps: [step] })), database });
  t.after(() => postgres.remove());
  const node = await server.node(available);
  await server.conductor.doors.start.provision({ node, verb: 'active', requester });
  await brokeOff.promise;
  await assert.rejects(server.conductor.doors.start.power({ node, target: 'power off', requester }), {
    code: 'TemporaryFailure',
    status: 503,
  });
  await postgres.start();
  const active = await server.untilState(node.uuid, 'active', 20_000);
  assert.equal(active.last_error, null);
  assert.equal(effects, 1);
});

testOnBoth('a run whose beginning was stored without an answer is found and driven', async (t) => {
  const server = await startConductor(t, scripted(scriptedDriver({ steps: [] })));
  const node = await server.node(available);
  losingStore(server.store).loseNext();
  await assert.rejects(server.conductor.doors.start.provision({ node, verb: 'active', requester }), /got lost/);
  await server.conductor.findLostWork();
  assert.equal((await getNode(server.store.read, node.uuid)).provision_state, 'deploying', 'it may still be driven');
  await server.store.transaction((trx) =>
    trx.updateTable('runs').set({ updated_at: '2020-01-01T00:00:00.000Z' }).execute(),
  );
  await server.conductor.findLostWork();
  await server.untilState(node.uuid, 'active');
});

testOnBoth('a reservation whose answer got lost is dropped, that of another conductor is not', async (t) => {
  const server = await startConductor(t, scripted(scriptedDriver({ steps: [] })));
  const { call } = server.conductor.doors;
  const [lost, foreign] = [await server.node(available), await server.node(available)];
  const reservationOf = async ({ uuid }: Node) => (await getNode(server.store.read, uuid)).reservation;
  await server.store.transaction((trx) => updateNode(trx, foreign, { reservation: 'another-host' }));
  losingStore(server.store).loseNext();
  await assert.rejects(call.setBootDevice(lost, 'pxe', false), /got lost/);
  assert.notEqual(await reservationOf(lost), null);
  await server.conductor.findLostWork();
  assert.equal(await reservationOf(lost), null);
  assert.equal(await reservationOf(foreign), 'another-host');
});
