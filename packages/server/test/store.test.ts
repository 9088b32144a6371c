// The modules of the store on both databases: what is written comes back, and what has to be refused is.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chassisTable, deleteChassis } from '../src/store/chassis.ts';
import { holdsEpoch, releaseLease, renewLease, takeLease } from '../src/store/conductor-lease.ts';
import { findConductorRow } from '../src/store/conductors.ts';
import { appendHistory, appendTimeline, trimTimeline } from '../src/store/evidence.ts';
import {
  dropSignals,
  hasOpenIntent,
  keepSignal,
  settleIntents,
  takeSignal,
  wasBegun,
  writeIntent,
  writeJournal,
} from '../src/store/journal.ts';
import { childrenOf, countShards, findNodeRow, nodeOfInstance, nodesOfAddresses } from '../src/store/node-list.ts';
import {
  deleteNode,
  findNode,
  findNodeById,
  insertNode,
  type NewNode,
  uniqueColumn,
  updateNode,
} from '../src/store/nodes.ts';
import { findPortByName, insertPort } from '../src/store/port-list.ts';
import { mergeInternalInfo, nodeIdOfAddress, portsOfNode } from '../src/store/ports.ts';
import { findRun, insertRun, overdueRuns, unfinishedRunOf, unfinishedRunsOf, updateRun } from '../src/store/runs.ts';
import type { Store, StoreTransaction } from '../src/store/store.ts';
import { listDeployTemplateSteps } from '../src/store/template-steps.ts';
import { templateTable } from '../src/store/templates.ts';
import { newestEvent, timelineAfter } from '../src/store/timeline.ts';
import { lastEvidence } from '../src/store/timeline-evidence.ts';
import { newStore, testOnBoth } from './support/databases.ts';

const newNode = (fields: Partial<NewNode> = {}): NewNode => ({
  uuid: randomUUID(),
  driver: 'ipmi',
  provision_state: 'enroll',
  ...fields,
});

const newRun = (nodeId: number, lane: 'provision' | 'power' = 'provision') => ({
  uuid: randomUUID(),
  node_id: nodeId,
  flow: 'deploy',
  lane,
  limit_class: null,
  conductor: 'c1',
  epoch: 1,
  arguments: { a: [1] },
  plan: [{ interface: 'deploy', step: 'work', priority: 80, args: {}, source: 'driver' as const }],
  phase: 'steps' as const,
  request_id: null,
  requested_by: 'me',
  requested_by_project: 'mine',
});

const write = <Result>(store: Store, work: (trx: StoreTransaction) => Promise<Result>) => store.transaction(work);

testOnBoth('a node comes back as it was written, by number, UUID and name', async (t) => {
  const store = await newStore(t);
  const fields = newNode({
    name: 'n1',
    maintenance: true,
    automated_clean: null,
    secure_boot: false,
    properties: { cpus: 4, nested: { ä: ['\u0000', '\ud800', 1.5, null, true] } },
    traits: ['CUSTOM_B', 'CUSTOM_A', 'CUSTOM_B'],
    description: 'nul \0 and 🙂',
  });
  const node = await write(store, (trx) => insertNode(trx, fields));
  assert.deepEqual(await findNodeById(store.read, node.id), node);
  assert.deepEqual(await findNode(store.read, fields.uuid.toUpperCase()), node);
  assert.deepEqual(await findNode(store.read, 'n1'), node);
  assert.equal(await findNode(store.read, 'N1'), undefined);
  assert.deepEqual(
    [node.maintenance, node.automated_clean, node.secure_boot, node.retired, node.version],
    [true, null, false, false, 1],
  );
  assert.deepEqual(node.properties, fields.properties);
  assert.deepEqual(node.traits, ['CUSTOM_A', 'CUSTOM_B']);
  assert.equal(node.description, 'nul \u{FFFD} and 🙂');
  assert.equal((await findNodeRow(store.read, 'n1'))?.uuid, fields.uuid);
  assert.equal((await findNodeRow(store.read, fields.uuid))?.name, 'n1');
});

testOnBoth('a write of an older version of a node changes nothing', async (t) => {
  const store = await newStore(t);
  const node = await write(store, (trx) => insertNode(trx, newNode()));
  const written = await write(store, (trx) => updateNode(trx, node, { description: 'first', retired: true }));
  assert.deepEqual([written?.description, written?.retired, written?.version], ['first', true, 2]);
  assert.equal(await write(store, (trx) => updateNode(trx, node, { description: 'second' })), undefined);
  assert.equal((await findNodeById(store.read, node.id))?.description, 'first');
});

