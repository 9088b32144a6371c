// Events: subscriptions, what is pushed, and streams that break and come back.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { createEventDecoder } from '../src/events/server-sent-events.ts';
import {
  createSubscription,
  deleteSubscription,
  listSubscriptions,
  readEvent,
  readEventService,
  sendTestEvent,
  streamEvents,
  UnsupportedError,
} from '../src/index.ts';
import { type Asked, clientOf, failure, type Reply, root, startService, type Table } from './support/service.ts';

const path = '/redfish/v1/EventService';

async function open(service: object = {}, more: Table = {}) {
  const started = await startService({
    'GET /redfish/v1/': root({ EventService: { '@odata.id': path } }),
    [`GET ${path}`]: {
      Subscriptions: { '@odata.id': `${path}/Subscriptions` },
      Actions: { '#EventService.SubmitTestEvent': { target: `${path}/test` } },
      ...service,
    },
    [`POST ${path}/Subscriptions`]: () => ({ status: 201, headers: { location: `${path}/Subscriptions/7` } }),
    [`GET ${path}/Subscriptions`]: { Members: [{ '@odata.id': `${path}/Subscriptions/7` }] },
    [`GET ${path}/Subscriptions/7`]: { Id: '7', Destination: 'https://192.0.2.1/', Context: null, Protocol: 'Redfish' },
    [`DELETE ${path}/Subscriptions/7`]: () => ({ status: 204 }),
    [`POST ${path}/test`]: () => ({ status: 204 }),
    ...more,
  });
  const client = clientOf(started);
  return {
    service: started,
    client,
    events: await readEventService(client),
    async [Symbol.asyncDispose]() {
      await client.close();
      await started[Symbol.asyncDispose]();
    },
  };
}

test('a subscription is made, listed, tested and deleted', async () => {
  await using it = await open();
  const wanted = { destination: 'https://192.0.2.1/', context: 'node-1', httpHeaders: { Authorization: 'x' } };
  const { path: made } = await createSubscription(it.client, it.events, wanted);
  assert.equal(made, `${path}/Subscriptions/7`);
  assert.deepEqual(it.service.asked.at(-1)?.body, {
    Destination: 'https://192.0.2.1/',
    Context: 'node-1',
    Protocol: 'Redfish',
    HttpHeaders: [{ Authorization: 'x' }],
  });
  const [subscription] = await listSubscriptions(it.client, it.events);
  assert.equal(subscription?.destination, 'https://192.0.2.1/');
  assert.equal(subscription?.context, undefined);
  await sendTestEvent(it.client, it.events);
  await deleteSubscription(it.client, made ?? '');
  assert.equal(it.service.lines().at(-1), `DELETE ${path}/Subscriptions/7`);
});

test('a service that wants event types gets those that it has', async () => {
  const strict = ({ body }: Asked): Reply =>
    'EventTypes' in body
      ? { status: 201, body: { '@odata.id': `${path}/Subscriptions/8` } }
      : failure(400, 'PropertyMissing', 'The property EventTypes is required.');
  await using it = await open(
    { EventTypesForSubscription: ['Alert', 'StatusChange'] },
    { [`POST ${path}/Subscriptions`]: strict },
  );
  const { path: made } = await createSubscription(it.client, it.events, { destination: 'https://192.0.2.1/' });
  assert.equal(made, `${path}/Subscriptions/8`);
  assert.deepEqual(it.service.asked.at(-1)?.body.EventTypes, ['Alert', 'StatusChange']);
});

test('an event is read in the older and the newer form', () => {
  const event = readEvent({
    Id: '5',
    Context: 'node-1',
    Events: [
      {
        EventId: '1',
        MessageId: 'ResourceEvent.1.0.StatusChange',
        MessageSeverity: 'Warning',
        OriginOfCondition: { '@odata.id': '/redfish/v1/Systems/1' },
      },
      { EventType: 'Alert', Severity: 'Critical', OriginOfCondition: '/redfish/v1/Chassis/1', MessageArgs: ['a'] },
    ],
  });
  assert.equal(event.context, 'node-1');
  assert.deepEqual(
    event.records.map(({ id, severity, originPath }) => [id, severity, originPath]),
    [
      ['1', 'Warning', '/redfish/v1/Systems/1'],
      [undefined, 'Critical', '/redfish/v1/Chassis/1'],
    ],
  );
});

