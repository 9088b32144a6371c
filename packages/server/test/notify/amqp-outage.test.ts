// The sink "amqp" against a RabbitMQ with TLS, a password and a limit of its own, which goes down and comes back.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { connect } from 'amqplib';
import { freePort } from '../../../lab/src/peer/free-port.ts';
import { loadConfig } from '../../src/config/index.ts';
import { amqpSink } from '../../src/notify/sinks/amqp.ts';
import { serverCertificate, startRabbit } from './brokers.ts';
import { append, outgoing } from './events.ts';
import { begun, dispatch, hasHad, newPlace, numbers } from './place.ts';

const LIMIT_BYTES = 6000;

/** The first payload's data and the note about it, of each message in the queue. */
async function take(url: string, ca: string): Promise<{ uuid: string; note: unknown }[]> {
  const connection = await connect(url, { ca });
  const channel = await connection.createChannel();
  const taken: { uuid: string; note: unknown }[] = [];
  for (;;) {
    const message = await channel.get('ironic_versioned_notifications.info', { noAck: true });
    if (message === false) {
      await connection.close();
      return taken;
    }
    const body = JSON.parse(JSON.parse(message.content.toString('utf8'))['oslo.message']);
    taken.push({ uuid: body.message_id, note: body.payload['ironic_object.data'].extra?.payload_left_out });
  }
}

test('over TLS with a password, through an outage, nothing is lost, the order stays, and what is too large stops nothing', async (t) => {
  const place = await newPlace(t);
  const { cert, key } = await serverCertificate(t);
  const port = await freePort();
  const server = await startRabbit(t, [
    `listeners.ssl.local = 127.0.0.1:${port}`,
    `ssl_options.certfile = ${cert}`,
    `ssl_options.keyfile = ${key}`,
    'default_user = wrought',
    'default_pass = p@ss/word',
    `max_message_size = ${LIMIT_BYTES}`,
  ]);
  const url = `amqps://wrought:p%40ss%2Fword@127.0.0.1:${port}/`;
  dispatch(t, place, [
    'events.sinks=["amqp"]',
    `events.amqp_url=${url}`,
    `events.amqp_verify_ca=${cert}`,
    'events.amqp_durable_queues=true',
    'events.batch_size=4',
    'events.retry_maximum=1',
  ]);
  await begun(place.store);
  const large = { object: { extra: { text: 'x'.repeat(2 * LIMIT_BYTES) } } };
  await append(place.store, ...numbers(1, 10).map((number) => (number === 6 ? large : { data: { number } })));
  await hasHad(place.store, 'amqp', 10);
  await server.kill();
  await append(place.store, ...numbers(11, 30).map((number) => ({ data: { number } })));
  await server.start();
  await hasHad(place.store, 'amqp', 30);

  const sent = await place.store.read.selectFrom('outbox').select(['id', 'uuid']).orderBy('id').execute();
  const taken = await take(url, await readFile(cert, 'utf8'));
  // What came twice, when a confirmation was lost, came with the same uuid.
  const first = taken.filter(({ uuid }, index) => taken.findIndex((each) => each.uuid === uuid) === index);
  assert.deepEqual(
    first.map(({ uuid }) => uuid),
    sent.map(({ uuid }) => uuid),
  );
  assert.deepEqual(
    sent.filter(({ uuid }) => first.some((each) => each.uuid === uuid && each.note !== undefined)).map(({ id }) => id),
    [6],
  );

  const sinkOf = (...set: string[]) => {
    const sink = amqpSink(
      loadConfig({ dataDirectory: '/nonexistent', set: ['events.amqp_durable_queues=true', ...set] }),
    );
    t.after(() => sink.close());
    return sink;
  };
  const { signal } = new AbortController();
  await assert.rejects(sinkOf(`events.amqp_url=${url}`).deliver([outgoing()], signal), /self-signed certificate/);
  const wrong = [`events.amqp_url=${url.replace('p%40ss', 'other')}`, `events.amqp_verify_ca=${cert}`];
  await assert.rejects(sinkOf(...wrong).deliver([outgoing()], signal), /ACCESS_REFUSED|ACCESS-REFUSED|403/);
});
