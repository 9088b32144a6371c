// Housekeeping: what is old goes, what is present stays.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { takeLease } from '../src/store/conductor-lease.ts';
import { appendTimeline } from '../src/store/evidence.ts';
import { insertRun } from '../src/store/runs.ts';
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

testOnBoth('conductors that have long been gone are forgotten, but none on which something depends', async (t) => {
  const {
    conductor,
    store,
    node: create,
  } = await startConductor(t, { set: ['conductor.conductor_cleanup_batch_size=1'] });
  const self = await store.read.selectFrom('conductors').select('hostname').executeTakeFirstOrThrow();
  const longAgo = '2001-01-01T00:00:00.000Z';
  const join = (hostname: string, updated_at: string, lease_expires_ms = 0) =>
    store.transaction(async (trx) => {
      const lease = { conductor_group: '', drivers: [], internal_url: null, durationSeconds: 0 };
      const epoch = await takeLease(trx, { ...lease, hostname });
      await trx
        .updateTable('conductors')
        .set({ updated_at, lease_expires_ms })
        .where('hostname', '=', hostname)
        .execute();
      return epoch;
    });
  await join('gone', longAgo);
  await join('gone-too', longAgo);
  await join('alive-by-its-lease', longAgo, Date.now() + 600_000);
  await join('just-gone', new Date().toISOString());
  await join('reserves', longAgo);
  await create({ reservation: 'reserves' });
  const epoch = await join('works', longAgo);
  const { id: node_id } = await create();
  await store.transaction((trx) =>
    insertRun(trx, {
      ...{
        uuid: randomUUID(),
        node_id,
        flow: 'deploy',
        lane: 'provision',
        limit_class: null,
        conductor: 'works',
        epoch,
      },
      arguments: {},
      plan: [],
      phase: 'steps',
      request_id: null,
      requested_by: null,
      requested_by_project: null,
    }),
  );
  await join('allocates', longAgo);
  await store.transaction((trx) =>
    trx
      .insertInto('allocations')
      .values({
        uuid: randomUUID(),
        name: null,
        state: 'allocating',
        last_error: null,
        resource_class: 'x',
        owner: null,
        traits: '[]',
        candidate_nodes: '[]',
        extra: '{}',
        node_id: null,
        conductor: 'allocates',
        created_at: longAgo,
        updated_at: null,
      })
      .execute(),
  );

  await conductor.forgetStaleConductors();

  const known = await store.read.selectFrom('conductors').select('hostname').orderBy('hostname').execute();
  assert.deepEqual(
    known.map(({ hostname }) => hostname),
    ['alive-by-its-lease', 'allocates', 'just-gone', 'reserves', 'works', self.hostname].toSorted(),
  );
});
