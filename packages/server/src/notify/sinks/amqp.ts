// The sink "amqp": Ironic's versioned notifications on the message bus of OpenStack, confirmed by the broker.
import { levelOfEvent, notificationLevels, type OutgoingEvent } from '@wrought/contract';
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { tlsTrust } from '../../boot/web.ts';
import type { Config } from '../../config/index.ts';
import { osloEnvelope } from '../oslo-envelope.ts';
import { EventsRefusedError, type Sink } from '../sink.ts';
import { addressOf, CLOSE_MILLISECONDS, untilAborted } from './connection.ts';

/** A connection from its first moment on. */
interface Bus {
  /** Destroys the socket, in whatever state it is. */
  readonly socket: AbortController;
  readonly channel: Promise<ConfirmChannel>;
  /** Absent until the broker has taken the connection. */
  connection?: ChannelModel;
  /** Why the broker closed the channel. */
  failure?: unknown;
}

/** What the broker closes a channel with that was given a message over its limit: PRECONDITION_FAILED of basic.publish. */
const TOO_LARGE = { code: 406, classId: 60, methodId: 40 } as const;

function isTooLarge(failure: unknown): boolean {
  const told = failure as Partial<Record<keyof typeof TOO_LARGE, unknown>> | undefined;
  return told?.code === TOO_LARGE.code && told.classId === TOO_LARGE.classId && told.methodId === TOO_LARGE.methodId;
}

/** @throws EventsRefusedError when an event has no form on the bus */
function bodyOf(event: OutgoingEvent): Buffer {
  try {
    return Buffer.from(osloEnvelope(event));
  } catch (error) {
    throw new EventsRefusedError(error instanceof Error ? error.message : String(error), error);
  }
}

const PERSISTENT = 2;

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
  async function openChannel(
    signal: AbortSignal,
    onConnection: (connection: ChannelModel) => void,
    onFailure: (failure: unknown) => void,
  ) {
    const socketOptions = { timeout: options.timeout * 1000, signal, ...(await tlsTrust(options.amqp_verify_ca)) };
    const connection = await connect(url ?? '', socketOptions);
    // Without a listener an error would end the process; the next delivery meets a closed channel and connects anew.
    connection.on('error', () => {});
    onConnection(connection);
    const channel = await connection.createConfirmChannel();
    channel.on('error', onFailure);
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
      channel: openChannel(
        socket.signal,
        (connection) => {
          opened.connection = connection;
        },
        (failure) => {
          opened.failure = failure;
        },
      ),
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
      const messages = events
        .map((event) => ({ event, level: levelOfEvent(event.type) }))
        .filter(({ level }) => sentLevels.includes(level))
        .map(({ event, level }) => ({ event, level, body: bodyOf(event) }));
      bus ??= open();
      const used = bus;
      try {
        const channel = await untilAborted(used.channel, signal);
        for (const { event, level, body } of messages) {
          for (const topic of topics) {
            channel.publish(exchange, `${topic}.${level}`, body, {
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
        const place = `The message broker at ${addressOf(url)}`;
        if (isTooLarge(used.failure)) {
          throw new EventsRefusedError(`${place} takes no message of this size: ${String(used.failure)}`, used.failure);
        }
        throw new Error(`${place} did not take the notifications: ${String(error)}`, { cause: error });
      }
    },
    close,
  };
}
