// The sink "nats" against a real server: subjects, order, what comes twice, outages, what is too large, TLS and passwords.
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NodeConnectionOptions } from '@nats-io/transport-node';
import type { OutgoingEvent } from '@wrought/contract';
import { loadConfig } from '../../src/config/index.ts';
import { createBatches } from '../../src/notify/batches.ts';
import { EventsRefusedError } from '../../src/notify/sink.ts';
import { natsSink } from '../../src/notify/sinks/nats.ts';
import { serverCertificate, startNats } from './brokers.ts';
import { outgoing } from './events.ts';
import { startDoor } from './silent-door.ts';

test('events are in the stream once and in order, also after an outage and when they come twice', async (t) => {
  const server = await startNats(t);
  const config = loadConfig({ dataDirectory: '/nonexistent', set: [`events.nats_url=${server.url}`] });
  const sink = natsSink(config);
  t.after(() => sink.close());
  const { signal } = new AbortController();
  const events = [1, 2, 3].map((id) => outgoing({ id }));
  await sink.deliver(events, signal);
  await server.kill();
  const later = [4, 5].map((id) => outgoing({ id, type: 'baremetal.port.create.end' }));
  await assert.rejects(sink.deliver(later, signal), /NATS server at 127\.0\.0\.1:\d+ did not take the events/);
  await server.start();
  await sink.deliver([...events, ...later], signal);

  const connection = await connect({ servers: new URL(server.url).host });
  t.after(() => connection.close());
  const { streams } = await jetstreamManager(connection);
  assert.equal((await streams.info('WROUGHT')).state.messages, 5);
  const consumer = await jetstream(connection).consumers.get('WROUGHT');
  const messages = await consumer.fetch({ max_messages: 5 });
  const seen: { subject: string; id: number }[] = [];
  for await (const message of messages) {
    seen.push({ subject: message.subject, id: message.json<{ id: number }>().id });
  }
  assert.deepEqual(
    seen.map(({ id }) => id),
    [1, 2, 3, 4, 5],
  );
  assert.deepEqual(
    [seen[0]?.subject, seen[4]?.subject],
    ['wrought.events.baremetal.node.power_set.end', 'wrought.events.baremetal.port.create.end'],
  );
});

/** What is in the stream, in its order. */
async function stored(t: TestContext, options: NodeConnectionOptions): Promise<OutgoingEvent[]> {
  const connection = await connect(options);
  t.after(() => connection.close());
  const { streams } = await jetstreamManager(connection);
  const { messages } = (await streams.info('WROUGHT')).state;
  const consumer = await jetstream(connection).consumers.get('WROUGHT');
  const seen: OutgoingEvent[] = [];
  for await (const message of await consumer.fetch({ max_messages: messages })) {
    seen.push(message.json<OutgoingEvent>());
  }
  return seen;
}

test('an event over the limit of the server, or of the stream, is refused for good, and goes without its payload', async (t) => {
  const server = await startNats(t, ['max_payload = 4096']);
  const host = { servers: new URL(server.url).host };
  const admin = await connect(host);
  t.after(() => admin.close());
  const { streams } = await jetstreamManager(admin);
  await streams.add({ name: 'WROUGHT', subjects: ['wrought.events.>'], max_msg_size: 2048 });
  const sink = natsSink(
    loadConfig({ dataDirectory: '/nonexistent', set: [`events.nats_url=${server.url}`, 'events.timeout=5'] }),
  );
  t.after(() => sink.close());
  const { signal } = new AbortController();
  const large = (id: number, size: number) => outgoing({ id, object: { extra: { text: 'x'.repeat(size) } } });
  await assert.rejects(sink.deliver([large(2, 8000)], signal), EventsRefusedError);
  await assert.rejects(sink.deliver([large(3, 3000)], signal), EventsRefusedError);
  const batches = createBatches(sink, 10);
  const events = [outgoing({ id: 1 }), large(2, 8000), large(3, 3000), outgoing({ id: 4 })];
  let place = 0;
  while (place < 4) {
    const batch = events.filter(({ id }) => id > place).slice(0, batches.size);
    place = (await batches.deliver(batch, () => signal))?.last ?? place;
  }
  const seen = await stored(t, host);
  assert.deepEqual(
    seen.map(({ id, object, data }) => [id, object, /max|exceeds/.test(String(data.payload_left_out))]),
    [1, 2, 3, 4].map((id) => [id, null, id === 2 || id === 3]),
  );
});

test('TLS with a CA of our own and a password; who does not know one or the other is told so', async (t) => {
  const { cert, key } = await serverCertificate(t);
  const server = await startNats(t, [
    `tls { cert_file: "${cert}", key_file: "${key}" }`,
    'authorization { user: wrought, password: "p@ss/word" }',
  ]);
  const { host } = new URL(server.url);
  const events = [outgoing({ id: 1 }), outgoing({ id: 2 })];
  const { signal } = new AbortController();
  const sinkOf = (login: string, ca: string | boolean) => {
    const sink = natsSink(
      loadConfig({
        dataDirectory: '/nonexistent',
        set: [`events.nats_url=tls://${login}@${host}`, `events.nats_verify_ca=${ca}`],
      }),
    );
    t.after(() => sink.close());
    return sink;
  };
  await sinkOf('wrought:p%40ss%2Fword', cert).deliver(events, signal);
  await sinkOf('wrought:p%40ss%2Fword', false).deliver(events, signal);
  await assert.rejects(sinkOf('wrought:p%40ss%2Fword', true).deliver(events, signal), (error: Error) => {
    assert.match(error.message, /self-signed certificate/);
    assert.doesNotMatch(error.message, /p@ss|p%40ss/);
    return !(error instanceof EventsRefusedError);
  });
  await assert.rejects(sinkOf('wrought:wrong', cert).deliver(events, signal), /[Aa]uthorization/);
  // The client by itself does not know addresses in certificates.
  const tls = { caFile: cert, checkServerIdentity: () => undefined };
  const options = { servers: host, tls, user: 'wrought', pass: 'p@ss/word' };
  assert.deepEqual(
    (await stored(t, options)).map(({ id }) => id),
    [1, 2],
  );
});

test('a server that falls silent holds up neither a batch over its time nor the end, and no connection stays', async (t) => {
  const server = await startNats(t);
  const door = await startDoor(t, Number(new URL(server.url).port));
  const sink = natsSink(
    loadConfig({
      dataDirectory: '/nonexistent',
      set: [`events.nats_url=nats://127.0.0.1:${door.port}`, 'events.timeout=1'],
    }),
  );
  const { signal } = new AbortController();
  await sink.deliver([outgoing({ id: 1 })], signal);
  door.silence();
  const late = new Error('The batch took too long.');
  for (const id of [2, 3]) {
    const batch = new AbortController();
    const delivery = sink.deliver([outgoing({ id })], batch.signal);
    batch.abort(late);
    await assert.rejects(delivery, { cause: late });
  }
  await sink.close();
  await door.untilEmpty();
});
