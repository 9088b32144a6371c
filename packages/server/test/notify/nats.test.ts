// The sink "nats" against a real server: subjects, order, what comes twice, and an outage.
import assert from 'node:assert/strict';
import test from 'node:test';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { loadConfig } from '../../src/config/index.ts';
import { natsSink } from '../../src/notify/sinks/nats.ts';
import { startNats } from './brokers.ts';
import { outgoing } from './events.ts';

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
