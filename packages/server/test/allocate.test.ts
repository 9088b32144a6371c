// The search for nodes by a real conductor: which node an allocation gets, what else happens, and what survives a restart.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { Allocation } from '@wrought/contract';
import { allocationFromRow, allocationTable } from '../src/store/allocations.ts';
import { deleteNode, getNode, type NodeChanges, updateNode } from '../src/store/nodes.ts';
import type { Store } from '../src/store/store.ts';
import { startConductor, type TestConductor } from './support/conductor.ts';
import { testOnBoth } from './support/databases.ts';

const free = { provision_state: 'available', power_state: 'power off', resource_class: 'rc' } as const;
const fast = { set: ['conductor.node_locked_retry_interval=0.02'] };

async function store(server: TestConductor, values: Partial<Allocation> = {}): Promise<Allocation> {
  const row = await server.store.transaction((trx) =>
    allocationTable.insert(trx, {
      uuid: randomUUID(),
      resource_class: 'rc',
      state: 'allocating',
      traits: [],
      candidate_nodes: [],
      extra: {},
      ...values,
    }),
  );
  return allocationFromRow(row);
}

async function settled(of: Store, { uuid }: Pick<Allocation, 'uuid'>): Promise<Allocation> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const row = await allocationTable.find(of.read, uuid);
    assert.ok(row !== undefined);
    if (row.state !== 'allocating') {
      return allocationFromRow(row);
    }
    assert.ok(performance.now() < deadline, 'the allocation is still looking for a node');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function allocate(server: TestConductor, values: Partial<Allocation> = {}): Promise<Allocation> {
  const stored = await store(server, values);
  server.conductor.doors.start.allocate(stored.id);
  return settled(server.store, stored);
}

const change = (server: TestConductor, uuid: string, changes: NodeChanges) =>
  server.store.transaction(async (trx) => updateNode(trx, await getNode(trx, uuid), changes));

testOnBoth('an allocation gets a node that fits, and the node knows of it', async (t: TestContext) => {
  const server = await startConductor(t, fast);
  const misfits: NodeChanges[] = [
    { resource_class: 'other' },
    { provision_state: 'manageable' },
    { maintenance: true },
    { instance_uuid: randomUUID() },
    { power_state: null },
    { traits: ['CUSTOM_A'] },
    { parent_node: randomUUID() },
  ];
  for (const misfit of misfits) {
    await server.node({ ...free, traits: ['CUSTOM_A', 'CUSTOM_B'], ...misfit });
  }
  const fitting = await server.node({ ...free, traits: ['CUSTOM_B', 'CUSTOM_A'], instance_info: { a: 1 } });
  const { uuid, state, node_uuid, last_error } = await allocate(server, { traits: ['CUSTOM_A', 'CUSTOM_B'] });
  assert.deepEqual([state, node_uuid, last_error], ['active', fitting.uuid, null]);
  const node = await getNode(server.store.read, fitting.uuid);
  assert.deepEqual(
    [node.instance_uuid, node.allocation_uuid, node.provision_state, node.instance_info],
    [uuid, uuid, 'available', { a: 1, traits: ['CUSTOM_A', 'CUSTOM_B'] }],
  );
});

testOnBoth('candidates and owners narrow the choice; the name prefers one', async (t: TestContext) => {
  const server = await startConductor(t, fast);
  const plain = await server.node(free);
  const owned = await server.node({ ...free, owner: 'p1' });
  const leased = await server.node({ ...free, owner: 'p2', lessee: 'p1' });
  const named = await server.node({ ...free, name: 'web1' });
  assert.equal((await allocate(server, { candidate_nodes: [plain.uuid] })).node_uuid, plain.uuid);
  const found = [await allocate(server, { owner: 'p1' }), await allocate(server, { owner: 'p1' })];
  assert.deepEqual(new Set(found.map(({ node_uuid }) => node_uuid)), new Set([owned.uuid, leased.uuid]));
  for (let count = 0; count < 8; count += 1) {
    await server.node(free);
  }
  assert.equal((await allocate(server, { name: 'web1' })).node_uuid, named.uuid);
});

testOnBoth('an allocation that finds nothing says why', async (t: TestContext) => {
  const server = await startConductor(t, fast);
  const none = await allocate(server);
  assert.deepEqual([none.state, none.node_uuid], ['error', null]);
  assert.match(none.last_error ?? '', /no available node has resource class "rc"/);
  const { uuid } = await server.node({ ...free, name: 'n1', traits: ['CUSTOM_A'] });
  const traits = await allocate(server, { traits: ['CUSTOM_Z'], candidate_nodes: [uuid] });
  assert.match(
    traits.last_error ?? '',
    /1 nodes .* none among its candidate nodes has it and all of the traits CUSTOM_Z/,
  );
  await change(server, uuid, { reservation: 'other', reserved_for: 'cleaning' });
  const reserved = await allocate(server);
  assert.match(reserved.last_error ?? '', /reserved for other work: n1/);
});

testOnBoth('a node that is reserved is waited for', async (t: TestContext) => {
  const server = await startConductor(t, {
    set: ['conductor.node_locked_retry_interval=0.02', 'conductor.node_locked_retry_attempts=400'],
  });
  const { uuid } = await server.node({ ...free, reservation: 'other' });
  const stored = await store(server);
  server.conductor.doors.start.allocate(stored.id);
  await new Promise((resolve) => setImmediate(resolve));
  await change(server, uuid, { reservation: null });
  assert.equal((await settled(server.store, stored)).node_uuid, uuid);
});

testOnBoth('as many allocations as nodes get one each', async (t: TestContext) => {
  const server = await startConductor(t, {
    set: ['conductor.node_locked_retry_interval=0.02', 'conductor.node_locked_retry_attempts=100'],
  });
  for (let count = 0; count < 12; count += 1) {
    await server.node(free);
  }
  const stored = await Promise.all(Array.from({ length: 12 }, () => store(server)));
  for (const { id } of stored) {
    server.conductor.doors.start.allocate(id);
  }
  const done = await Promise.all(stored.map((allocation) => settled(server.store, allocation)));
  assert.deepEqual(new Set(done.map(({ state }) => state)), new Set(['active']));
  assert.equal(new Set(done.map(({ node_uuid }) => node_uuid)).size, 12);
});

testOnBoth('what a process left behind is taken up by the next', async (t: TestContext) => {
  const server = await startConductor(t, fast);
  const { uuid } = await server.node(free);
  const stored = await store(server);
  const next = await server.restart();
  assert.equal((await settled(next.store, stored)).node_uuid, uuid);
});

testOnBoth('an allocation ends with its instance, and outlives a node that is deleted', async (t: TestContext) => {
  const server = await startConductor(t, fast);
  const { uuid } = await server.node(free);
  const first = await allocate(server);
  await change(server, uuid, { allocation_uuid: null, instance_uuid: null });
  assert.equal(await allocationTable.find(server.store.read, first.uuid), undefined);
  const second = await allocate(server);
  const node = await getNode(server.store.read, uuid);
  await server.store.transaction((trx) => deleteNode(trx, node));
  const left = await allocationTable.find(server.store.read, second.uuid);
  assert.deepEqual([left?.state, left?.node_uuid], ['active', null]);
});
