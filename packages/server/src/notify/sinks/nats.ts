// The sink "nats": a JetStream stream, one subject for each event type; the stream drops what it has had already.
import { once } from 'node:events';
import { connect as openSocket } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { JetStreamApiError, jetstream, jetstreamManager, RetentionPolicy } from '@nats-io/jetstream';
import { connect, errors, type NatsConnection } from '@nats-io/transport-node';
import { tlsTrust } from '../../boot/web.ts';
import type { Config } from '../../config/index.ts';
import { EventsRefusedError, type Sink } from '../sink.ts';
import { addressOf, CLOSE_MILLISECONDS, untilAborted } from './connection.ts';

/** The stream's own limit (max_msg_size); that of the server (max_payload) is known to the client, which sends nothing then. */
const MESSAGE_EXCEEDS_MAXIMUM = 10_054;

function isTooLarge(error: unknown): boolean {
  return (
    error instanceof errors.InvalidArgumentError ||
    (error instanceof JetStreamApiError && error.code === MESSAGE_EXCEEDS_MAXIMUM)
  );
}

/** A connection from its first moment on. */
interface Link {
  /** Ends the wait for a server that says nothing. */
  readonly opening: AbortController;
  readonly connection: Promise<NatsConnection>;
}

const DEFAULT_PORT = 4222;

/** Host name or address, an IPv6 one without its brackets. */
const hostOf = ({ hostname }: URL) => hostname.replace(/^\[|\]$/g, '');

/** Whom the client trusts, by the name in the URL; it would look for "localhost" in the certificate where that is an address. */
async function tlsOptions(address: URL, verifyCa: boolean | string) {
  return {
    ...(await tlsTrust(verifyCa)),
    checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
      checkServerIdentity(hostOf(address), certificate),
  };
}

/**
 * Waits until the server says that it is there, as a NATS server does first. The client itself leaves a socket behind for each time
 * that it was taken by something that says nothing.
 */
async function untilGreeted(address: URL, signal: AbortSignal): Promise<void> {
  const socket = openSocket({ host: hostOf(address), port: Number(address.port || DEFAULT_PORT) });
  const ended = once(socket, 'close').then(() => {
    throw new Error('it closed the connection without a word');
  });
  // Whichever of the two comes second is not waited for.
  ended.catch(() => {});
  try {
    await untilAborted(Promise.race([once(socket, 'data'), ended]), signal);
  } finally {
    socket.destroy();
  }
}

export function natsSink({ events: options }: Config): Sink {
  const { nats_url: url, nats_stream: name, nats_subject: prefix } = options;
  if (url === null) {
    throw new Error('events.nats_url is not set.');
  }
  const timeout = options.timeout * 1000;
  let link: Link | undefined;

  /** Connects, and makes the stream where the operator has not. */
  async function connectTo(address: URL, signal: AbortSignal): Promise<NatsConnection> {
    const { host, username, password, protocol } = address;
    await untilGreeted(address, signal);
    const connection = await connect({
      servers: host,
      timeout,
      name: 'wrought',
      // A broken connection is opened anew by the next delivery.
      reconnect: false,
      ...(username === '' ? {} : { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
      ...(protocol === 'tls:' ? { tls: await tlsOptions(address, options.nats_verify_ca) } : {}),
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

  function open(): Link {
    const opening = new AbortController();
    const limit = AbortSignal.any([opening.signal, AbortSignal.timeout(timeout)]);
    return { opening, connection: connectTo(new URL(url ?? ''), limit) };
  }

  async function close(): Promise<void> {
    const last = link;
    link = undefined;
    last?.opening.abort();
    const closed = last?.connection.then(
      (connection) => connection.close(),
      () => undefined,
    );
    // A server that is silent does not hold this up; the client's own time-outs end what is still under way.
    await untilAborted(closed ?? Promise.resolve(), AbortSignal.timeout(CLOSE_MILLISECONDS)).catch(() => undefined);
  }

  return {
    async deliver(events, signal) {
      link ??= open();
      let isOpen = false;
      try {
        const connection = await untilAborted(link.connection, signal);
        isOpen = true;
        const stream = jetstream(connection, { timeout });
        // One after the other: when one fails, none that follows it may be in the stream already.
        for (const event of events) {
          const publication = stream.publish(`${prefix}.${event.type}`, JSON.stringify(event), { msgID: event.uuid });
          await untilAborted(publication, signal);
        }
      } catch (error) {
        await close();
        const message = `The NATS server at ${addressOf(url)} did not take the events: ${String(error)}`;
        throw isOpen && isTooLarge(error)
          ? new EventsRefusedError(message, error)
          : new Error(message, { cause: error });
      }
    },
    close,
  };
}
