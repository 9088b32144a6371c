// The sink "nats": a JetStream stream, one subject for each event type; the stream drops what it has had already.
import { jetstream, jetstreamManager, RetentionPolicy } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Config } from '../../config/index.ts';
import type { Sink } from '../sink.ts';
import { addressOf, untilAborted } from './connection.ts';

export function natsSink({ events: options }: Config): Sink {
  const { nats_url: url, nats_stream: name, nats_subject: prefix } = options;
  if (url === null) {
    throw new Error('events.nats_url is not set.');
  }
  const timeout = options.timeout * 1000;
  let opened: Promise<NatsConnection> | undefined;

  /** Connects, and makes the stream where the operator has not. */
  async function open(): Promise<NatsConnection> {
    const { host, username, password, protocol } = new URL(url ?? '');
    const connection = await connect({
      servers: host,
      timeout,
      name: 'wrought',
      // A broken connection is opened anew by the next delivery.
      reconnect: false,
      ...(username === '' ? {} : { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
      ...(protocol === 'tls:' ? { tls: {} } : {}),
    });
    try {
      const { streams } = await jetstreamManager(connection, { timeout });
      const subject = `${prefix}.>`;
      const known = await streams.list(subject).next();
      if (known.length === 0) {
        await streams.add({ name, subjects: [subject], retention: RetentionPolicy.Limits });
      }
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async function close(): Promise<void> {
    const last = opened;
    opened = undefined;
    const connection = await last?.catch(() => undefined);
    await connection?.close();
  }

  return {
    async deliver(events, signal) {
      opened ??= open();
      try {
        const connection = await untilAborted(opened, signal);
        const stream = jetstream(connection, { timeout });
        // One after the other: when one fails, none that follows it may be in the stream already.
        for (const event of events) {
          const publication = stream.publish(`${prefix}.${event.type}`, JSON.stringify(event), { msgID: event.uuid });
          await untilAborted(publication, signal);
        }
      } catch (error) {
        await close();
        throw new Error(`The NATS server at ${addressOf(url)} did not take the events: ${String(error)}`, {
          cause: error,
        });
      }
    },
    close,
  };
}
