// How long a stream of events lasts: a listener that reads nothing is cut off, every stream ends, and neither loses anything.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type StreamLimits, streamEvents } from '../src/api/wrought/event-stream.ts';
import { createOutboxTail } from '../src/store/outbox-tail.ts';
import { append } from './notify/events.ts';
import { silentLog } from './support/conductor.ts';
import { newStore } from './support/databases.ts';

const HOUR_SECONDS = 3_600;
const long: StreamLimits = { heartbeat: HOUR_SECONDS, slow: HOUR_SECONDS, longest: HOUR_SECONDS };

async function startStreams(t: TestContext, given: Partial<StreamLimits>) {
  const store = await newStore(t);
  const tail = createOutboxTail(store);
  const limits = { ...long, ...given };
  const responses: ServerResponse[] = [];
  const server = createServer((request, response) => {
    responses.push(response);
    const after = Number(request.headers['last-event-id'] ?? 0);
    streamEvents(response, { store, log: silentLog, tail, after, filter: {}, limits });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    store,
    responses,
    async listen(lastEventId = 0) {
      const request = get({ port, host: '127.0.0.1', headers: { 'Last-Event-ID': String(lastEventId) } });
      request.on('error', () => {});
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      return response.setEncoding('utf8');
    },
  };
}

const idsOf = (text: string) => [...text.matchAll(/^id: (\d+)\nevent: /gm)].map(([, id]) => Number(id));

async function textUntilEnd(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of response) {
    text += piece;
  }
  return text;
}

test('a listener that reads nothing for too long is cut off, and what it lacks waits for it', async (t) => {
  const { store, listen, responses } = await startStreams(t, { slow: 0.05 });
  const large = { text: 'x'.repeat(100_000) };
  for (let batch = 0; batch < 3; batch += 1) {
    await append(store, ...Array.from({ length: 100 }, () => ({ data: large })));
  }
  const listener = await listen();
  listener.on('error', () => {});
  listener.pause();
  const [response] = responses;
  assert.ok(response);
  if (!response.closed) {
    await once(response, 'close');
  }
  assert.equal(response.destroyed, true);
  assert.equal(response.writableFinished, false, 'what was not read was dropped');

  const again = await listen(299);
  let text = '';
  again.on('data', (piece) => {
    text += piece;
  });
  while (!idsOf(text).includes(300)) {
    await once(again, 'data');
  }
  again.destroy();
});

test('a stream ends in order after its time, and says meanwhile how far it is', async (t) => {
  const { store, listen } = await startStreams(t, { longest: 0.3, heartbeat: 0.05 });
  await append(store, {}, {});
  const text = await textUntilEnd(await listen());
  assert.deepEqual(idsOf(text), [1, 2]);
  assert.match(text, /^: events follow\nid: 0\n\n/);
  assert.match(text, /: nothing new\nid: 2\n\n$/);
  assert.deepEqual(idsOf(await textUntilEnd(await listen(1))), [2]);
});