testOnBoth('a repeated unique value is named, and of several the same one', async (t) => {
  const store = await newStore(t);
  const one = newNode({ name: 'n1', instance_uuid: randomUUID() });
  const node = await write(store, (trx) => insertNode(trx, one));
  await write(store, (trx) => insertPort(trx, { uuid: randomUUID(), node_id: node.id, address: '52:54:00:00:00:01' }));
  await write(store, (trx) => insertRun(trx, newRun(node.id)));
  const broken = (work: (trx: StoreTransaction) => Promise<unknown>) =>
    write(store, work).then(
      () => 'nothing',
      (error: unknown) => uniqueColumn(error),
    );
  const insert = (fields: Partial<NewNode>) => broken((trx) => insertNode(trx, newNode(fields)));
  assert.equal(await insert({ uuid: one.uuid }), 'nodes.uuid');
  assert.equal(await insert({ name: 'n1' }), 'nodes.name');
  assert.equal(await insert({ uuid: one.uuid, name: 'n1' }), 'nodes.name');
  assert.equal(await insert({ ...one, instance_uuid: one.instance_uuid ?? null }), 'nodes.instance_uuid');
  assert.equal(
    await broken((trx) => insertPort(trx, { uuid: randomUUID(), node_id: node.id, address: '52:54:00:00:00:01' })),
    'ports.address',
  );
  assert.equal(await broken((trx) => insertRun(trx, newRun(node.id))), 'runs.node_id');
  assert.equal(await broken((trx) => insertRun(trx, newRun(node.id, 'power'))), 'nothing');
  assert.equal(
    await broken((trx) =>
      trx
        .selectFrom('nothing' as 'nodes')
        .selectAll()
        .execute(),
    ),
    undefined,
  );
});

testOnBoth('nodes are found by what belongs to them', async (t) => {
  const store = await newStore(t);
  const instance = randomUUID();
  const one = await write(store, (trx) => insertNode(trx, newNode({ instance_uuid: instance, shard: 's' })));
  const two = await write(store, (trx) => insertNode(trx, newNode({ parent_node: one.uuid, shard: 's' })));
  await write(store, (trx) => insertNode(trx, newNode()));
  const port = { uuid: randomUUID(), node_id: one.id, address: '52:54:00:00:00:01', name: 'p1' };
  await write(store, async (trx) => {
    await insertPort(trx, port);
    await insertPort(trx, { uuid: randomUUID(), node_id: one.id, address: '52:54:00:00:00:02' });
    await insertPort(trx, { uuid: randomUUID(), node_id: two.id, address: '52:54:00:00:00:03' });
  });
  const addresses = ['01', '02', '03', '04'].map((end) => `52:54:00:00:00:${end}`);
  assert.equal(await nodeOfInstance(store.read, instance), one.uuid);
  assert.deepEqual(await childrenOf(store.read, one.uuid), [two.uuid]);
  assert.deepEqual(await nodesOfAddresses(store.read, addresses), [one.uuid, two.uuid].sort());
  assert.deepEqual(await nodesOfAddresses(store.read, []), []);
  assert.equal(await nodeIdOfAddress(store.read, '52:54:00:00:00:03'.toUpperCase()), two.id);
  assert.equal((await findPortByName(store.read, 'p1'))?.uuid, port.uuid);
  assert.equal((await findPortByName(store.read, port.address))?.node_uuid, one.uuid);
  assert.deepEqual(
    (await countShards(store.read)).map(({ name, count }) => [name, count]),
    [
      ['s', 2],
      [null, 1],
    ],
  );
  await write(store, (trx) => mergeInternalInfo(trx, 'ports', port.uuid, { a: 1, b: { c: true } }));
  await write(store, (trx) => mergeInternalInfo(trx, 'ports', port.uuid, { a: null, d: 'x' }));
  const [first] = await portsOfNode(store.read, one.id);
  assert.deepEqual(first?.internal_info, { b: { c: true }, d: 'x' });
  assert.deepEqual([first?.pxe_enabled, first?.is_smartnic], [true, false]);
});

