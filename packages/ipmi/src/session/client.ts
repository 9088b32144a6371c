// The library's door: one client has the sockets, and any number of sessions.
import type { PresencePong } from '../codec/index.ts';
import { ClosedError } from '../errors.ts';
import { defaultPort, type SessionOptions } from './options.ts';
import { resolvePeer } from './peer.ts';
import { Session } from './session.ts';
import { TimerWheel } from './timer-wheel.ts';
import { Transport, type TransportStatistics } from './transport.ts';

const defaultPingMilliseconds = 3000;
const keepAliveTickMilliseconds = 1000;

export interface PingOptions {
  readonly port?: number;
  /** Milliseconds; 3000 when absent. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

export interface Client {
  /** A session with a BMC; nothing is sent before its first request. A RangeError says what is wrong with the options. */
  session(options: SessionOptions): Session;
  /** ASF presence ping; a TimeoutError when nothing answers. */
  ping(host: string, options?: PingOptions): Promise<PresencePong>;
  readonly statistics: Readonly<TransportStatistics>;
  /** Closes all sessions, then the sockets. */
  close(): Promise<void>;
}

export function createClient(): Client {
  const transport = new Transport();
  const keepAlives = new TimerWheel(keepAliveTickMilliseconds, false);
  const sessions = new Set<Session>();
  let closed = false;
  return {
    session(options) {
      if (closed) throw new ClosedError('the client is closed');
      const session = new Session(transport, keepAlives, options, (ended) => sessions.delete(ended));
      sessions.add(session);
      return session;
    },
    async ping(host, options = {}) {
      const peer = await resolvePeer(host, options.port ?? defaultPort);
      return transport.ping(peer, options.timeout ?? defaultPingMilliseconds, options.signal);
    },
    statistics: transport.statistics,
    async close() {
      closed = true;
      await Promise.all([...sessions].map((session) => session.close()));
      transport.close();
    },
  };
}
