// Housekeeping: what is old goes, what is present stays.
import assert from 'node:assert/strict';
import { appendTimeline } from '../src/store/evidence.ts';
import { requester, startConductor } from './support/conductor.ts';
import { testOnBoth } from './support/databases.ts';

testOnBoth('old runs, long timelines and long histories are cut; running work stays', async (t) => {
  const {
    conductor,
    store,
    node: create,
    untilState,
  } = await startConductor(t, {
    set: ['timeline.max_entries_per_node=10', 'conductor.node_history_max_entries=2', 'fake.deploy_delay=30'],
  });
  const old = await create({ provision_state: 'manageable' });
  await conductor.doors.start.provision({ node: old, verb: 'provide', requester });
  await untilState(old.uuid, 'available');
  await store.transaction(async (trx) => {
    await trx.updateTable('runs').set({ finished_at: '2001-01-01T00:00:00.000Z' }).execute();
    await trx.updateTable('outbox').set({ created_at: '2001-01-01T00:00:00.000Z' }).execute();
    const events = Array.from({ length: 50 }, (_, number) => ({ kind: 'test', message: `event ${number}` }));
    await appendTimeline(trx, old.id, events);
  });
  const busy = await create({ provision_state: 'available' });
  await conductor.doors.start.provision({ node: busy, verb: 'active', requester });

  await conductor.keepHouse();

  const runs = await store.read.selectFrom('runs').select(['node_id', 'status']).execute();
  assert.deepEqual(
    runs.map((run) => ({ ...run })),
    [{ node_id: busy.id, status: 'running' }],
  );
  const journal = await store.read
    .selectFrom('journal')
    .innerJoin('runs', 'runs.id', 'journal.run_id')
    .select('node_id')
    .execute();
  const entries = await store.read.selectFrom('journal').select('id').execute();
  assert.equal(journal.length, entries.length);
  const timeline = await store.read
    .selectFrom('timeline')
    .select('message')
    .where('node_id', '=', old.id)
    .orderBy('id')
    .execute();
  assert.equal(timeline.length, 10);
  assert.equal(timeline.at(-1)?.message, 'event 49');
  const history = await store.read.selectFrom('node_history').select('id').where('node_id', '=', old.id).execute();
  assert.equal(history.length, 2);
  const outbox = await store.read.selectFrom('outbox').select('node_uuid').execute();
  assert.ok(outbox.every(({ node_uuid }) => node_uuid === busy.uuid));
});
