// The sink "amqp": Ironic's versioned notifications on the message bus of OpenStack, confirmed by the broker.
import { levelOfEvent, notificationLevels } from '@wrought/contract';
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import type { Config } from '../../config/index.ts';
import { osloEnvelope } from '../oslo-envelope.ts';
import type { Sink } from '../sink.ts';
import { addressOf, untilAborted } from './connection.ts';

/** A connection from its first moment on. */
interface Bus {
  /** Destroys the socket, in whatever state it is. */
  readonly socket: AbortController;
  readonly channel: Promise<ConfirmChannel>;
  /** Absent until the broker has taken the connection. */
  connection?: ChannelModel;
}

const PERSISTENT = 2;
/** How long a broker has to say that it closes the connection. */
const CLOSE_MILLISECONDS = 3_000;

export function amqpSink({ events: options }: Config): Sink {
  const { amqp_url: url, amqp_exchange: exchange, versioned_notifications_topics: topics } = options;
  if (url === null) {
    throw new Error('events.amqp_url is not set.');
  }
  const durable = options.amqp_durable_queues;
  const lowest = notificationLevels.indexOf(options.notification_level);
  const sentLevels = notificationLevels.slice(lowest);
  let bus: Bus | undefined;

  /** Connects, and makes exchange and queues: a notification that nobody waits for yet is kept for whoever comes. */
  async function openChannel(signal: AbortSignal, onConnection: (connection: ChannelModel) => void) {
    const socketOptions = { timeout: options.timeout * 1000, signal };
    const connection = await connect(url ?? '', socketOptions);
    // Without a listener an error would end the process; the next delivery meets a closed channel and connects anew.
    connection.on('error', () => {});
    onConnection(connection);
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => {});
    await channel.assertExchange(exchange, 'topic', { durable, autoDelete: false });
    for (const queue of topics.flatMap((topic) => sentLevels.map((level) => `${topic}.${level}`))) {
      await channel.assertQueue(queue, { durable, autoDelete: false });
      await channel.bindQueue(queue, exchange, queue);
    }
    return channel;
  }

  function open(): Bus {
    const socket = new AbortController();
    const opened: Bus = {
      socket,
      channel: openChannel(socket.signal, (connection) => {
        opened.connection = connection;
      }),
    };
    return opened;
  }

  async function close(): Promise<void> {
    const last = bus;
    bus = undefined;
    if (last?.connection !== undefined) {
      // A connection that is broken can not be closed in form, nor can that to a broker that is silent.
      await untilAborted(last.connection.close(), AbortSignal.timeout(CLOSE_MILLISECONDS)).catch(() => undefined);
    }
    last?.socket.abort();
  }

  return {
    async deliver(events, signal) {
      bus ??= open();
      try {
        const channel = await untilAborted(bus.channel, signal);
        for (const event of events) {
          const level = levelOfEvent(event.type);
          for (const topic of sentLevels.includes(level) ? topics : []) {
            channel.publish(exchange, `${topic}.${level}`, Buffer.from(osloEnvelope(event)), {
              contentType: 'application/json',
              contentEncoding: 'utf-8',
              deliveryMode: PERSISTENT,
              messageId: event.uuid,
            });
          }
        }
        await untilAborted(channel.waitForConfirms(), signal);
      } catch (error) {
        await close();
        throw new Error(`The message broker at ${addressOf(url)} did not take the notifications: ${String(error)}`, {
          cause: error,
        });
      }
    },
    close,
  };
}