test('events are decoded the same however they are cut into chunks', () => {
  const text = fc.stringMatching(/^[a-z:{} ]{0,8}$/);
  const line = fc.oneof(
    text.map((value) => `data: ${value}`),
    text.map((value) => `data:${value}`),
    text.map((value) => `id: ${value}`),
    text.map((value) => `: ${value}`),
    fc.constantFrom('data', 'retry: 5', 'event: x', '', ''),
  );
  const stream = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 20 });
  fc.assert(
    fc.property(stream, fc.array(fc.nat(40), { maxLength: 10 }), (lines, cuts) => {
      const whole = lines.map((each) => each.join('')).join('');
      const expected = createEventDecoder()(`${whole}\n\n`);
      const decode = createEventDecoder();
      const got = [];
      let rest = `${whole}\n\n`;
      for (const cut of cuts) {
        got.push(...decode(rest.slice(0, cut)));
        rest = rest.slice(cut);
      }
      got.push(...decode(rest));
      assert.deepEqual(got, expected);
    }),
  );
  assert.deepEqual(createEventDecoder()('\uFEFFid: 1\ndata: a\ndata: b\n\n: only a comment\n\n'), [
    { id: '1', data: 'a\nb' },
  ]);
});

test('a stream goes on after it broke, from the last event, until the signal', async () => {
  const controller = new AbortController();
  const seen: (string | undefined)[] = [];
  let opened = 0;
  const serve = ({ headers }: Asked, response: ServerResponse) => {
    seen.push(headers['last-event-id'] as string | undefined);
    opened++;
    if (opened === 2) return { status: 503 };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const event = JSON.stringify({ Id: String(opened), Events: [{ MessageId: 'A.1.0.B' }] });
    response.write(`: hello\n\nid: ${opened}\ndata: ${event}\n\ndata: no JSON\n\n`);
    // The first one breaks off, the third one stays.
    if (opened === 1) setImmediate(() => response.destroy());
    return undefined;
  };
  await using it = await open({ ServerSentEventUri: '/sse' }, { 'GET /sse?$filter=A': serve });
  const breaks: Error[] = [];
  const ids: (string | undefined)[] = [];
  const options = {
    signal: controller.signal,
    filter: 'A',
    reopenMilliseconds: 1,
    onBreak: (error: Error) => breaks.push(error),
  };
  for await (const event of streamEvents(it.client, it.events, options)) {
    ids.push(event.id);
    if (ids.length === 2) controller.abort();
  }
  assert.deepEqual(ids, ['1', '3']);
  assert.deepEqual(seen, [undefined, '1', '1']);
  assert.deepEqual(
    breaks.map(({ name }) => name),
    ['ConnectionError', 'ResponseError'],
  );
  assert.ok(it.client.oddities.some(({ found }) => found === 'no JSON'));
});

test('no request waits behind a stream, and its connection ends with it', async () => {
  const controller = new AbortController();
  const opened = Promise.withResolvers<Socket>();
  const serve = (_: Asked, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`id: 1\ndata: ${JSON.stringify({ Id: '1', Events: [] })}\n\n`);
    opened.resolve(response.socket as Socket);
    return undefined;
  };
  await using it = await open({ ServerSentEventUri: '/sse' }, { 'GET /sse': serve });
  await using single = clientOf(it.service, { maximumConnections: 1 });
  for await (const event of streamEvents(single, it.events, { signal: controller.signal })) {
    assert.equal(event.id, '1');
    assert.equal((await readEventService(single)).subscriptionsPath, `${path}/Subscriptions`);
    controller.abort();
  }
  const socket = await opened.promise;
  if (!socket.closed) await once(socket, 'close');
  // Those of requests are kept.
  assert.equal(it.service.sockets.size, 2);
});

test('a stream that is refused, or not offered, is no stream', async () => {
  const { signal } = new AbortController();
  await using it = await open({ ServerSentEventUri: '/sse' }, { 'GET /sse': () => ({ status: 403 }) });
  await assert.rejects(streamEvents(it.client, it.events, { signal }).next(), { name: 'AuthenticationError' });
  await using without = await open();
  await assert.rejects(streamEvents(without.client, without.events, { signal }).next(), UnsupportedError);
});