testOnBoth('a node takes everything that belongs to it along, and nothing else', async (t) => {
  const store = await newStore(t);
  const [gone, stays] = await write(store, async (trx) => {
    const nodes = [await insertNode(trx, newNode()), await insertNode(trx, newNode())] as const;
    for (const node of nodes) {
      const run = await insertRun(trx, newRun(node.id));
      await writeJournal(trx, run, 'started');
      await writeIntent(trx, run, 1);
      await keepSignal(trx, node.id, 'heartbeat', {});
      await appendTimeline(trx, node.id, [{ kind: 'state', message: 'x' }]);
      await appendHistory(trx, node, { severity: 'INFO', event_type: 'provisioning', event: 'x' });
      await insertPort(trx, { uuid: randomUUID(), node_id: node.id, address: `52:54:00:00:00:0${node.id}` });
    }
    return nodes;
  });
  await write(store, (trx) => deleteNode(trx, gone));
  assert.equal(await findNodeById(store.read, gone.id), undefined);
  for (const table of ['runs', 'journal', 'intents', 'signals', 'timeline', 'node_history', 'ports'] as const) {
    assert.equal((await store.read.selectFrom(table).selectAll().execute()).length, 1, table);
  }
  assert.equal((await portsOfNode(store.read, stays.id)).length, 1);
});

testOnBoth('runs keep their place, and the overdue and unfinished ones are found', async (t) => {
  const store = await newStore(t);
  const node = await write(store, (trx) => insertNode(trx, newNode()));
  const run = await write(store, (trx) => insertRun(trx, newRun(node.id)));
  assert.deepEqual(await findRun(store.read, run.id), run);
  assert.deepEqual(run.plan, newRun(node.id).plan);
  const parked = await write(store, (trx) =>
    updateRun(trx, run.id, {
      status: 'parked',
      deadline: '2020-01-01T00:00:00.000Z',
      memory: { x: [1] },
      abort_requested: true,
    }),
  );
  assert.deepEqual([parked.memory, parked.abort_requested], [{ x: [1] }, true]);
  const owner = { conductor: 'c1', epoch: 1 };
  assert.deepEqual(await overdueRuns(store.read, owner, '2020-01-01T00:00:00.001Z'), [parked]);
  assert.deepEqual(await overdueRuns(store.read, owner, '2020-01-01T00:00:00.000Z'), []);
  assert.deepEqual(await overdueRuns(store.read, { conductor: 'c1', epoch: 2 }, '2021-01-01T00:00:00.000Z'), []);
  assert.deepEqual(await unfinishedRunOf(store.read, node.id, 'provision'), parked);
  assert.equal(await unfinishedRunOf(store.read, node.id, 'power'), undefined);
  const power = await write(store, (trx) => insertRun(trx, newRun(node.id, 'power')));
  assert.deepEqual(
    (await unfinishedRunsOf(store.read, owner)).map(({ id }) => id),
    [run.id, power.id],
  );
  await write(store, (trx) => updateRun(trx, run.id, { status: 'finished', finished_at: '2020-01-02T00:00:00.000Z' }));
  assert.deepEqual(await unfinishedRunsOf(store.read, owner), [power]);
});

testOnBoth('journal, intents and signals say what may have happened', async (t) => {
  const store = await newStore(t);
  const node = await write(store, (trx) => insertNode(trx, newNode()));
  const run = await write(store, (trx) => insertRun(trx, newRun(node.id)));
  assert.equal(await hasOpenIntent(store.read, run.id), false);
  assert.equal(await wasBegun(store.read, run), false);
  await write(store, async (trx) => {
    await writeIntent(trx, run, 1);
    await writeJournal(trx, run, 'begun', { attempt: run.attempt });
  });
  assert.equal(await hasOpenIntent(store.read, run.id), true);
  assert.equal(await wasBegun(store.read, run), true);
  assert.equal(await wasBegun(store.read, { ...run, attempt: 2 }), false);
  await write(store, (trx) => settleIntents(trx, run.id));
  assert.equal(await hasOpenIntent(store.read, run.id), false);
  await write(store, async (trx) => {
    await keepSignal(trx, node.id, 'heartbeat', { n: 1 });
    await keepSignal(trx, node.id, 'heartbeat', { n: 2 });
  });
  assert.deepEqual(await write(store, (trx) => takeSignal(trx, node.id)), { kind: 'heartbeat', payload: { n: 2 } });
  assert.equal(await write(store, (trx) => takeSignal(trx, node.id)), undefined);
  await write(store, (trx) => keepSignal(trx, node.id, 'heartbeat', {}));
  await write(store, (trx) => dropSignals(trx, node.id));
  assert.equal(await write(store, (trx) => takeSignal(trx, node.id)), undefined);
});

