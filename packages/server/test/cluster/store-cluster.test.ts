// What the store knows of several conductors: who is alive, whose lease ran out, and what those that are gone left behind.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { internalCallKey } from '../../src/store/cluster-keys.ts';
import {
  fenceAllOthers,
  fenceConductor,
  holdsEpoch,
  listMembers,
  releaseLease,
  renewLease,
  setDraining,
  takeLease,
} from '../../src/store/conductor-lease.ts';
import { insertNode } from '../../src/store/nodes.ts';
import { abandonedRuns, conductorOfRun, findRunOfRequest, insertRun } from '../../src/store/runs.ts';
import type { Store } from '../../src/store/store.ts';
import { newStore, testOnBoth } from '../support/databases.ts';

const lease = (hostname: string, durationSeconds: number) => ({
  hostname,
  conductor_group: 'g',
  drivers: ['ipmi'],
  internal_url: `https://${hostname}:1`,
  durationSeconds,
});

/** A conductor whose lease has this long to go; below 0 it has run out. */
const join = (store: Store, hostname: string, durationSeconds = 60) =>
  store.transaction((trx) => takeLease(trx, lease(hostname, durationSeconds)));

const summary = async (store: Store) =>
  (await listMembers(store.read)).map(({ hostname, isAlive, isOnline }) => [hostname, isAlive, isOnline]);

testOnBoth('members are alive while their lease is in force, by the clock of the database', async (t) => {
  const store = await newStore(t);
  await join(store, 'alive');
  await join(store, 'late', -1);
  const epoch = await join(store, 'left');
  await store.transaction((trx) => releaseLease(trx, 'left', epoch));
  assert.deepEqual(await summary(store), [
    ['alive', true, true],
    ['late', false, true],
    ['left', false, false],
  ]);
  const [alive] = await listMembers(store.read);
  assert.deepEqual(
    [alive?.conductorGroup, alive?.drivers, alive?.internalUrl, alive?.isDraining],
    ['g', ['ipmi'], 'https://alive:1', false],
  );
  assert.equal(await store.transaction((trx) => setDraining(trx, 'alive', true)), true);
  assert.equal((await listMembers(store.read))[0]?.isDraining, true);
  assert.equal(await store.transaction((trx) => setDraining(trx, 'nobody', true)), false);
});

testOnBoth('a lease that ran out is ended once, and its process can neither renew it nor write', async (t) => {
  const store = await newStore(t);
  const epoch = await join(store, 'late', -1);
  const fence = () => store.transaction((trx) => fenceConductor(trx, 'late', epoch));
  assert.deepEqual([await fence(), await fence()], [true, false]);
  assert.equal(await store.transaction((trx) => renewLease(trx, 'late', epoch, 60)), false);
  assert.equal(await holdsEpoch(store.read, 'late', epoch), false);
});

testOnBoth('a lease in force, or renewed in between, is not ended', async (t) => {
  const store = await newStore(t);
  const alive = await join(store, 'alive');
  assert.equal(await store.transaction((trx) => fenceConductor(trx, 'alive', alive)), false);
  const late = await join(store, 'late', -1);
  await store.transaction((trx) => renewLease(trx, 'late', late, 60));
  assert.equal(await store.transaction((trx) => fenceConductor(trx, 'late', late)), false);
});

testOnBoth('the only process of a database ends the leases of all others', async (t) => {
  const store = await newStore(t);
  const mine = await join(store, 'mine');
  const other = await join(store, 'other');
  await store.transaction((trx) => fenceAllOthers(trx, 'mine'));
  assert.deepEqual(
    [await holdsEpoch(store.read, 'mine', mine), await holdsEpoch(store.read, 'other', other)],
    [true, false],
  );
});

testOnBoth('runs of earlier processes and of conductors that are gone are found, others are not', async (t) => {
  const store = await newStore(t);
  const epoch = {
    mine: await join(store, 'mine'),
    alive: await join(store, 'alive'),
    late: await join(store, 'late', -1),
  };
  const begin = async (conductor: string, ofEpoch: number) => {
    const node = await store.transaction((trx) =>
      insertNode(trx, { uuid: randomUUID(), driver: 'ipmi', conductor_group: 'g', provision_state: 'available' }),
    );
    return store.transaction((trx) =>
      insertRun(trx, {
        uuid: randomUUID(),
        node_id: node.id,
        flow: 'deploy',
        lane: 'provision',
        limit_class: null,
        conductor,
        epoch: ofEpoch,
        arguments: {},
        plan: [],
        phase: 'steps',
        request_id: `req-${conductor}`,
        requested_by: null,
        requested_by_project: null,
      }),
    );
  };
  const earlier = await begin('mine', epoch.mine - 1);
  await begin('mine', epoch.mine);
  const running = await begin('alive', epoch.alive);
  const left = await begin('late', epoch.late);
  const unknown = await begin('never-seen', 1);
  const found = async () =>
    (await abandonedRuns(store.read, { conductor: 'mine', epoch: epoch.mine })).map(({ run }) => run.id);
  assert.deepEqual(await found(), [earlier.id, unknown.id]);
  await store.transaction((trx) => fenceConductor(trx, 'late', epoch.late));
  assert.deepEqual(await found(), [earlier.id, left.id, unknown.id]);
  const [first] = await abandonedRuns(store.read, { conductor: 'mine', epoch: epoch.mine });
  assert.deepEqual([first?.node.driver, first?.node.conductor_group], ['ipmi', 'g']);
  assert.equal(await conductorOfRun(store.read, running.node_id), 'alive');
  assert.equal((await findRunOfRequest(store.read, running.node_id, 'req-alive'))?.id, running.id);
  assert.equal(await findRunOfRequest(store.read, running.node_id, 'req-other'), undefined);
});

testOnBoth('the key of internal calls is made once', async (t) => {
  const store = await newStore(t);
  const [first, second] = await Promise.all([internalCallKey(store), internalCallKey(store)]);
  assert.equal(first.length, 32);
  assert.deepEqual(first, second);
});
