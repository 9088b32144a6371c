// The outbox and the places of sinks: filters, claims, and what housekeeping may delete.
import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from 'kysely';
import { postgresWakeUps } from '../../src/cluster/wake-up.ts';
import { loadConfig } from '../../src/config/index.ts';
import { createBell } from '../../src/store/bell.ts';
import { claimSink, keepPlace, releaseSink, trimOutbox } from '../../src/store/event-places.ts';
import { insertNode, updateNode } from '../../src/store/nodes.ts';
import { eventsBetween, newestEventId } from '../../src/store/outbox.ts';
import { createOutboxTail } from '../../src/store/outbox-tail.ts';
import { openStore } from '../../src/store/store.ts';
import { newStore, testOnBoth } from '../support/databases.ts';
import { newPostgresDatabase } from '../support/postgres.ts';
import { append } from './events.ts';

testOnBoth('events come back as they were written, filtered by node, type and project', async (t) => {
  const store = await newStore(t);
  const node = '99999999-2222-4333-8444-555555555555';
  await append(
    store,
    { node, owner: 'p1', data: { a: 1 }, object: { name: 'n' } },
    { type: 'baremetal.node.power_set.start', lessee: 'p1' },
    { type: 'baremetal.nodes.update.end' as never },
  );
  const read = (filter = {}) => eventsBetween(store.read, 0, 10, 10, filter);
  const [first] = await read();
  assert.deepEqual(
    { ...first, uuid: '', at: '' },
    { ...first, id: 1, uuid: '', at: '', node, data: { a: 1 }, object: { name: 'n' } },
  );
  const ids = async (filter: object) => (await read(filter)).map(({ id }) => id);
  assert.deepEqual(await ids({ node }), [1]);
  assert.deepEqual(await ids({ type: 'baremetal.node' }), [1, 2], 'whole words only');
  assert.deepEqual(await ids({ type: 'baremetal.node.power_set.end' }), [1]);
  assert.deepEqual(await ids({ project: 'p1' }), [1, 2]);
  assert.deepEqual(await ids({ project: 'p2' }), []);
});

testOnBoth(
  'one process has a sink until its claim ends, and a sink begins with what comes after it is named',
  async (t) => {
    const store = await newStore(t);
    await append(store, {}, {});
    const claim = (conductor: string, process: string) =>
      store.transaction(async (trx) =>
        claimSink(trx, {
          sink: 'log',
          holder: { conductor, process },
          durationSeconds: 60,
          newest: await newestEventId(trx),
        }),
      );
    const keep = (conductor: string, process: string, place: number) =>
      store.transaction((trx) => keepPlace(trx, 'log', { conductor, process }, place));
    assert.equal(await claim('c1', 'a'), 2);
    assert.equal(await claim('c2', 'b'), undefined);
    assert.equal(await keep('c1', 'a', 5), true);
    assert.equal(await keep('c2', 'b', 9), false);
    // A process that was restarted takes over at once; the one before it is told so.
    assert.equal(await claim('c1', 'a2'), 5);
    assert.equal(await keep('c1', 'a', 6), false);
    // The clock of the database ends a claim.
    await store.transaction((trx) => trx.updateTable('event_places').set({ expires_ms: 1 }).execute());
    assert.equal(await claim('c2', 'b'), 5);
    await store.transaction((trx) => releaseSink(trx, 'log', { conductor: 'c2', process: 'b' }));
    assert.equal(await claim('c1', 'a3'), 5);
  },
);

testOnBoth('what a sink has not had is kept up to the cap, and what it loses is counted', async (t) => {
  const store = await newStore(t);
  await append(store, {}, {}, {}, {});
  const setAge = (id: number, at: string) =>
    store.transaction((trx) => trx.updateTable('outbox').set({ created_at: at }).where('id', '=', id).execute());
  for (const id of [1, 2]) await setAge(id, '2001-01-01T00:00:00.000Z');
  await setAge(3, '2002-01-01T00:00:00.000Z');
  const holder = { conductor: 'c1', process: 'a' };
  await store.transaction((trx) => claimSink(trx, { sink: 'log', holder, durationSeconds: 60, newest: 1 }));
  const trim = (sinks: string[], lostBefore: string) =>
    store.transaction((trx) => trimOutbox(trx, sinks, '2010-01-01T00:00:00.000Z', lostBefore));
  const ids = async () => (await eventsBetween(store.read, 0, 10, 10)).map(({ id }) => id);

  await trim(['log'], '2000-01-01T00:00:00.000Z');
  assert.deepEqual(await ids(), [2, 3, 4], 'the first was delivered');
  const { lost } = await trim(['log'], '2001-06-01T00:00:00.000Z');
  assert.deepEqual([...lost], [['log', 1]]);
  assert.deepEqual(await ids(), [3, 4]);
  assert.equal((await store.read.selectFrom('event_places').select('lost').executeTakeFirstOrThrow()).lost, 1);
  await trim([], '2000-01-01T00:00:00.000Z');
  assert.deepEqual(await ids(), [4], 'a sink that is named no more keeps nothing');
});

