// Who serves a node, as the members are now: by group and hardware type, without those that are gone or draining.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { soleMember, storedMembers } from '../../src/cluster/members.ts';
import { releaseLease, setDraining, takeLease } from '../../src/store/conductor-lease.ts';
import type { Store } from '../../src/store/store.ts';
import { newStore, testOnBoth } from '../support/databases.ts';

const join = (store: Store, hostname: string, group: string, drivers: readonly string[]) =>
  store.transaction((trx) =>
    takeLease(trx, { hostname, conductor_group: group, drivers, internal_url: null, durationSeconds: 60 }),
  );

const nodesOf = (driver: string, conductor_group = '') =>
  Array.from({ length: 200 }, () => ({ uuid: randomUUID(), driver, conductor_group }));

testOnBoth('nodes belong to conductors of their group that have their hardware type', async (t) => {
  const store = await newStore(t);
  const members = storedMembers(store);
  const [one] = nodesOf('ipmi') as [ReturnType<typeof nodesOf>[number]];
  assert.equal(members.ownerOf(one), null);
  await join(store, 'a', '', ['ipmi', 'redfish']);
  await join(store, 'b', '', ['ipmi']);
  const epoch = await join(store, 'c', 'Rack-1', ['ipmi']);
  assert.equal(await members.refresh(), true);
  assert.equal(await members.refresh(), false);

  const ownersOf = (driver: string, group?: string) => [
    ...new Set(nodesOf(driver, group).map((node) => members.ownerOf(node))),
  ];
  assert.deepEqual(ownersOf('ipmi').sort(), ['a', 'b']);
  assert.deepEqual(ownersOf('redfish'), ['a']);
  assert.deepEqual(ownersOf('ipmi', 'rack-1'), ['c']);
  assert.deepEqual(ownersOf('ipmi', 'rack-2'), [null]);
  assert.deepEqual(ownersOf('ilo'), [null]);
  assert.deepEqual(
    [members.hostsOf('ipmi'), members.hostsOf('redfish'), members.hostsOf('ilo')],
    [['a', 'b', 'c'], ['a'], []],
  );

  await store.transaction((trx) => setDraining(trx, 'a', true));
  await store.transaction((trx) => releaseLease(trx, 'c', epoch));
  await members.refresh();
  assert.deepEqual(ownersOf('ipmi'), ['b']);
  assert.deepEqual(ownersOf('redfish'), [null]);
  // It takes nothing new, and still finishes what it has.
  assert.equal(members.find('a')?.hostname, 'a');
  assert.equal(members.find('c'), undefined);
  assert.equal(members.keeperOf('housekeeping'), 'b');
});

test('where one process does all it serves what it has drivers for', () => {
  const members = soleMember({ hostname: 'me', conductorGroup: 'Rack', drivers: ['ipmi'] });
  const owner = (driver: string, conductor_group: string) =>
    members.ownerOf({ uuid: randomUUID(), driver, conductor_group });
  assert.deepEqual([owner('ipmi', 'rack'), owner('ipmi', ''), owner('redfish', 'rack')], ['me', null, null]);
  assert.deepEqual([members.hostsOf('ipmi'), members.hostsOf('redfish')], [['me'], []]);
});
