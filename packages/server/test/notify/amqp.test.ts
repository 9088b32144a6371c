// The sink "amqp" against a real RabbitMQ: queues, levels, the envelope as a consumer reads it, and a broker that is gone.
import assert from 'node:assert/strict';
import test from 'node:test';
import { connect } from 'amqplib';
import { loadConfig } from '../../src/config/index.ts';
import { amqpSink } from '../../src/notify/sinks/amqp.ts';
import { startRabbit } from './brokers.ts';
import { outgoing } from './events.ts';
import { startDoor } from './silent-door.ts';

test('notifications wait in the queues of their level, and a broker that is gone is an error that names it', async (t) => {
  const server = await startRabbit(t);
  const config = loadConfig({
    dataDirectory: '/nonexistent',
    set: [`events.amqp_url=${server.url}`, 'events.amqp_durable_queues=true'],
  });
  const sink = amqpSink(config);
  const { signal } = new AbortController();
  const failed = outgoing({ id: 2, type: 'baremetal.node.power_set.error' });
  await sink.deliver([outgoing({ id: 1 }), failed], signal);
  await sink.deliver([outgoing({ id: 3 })], signal);

  const connection = await connect(server.url);
  const channel = await connection.createChannel();
  async function take(queue: string) {
    const message = await channel.get(queue, { noAck: true });
    assert.ok(message !== false, `a message in ${queue}`);
    const envelope = JSON.parse(message.content.toString('utf8'));
    assert.equal(envelope['oslo.version'], '2.0');
    return { properties: message.properties, body: JSON.parse(envelope['oslo.message']) };
  }
  const info = [await take('ironic_versioned_notifications.info'), await take('ironic_versioned_notifications.info')];
  assert.deepEqual(
    info.map(({ body }) => body.message_id),
    [1, 3].map((id) => outgoing({ id }).uuid),
  );
  assert.equal(info[0]?.properties.contentType, 'application/json');
  assert.equal(info[0]?.body.publisher_id, 'ironic-conductor.test');
  const { body } = await take('ironic_versioned_notifications.error');
  assert.equal(body.event_type, 'baremetal.node.power_set.error');
  assert.equal(body.priority, 'ERROR');
  assert.equal(body.payload['ironic_object.name'], 'NodeSetPowerStatePayload');
  assert.equal(await channel.get('ironic_versioned_notifications.error'), false);

  // Below its level a sink sends nothing, and makes no queue for it.
  const strict = loadConfig({
    dataDirectory: '/nonexistent',
    set: [
      `events.amqp_url=${server.url}`,
      'events.amqp_durable_queues=true',
      'events.notification_level=error',
      'events.versioned_notifications_topics=["strict"]',
    ],
  });
  const strictSink = amqpSink(strict);
  await strictSink.deliver([outgoing({ id: 1 })], signal);
  await strictSink.close();
  assert.equal(await channel.get('strict.error'), false);
  channel.on('error', () => {});
  await assert.rejects(channel.checkQueue('strict.info'), /NOT_FOUND/);
  await connection.close();

  // A broker that says nothing any more, neither to events nor to the end of the connection.
  const door = await startDoor(t, Number(new URL(server.url).port));
  const through = server.url.replace(/:\d+(?=\/|$)/, `:${door.port}`);
  const muteSink = amqpSink(
    loadConfig({
      dataDirectory: '/nonexistent',
      set: [`events.amqp_url=${through}`, 'events.amqp_durable_queues=true'],
    }),
  );
  await muteSink.deliver([outgoing({ id: 5 })], signal);
  door.silence();
  const late = new Error('The batch took too long.');
  const batch = new AbortController();
  const delivery = muteSink.deliver([outgoing({ id: 6 })], batch.signal);
  batch.abort(late);
  await assert.rejects(delivery, { cause: late });
  // Nor to the beginning of one.
  const next = new AbortController();
  const opening = muteSink.deliver([outgoing({ id: 6 })], next.signal);
  next.abort(late);
  await assert.rejects(opening, { cause: late });
  await muteSink.close();
  await door.untilEmpty();

  await server.kill();
  await assert.rejects(sink.deliver([outgoing({ id: 4 })], signal), /message broker at 127\.0\.0\.1:\d+ did not take/);
  await sink.close();
});