testOnBoth('who waits for events is woken by the next one, and not by another wait', async (t) => {
  const store = await newStore(t);
  const tail = createOutboxTail(store);
  const abort = new AbortController();
  const waits = [tail.next(0, abort.signal), tail.next(0, abort.signal), tail.next(5, abort.signal)];
  await append(store, {});
  assert.deepEqual(await Promise.all(waits.slice(0, 2)), [1, 1]);
  assert.equal(await tail.next(0, abort.signal), 1);
  abort.abort(new Error('enough'));
  await assert.rejects(waits[2] ?? Promise.resolve(), /enough/);
});

/** A look that comes by itself would be much too late for a test. */
const NEVER_MILLISECONDS = 600_000;

testOnBoth('who waits for events is woken by the commit itself, whenever it comes', async (t) => {
  const store = await newStore(t);
  const tail = createOutboxTail(store, NEVER_MILLISECONDS);
  const { signal } = new AbortController();
  for (const id of [1, 2, 3]) {
    const next = tail.next(id - 1, signal);
    await append(store, {});
    assert.equal(await next, id);
  }
});

test('an event, and a node that is given back, are heard of in other processes', async (t) => {
  const url = await newPostgresDatabase();
  const [here, there] = [await openStore(url), await openStore(url)];
  const listening = await postgresWakeUps({ url, name: 'test' }, here.hints, { info() {}, warn() {}, error() {} });
  t.after(async () => {
    await listening.close();
    await here.close();
    await there.close();
  });
  const tail = createOutboxTail(here, NEVER_MILLISECONDS);
  const node = await here.transaction((trx) =>
    insertNode(trx, { uuid: 'n', driver: 'fake-hardware', provision_state: 'enroll', reservation: 'c2' }),
  );
  const givenBack = new Promise<void>((resolve) => {
    here.hints.onHint((topic) => {
      if (topic === `node ${node.id}`) {
        resolve();
      }
    });
  });
  const next = tail.next(0, new AbortController().signal);
  await append(there, {});
  assert.equal(await next, 1);
  await there.transaction(async (trx) => updateNode(trx, node, { reservation: null }));
  await givenBack;
});

test('a bell that rings while nobody listens is heard by who comes next, once', async () => {
  const bell = createBell();
  bell.ring();
  await bell.heard(NEVER_MILLISECONDS);
  const over = AbortSignal.abort();
  await bell.heard(NEVER_MILLISECONDS, over);
  const next = bell.heard(NEVER_MILLISECONDS);
  bell.ring();
  await next;
});

test('no question about events goes through the whole table', async (t) => {
  const store = await newStore(t);
  const queries: [string, string][] = [
    [
      'of a node',
      `select * from outbox where id > 5 and id <= 99 and uuid is not null and node_uuid = 'n' order by id limit 100`,
    ],
    [
      'of a type',
      `select * from outbox where id > 5 and id <= 99 and substr(event || '.', 1, 5) = 'base.' order by id limit 100`,
    ],
    ['newest', 'select id from outbox order by id desc limit 1'],
    [
      'old',
      `select id from outbox where created_at < '2001' and (created_at < '2000' or id <= 7) order by created_at, id limit 5000`,
    ],
    ['place', `update event_places set place = 1 where sink = 'log' and holder = 'h'`],
  ];
  for (const [name, query] of queries) {
    const { rows } = await sql<{ detail: string }>`explain query plan ${sql.raw(query)}`.execute(store.read);
    const plan = rows.map(({ detail }) => detail).join('; ');
    // The newest is the first step of a walk along the key.
    assert.ok(name === 'newest' || !plan.includes('SCAN'), `${name}: ${plan}`);
    if (name === 'of a node') {
      assert.match(plan, /outbox_node_uuid_id/);
    }
  }
});

test('a sink without its URL is refused by name', () => {
  for (const sink of ['webhook', 'amqp', 'nats']) {
    assert.throws(
      () => loadConfig({ dataDirectory: '/nonexistent', set: [`events.sinks=["${sink}"]`] }),
      new RegExp(`events\\.${sink}_url`),
    );
  }
});
