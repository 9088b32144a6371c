// The dispatcher against real receivers: order, outages, the end of the process in the middle, and several processes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import type { OutgoingEvent } from '@wrought/contract';
import { loadConfig } from '../../src/config/index.ts';
import { startDispatcher } from '../../src/notify/dispatcher.ts';
import { webhookSignature, webhookSink } from '../../src/notify/sinks/webhook.ts';
import { eventsBetween } from '../../src/store/outbox.ts';
import { silentLog } from '../support/conductor.ts';
import { testOnBoth } from '../support/databases.ts';
import { append, outgoing } from './events.ts';
import { begun, dispatch, hasHad, newPlace, numbers, placeOf } from './place.ts';
import { idsOf, startReceiver } from './webhook-receiver.ts';

const childProgram = fileURLToPath(new URL('./dispatcher-child.ts', import.meta.url));

testOnBoth('a webhook gets every event in order, signed, and nothing from before it was named', async (t) => {
  const place = await newPlace(t);
  const receiver = await startReceiver(t);
  await append(place.store, { data: { before: true } });
  dispatch(t, place, [
    'events.sinks=["webhook"]',
    `events.webhook_url=${receiver.url}`,
    'events.webhook_secret=s3cret',
    'events.batch_size=7',
  ]);
  await begun(place.store);
  await append(place.store, ...numbers(1, 30).map((number) => ({ data: { number } })));
  await receiver.until((posts) => idsOf(posts).length >= 30);

  assert.deepEqual(idsOf(receiver.posts), numbers(2, 31));
  assert.ok(receiver.posts.every(({ events }) => events.length <= 7));
  for (const { headers, body } of receiver.posts) {
    const timestamp = String(headers['x-wrought-timestamp']);
    assert.equal(headers['x-wrought-signature'], webhookSignature('s3cret', timestamp, body));
    assert.ok(Math.abs(Number(timestamp) - Date.now() / 1000) < 60);
  }
  const uuids = receiver.posts.flatMap(({ events }) => events.map(({ uuid }) => uuid));
  assert.equal(new Set(uuids).size, 30);
});

test('a sink that is down holds up no other, and goes on from its place when it is back', async (t) => {
  const place = await newPlace(t);
  const receiver = await startReceiver(t);
  const file = join(place.directory, 'events.jsonl');
  receiver.answer = (_post, response) => response.writeHead(503).end();
  dispatch(t, place, [
    'events.sinks=["webhook", "log"]',
    `events.webhook_url=${receiver.url}`,
    `events.log_file=${file}`,
    'events.batch_size=2',
  ]);
  await begun(place.store, 2);
  await append(place.store, ...numbers(1, 5).map((number) => ({ data: { number } })));
  await receiver.until((posts) => posts.length > 0);
  await hasHad(place.store, 'log', 5);
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as OutgoingEvent).id),
    [1, 2, 3, 4, 5],
  );
  assert.equal(await placeOf(place.store, 'webhook'), 0);

  const refused = receiver.posts.length;
  receiver.answer = undefined;
  await receiver.until((posts) => idsOf(posts.slice(refused)).includes(5));
  const taken = idsOf(receiver.posts).filter((_, index, all) => all.lastIndexOf(all[index] ?? 0) === index);
  assert.deepEqual(taken, [1, 2, 3, 4, 5]);
});