testOnBoth(
  'the timeline is read on from a number, trimmed from its beginning, and knows the newest sign',
  async (t) => {
    const store = await newStore(t);
    const node = await write(store, (trx) => insertNode(trx, newNode()));
    const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`;
    await write(store, (trx) =>
      appendTimeline(trx, node.id, [
        { kind: 'dhcp', message: 'asked for an address.', at: at(1) },
        { kind: 'state', severity: 'error', message: 'failed', at: at(2), data: { x: 1 } },
        { kind: 'http', message: 'fetched the kernel.', at: at(3) },
        { kind: 'state', message: 'went on', at: at(4) },
      ]),
    );
    const all = await timelineAfter(store.read, node.id, 0, 10);
    assert.deepEqual(
      all.map(({ message }) => message),
      ['asked for an address.', 'failed', 'fetched the kernel.', 'went on'],
    );
    assert.deepEqual(
      (await timelineAfter(store.read, node.id, all[1]?.id ?? 0, 1)).map(({ at }) => at),
      [at(3)],
    );
    assert.equal((await newestEvent(store.read, node.id))?.message, 'went on');
    assert.deepEqual((await newestEvent(store.read, node.id, 'error'))?.data, { x: 1 });
    assert.equal(await lastEvidence(store.read, node.id, at(0)), `fetched the kernel (at ${at(3)})`);
    assert.equal(await lastEvidence(store.read, node.id, at(4)), undefined);
    await write(store, (trx) => trimTimeline(trx, node.id, 2));
    assert.equal((await timelineAfter(store.read, node.id, 0, 10)).length, 2);
  },
);

testOnBoth('a lease belongs to the newest epoch and is timed by the clock of the database', async (t) => {
  const store = await newStore(t);
  const conductor = { hostname: 'c1', conductor_group: '', drivers: ['ipmi'], internal_url: null, durationSeconds: 60 };
  const before = Date.now();
  const old = await write(store, (trx) => takeLease(trx, conductor));
  // Seconds, so that a conductor whose row is made anew later begins beyond all epochs that it ever had.
  assert.ok(old >= Math.floor(before / 1000) && old <= Date.now() / 1000);
  const epoch = await write(store, (trx) => takeLease(trx, conductor));
  assert.equal(epoch, old + 1);
  const row = await findConductorRow(store.read, 'c1');
  assert.ok(row !== undefined);
  assert.equal(typeof row.lease_expires_ms, 'number');
  // Both databases of the test run on this machine, so their clock is the one that is read here.
  assert.ok(row.lease_expires_ms >= before + 60_000 && row.lease_expires_ms <= Date.now() + 60_000);
  assert.deepEqual([await holdsEpoch(store.read, 'c1', old), await holdsEpoch(store.read, 'c1', epoch)], [false, true]);
  assert.equal(await write(store, (trx) => renewLease(trx, 'c1', old, 60)), false);
  assert.equal(await write(store, (trx) => renewLease(trx, 'c1', epoch, 60)), true);
  await write(store, (trx) => releaseLease(trx, 'c1', old));
  assert.equal((await findConductorRow(store.read, 'c1'))?.online, 1);
  await write(store, (trx) => releaseLease(trx, 'c1', epoch));
  assert.equal((await findConductorRow(store.read, 'c1'))?.online, 0);
});

testOnBoth('templates give their steps by name, a chassis stays while nodes are in it', async (t) => {
  const store = await newStore(t);
  const step = (name: string) => ({ interface: 'deploy', step: name, args: {}, priority: 1 });
  for (const name of ['b', 'a', 'B']) {
    const uuid = randomUUID();
    await write(store, (trx) => templateTable.insert(trx, { uuid, name, steps: [step(`of_${name}`)], extra: {} }));
  }
  assert.deepEqual(
    (await listDeployTemplateSteps(store.read, ['a', 'b', 'none'])).map((each) => each.step),
    ['of_b', 'of_a'],
  );
  assert.deepEqual(await listDeployTemplateSteps(store.read, []), []);
  const chassis = await write(store, (trx) => chassisTable.insert(trx, { uuid: randomUUID(), extra: { a: 1 } }));
  const node = await write(store, (trx) => insertNode(trx, newNode({ chassis_uuid: chassis.uuid })));
  assert.equal(await write(store, (trx) => deleteChassis(trx, chassis)), false);
  await write(store, (trx) => deleteNode(trx, node));
  assert.equal(await write(store, (trx) => deleteChassis(trx, chassis)), true);
});

testOnBoth('a parameter of a kind that a driver would bend is refused', async (t) => {
  const store = await newStore(t);
  for (const value of [undefined, new Date(), {}]) {
    const query = store.read
      .selectFrom('nodes')
      .selectAll()
      .where('name', '=', value as unknown as string);
    await assert.rejects(query.execute(), /the store takes text, numbers and null/);
  }
});
