// The dispatcher against real receivers: order, outages, the end of the process in the middle, and several processes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { OutgoingEvent } from '@wrought/contract';
import { loadConfig } from '../../src/config/index.ts';
import { startDispatcher } from '../../src/notify/dispatcher.ts';
import { webhookSignature, webhookSink } from '../../src/notify/sinks/webhook.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { silentLog } from '../support/conductor.ts';
import { newDatabase, testOnBoth } from '../support/databases.ts';
import { append, outgoing } from './events.ts';
import { idsOf, startReceiver } from './webhook-receiver.ts';

const childProgram = fileURLToPath(new URL('./dispatcher-child.ts', import.meta.url));

interface Place {
  readonly directory: string;
  readonly database: string;
  readonly store: Store;
}

async function newPlace(t: TestContext): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-notify-'));
  const database = await newDatabase(t, directory);
  const store = await openStore(database);
  t.after(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  return { directory, database, store };
}

function dispatch(t: TestContext, { directory, store }: Place, set: readonly string[]) {
  const config = loadConfig({ dataDirectory: directory, set });
  const dispatcher = startDispatcher({ store, config, log: silentLog });
  t.after(() => dispatcher.stop());
  return dispatcher;
}

/** Resolves when the sinks have begun: events that are written from now on are theirs. */
async function begun({ read }: Store, sinks = 1): Promise<void> {
  while ((await read.selectFrom('event_places').select('id').execute()).length < sinks) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function placeOf({ read }: Store, sink: string): Promise<number | undefined> {
  return (await read.selectFrom('event_places').select('place').where('sink', '=', sink).executeTakeFirst())?.place;
}

/** Resolves when the place of a sink is that of this event. */
async function hasHad(store: Store, sink: string, id: number): Promise<void> {
  while ((await placeOf(store, sink)) !== id) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

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