testOnBoth(
  'a process that is killed before it keeps its place: the next one delivers again and loses nothing',
  async (t) => {
    const place = await newPlace(t);
    const receiver = await startReceiver(t);
    const set = [
      'events.sinks=["webhook"]',
      `events.webhook_url=${receiver.url}`,
      'events.batch_size=3',
      'conductor.host=c1',
    ];
    const child = spawn(process.execPath, [childProgram, place.directory, place.database, ...set], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const ended = once(child, 'exit');
    t.after(() => child.kill('SIGKILL'));
    await begun(place.store);
    // The second batch has arrived in whole, and its sender never hears so.
    receiver.answer = (_post, response) => {
      if (receiver.posts.length === 2) {
        child.kill('SIGKILL');
      } else {
        response.end();
      }
    };
    await append(place.store, ...numbers(1, 8).map((number) => ({ data: { number } })));
    await ended;
    assert.equal(await placeOf(place.store, 'webhook'), 3);

    receiver.answer = undefined;
    dispatch(t, place, set);
    await receiver.until((posts) => idsOf(posts).includes(8));
    assert.deepEqual(idsOf(receiver.posts), [1, 2, 3, 4, 5, 6, 4, 5, 6, 7, 8]);
    const [, second, again] = receiver.posts;
    assert.deepEqual(again?.events, second?.events, 'the same events with the same uuids');
  },
);

test('of several processes one delivers, and another goes on when it stops', async (t) => {
  const place = await newPlace(t);
  const receiver = await startReceiver(t);
  const set = ['events.sinks=["webhook"]', `events.webhook_url=${receiver.url}`];
  const first = dispatch(t, place, [...set, 'conductor.host=c1']);
  await begun(place.store);
  dispatch(t, place, [...set, 'conductor.host=c2']);
  for (const number of numbers(1, 5)) {
    await append(place.store, { data: { number } });
    await receiver.until((posts) => idsOf(posts).includes(number));
  }
  assert.deepEqual(idsOf(receiver.posts), [1, 2, 3, 4, 5]);
  await hasHad(place.store, 'webhook', 5);
  await first.stop();
  await append(place.store, { data: { number: 6 } });
  await receiver.until((posts) => idsOf(posts).includes(6));
  assert.deepEqual(idsOf(receiver.posts), [1, 2, 3, 4, 5, 6]);
});

testOnBoth('an event that a sink refuses for good stops no other, and what became of it is kept', async (t) => {
  const place = await newPlace(t);
  const receiver = await startReceiver(t);
  // Anything over 2000 bytes is too large; of event 9 not even the rest is wanted.
  receiver.answer = ({ body, events }, response) => {
    const status = body.length > 2000 ? 413 : events.some(({ id }) => id === 9) ? 422 : 200;
    response.writeHead(status).end();
  };
  const refusals: string[] = [];
  const config = loadConfig({
    dataDirectory: place.directory,
    set: [
      'events.sinks=["webhook"]',
      `events.webhook_url=${receiver.url}`,
      'events.batch_size=8',
      'events.retry_maximum=1',
    ],
  });
  const dispatcher = startDispatcher({
    store: place.store,
    config,
    log: silentLog,
    onRefusal: (sink, form) => refusals.push(`${sink} ${form}`),
  });
  t.after(() => dispatcher.stop());
  await begun(place.store);
  const large = { data: { uuid: 'of the node', text: 'x'.repeat(300) }, object: { extra: { text: 'x'.repeat(3000) } } };
  await append(place.store, ...numbers(1, 12).map((number) => (number === 5 ? large : { data: { number } })));
  await hasHad(place.store, 'webhook', 12);

  const taken = receiver.posts.filter(({ body, events }) => body.length <= 2000 && events.every(({ id }) => id !== 9));
  assert.deepEqual(
    idsOf(taken),
    numbers(1, 12).filter((id) => id !== 9),
    'each once and in order',
  );
  const reduced = taken.flatMap(({ events }) => events).find(({ id }) => id === 5);
  const stored = await eventsBetween(place.store.read, 4, 5, 1);
  assert.deepEqual(reduced, {
    ...stored[0],
    data: {
      uuid: 'of the node',
      payload_left_out: `POST ${new URL(receiver.url).origin} was answered with status 413`,
    },
    object: null,
  });
  assert.deepEqual(refusals, ['webhook reduced', 'webhook set aside']);
  const records = await place.store.read.selectFrom('refused_events').selectAll().orderBy('id').execute();
  assert.deepEqual(
    records.map(({ event_id, form, reason }) => ({ event_id, form, reason: reason.slice(-3) })),
    [
      { event_id: 5, form: 'reduced', reason: '413' },
      { event_id: 9, form: 'set aside', reason: '422' },
    ],
  );
});

test('a sink that takes no batch of many gets smaller ones, whole', async (t) => {
  const place = await newPlace(t);
  const receiver = await startReceiver(t);
  receiver.answer = ({ events }, response) => response.writeHead(events.length > 3 ? 413 : 200).end();
  dispatch(t, place, ['events.sinks=["webhook"]', `events.webhook_url=${receiver.url}`]);
  await begun(place.store);
  await append(place.store, ...numbers(1, 30).map((number) => ({ data: { number } })));
  await hasHad(place.store, 'webhook', 30);
  assert.deepEqual(idsOf(receiver.posts.filter(({ events }) => events.length <= 3)), numbers(1, 30));
  assert.deepEqual(await place.store.read.selectFrom('refused_events').selectAll().execute(), []);
});

test('the key in the URL of a webhook is in no error', async (t) => {
  const receiver = await startReceiver(t);
  receiver.answer = (_post, response) => response.writeHead(410).end();
  const config = loadConfig({
    dataDirectory: '/nonexistent',
    set: [`events.webhook_url=${receiver.url}/key-1?token=key-2`],
  });
  const { origin } = new URL(receiver.url);
  await assert.rejects(webhookSink(config).deliver([outgoing({ id: 1 })], new AbortController().signal), {
    message: `POST ${origin} was answered with status 410`,
  });
});
