// Sessions with BMCs: one for each, used again while it is in use, and given back soon after.
import { createHash } from 'node:crypto';
import { type BridgeTarget, type Client, createClient, type Session, type SessionOptions } from '@wrought/ipmi';
import { LRUCache } from 'lru-cache';
import type { Config } from '../../../config/index.ts';
import { endpointOf, type IpmiConnection } from '../connection.ts';

/** BMCs have few places for sessions, four at the least: one that nobody uses is given back. */
const IDLE_MILLISECONDS = 20_000;
const LOOK_MILLISECONDS = 5_000;
/** Tried when neither node nor configuration names any: the stronger one first, then the one that every BMC has. */
const DEFAULT_CIPHER_SUITES = [17, 3];
/** How often a console's session is asked whether it is still there; BMCs end those in which nothing happens for a minute. */
const KEEP_ALIVE_MILLISECONDS = 10_000;
/** A console whose BMC answers nothing for so long is given up and opened again. */
const CONSOLE_ANSWER_MILLISECONDS = 5_000;
const REMEMBERED_SUITES = 100_000;

interface Kept {
  readonly session: Session;
  /** Of all that a session is opened with: with other credentials it is another session. */
  readonly fingerprint: string;
  usedAt: number;
}

export interface Sessions {
  /** The session of this BMC; nothing is sent before its first request. @throws RangeError for options that IPMI refuses */
  of(connection: IpmiConnection, config: Config): Session;
  /** The session of this BMC is in use now, and is not given back meanwhile. */
  used(connection: IpmiConnection): void;
  /** A session of its own that stays open until it is closed, for a console. */
  dedicated(connection: IpmiConnection, config: Config): Session;
  /** Ends all of them. */
  close(): Promise<void>;
}

/** Cipher suites in the order in which they are tried: the one that the BMC took before comes first. */
function suitesOf({ cipherSuite }: IpmiConnection, { ipmi }: Config, known: number | undefined): number[] {
  if (cipherSuite !== null) {
    return [Number(cipherSuite)];
  }
  const configured = ipmi.cipher_suite_versions.map(Number);
  const suites = configured.length > 0 ? configured : DEFAULT_CIPHER_SUITES;
  return known === undefined ? suites : [known, ...suites.filter((each) => each !== known)];
}

function sessionOptions(connection: IpmiConnection, suites: readonly number[]): SessionOptions {
  const { address, port, username, password, kgKeyHex, protocolVersion, privilegeLevel } = connection;
  return {
    host: address.replace(/^\[(.*)\]$/, '$1'),
    port,
    userName: username ?? '',
    password,
    protocol: protocolVersion,
    privilege: privilegeLevel.toLowerCase() as Lowercase<typeof privilegeLevel>,
    ...(kgKeyHex === null ? {} : { bmcKey: Buffer.from(kgKeyHex, 'hex') }),
    suites,
  };
}

/** The controller behind the BMC that commands are for; undefined: the BMC itself. */
export function bridgeTarget({ bridging }: IpmiConnection): BridgeTarget | undefined {
  if (bridging === null) {
    return undefined;
  }
  const target = { channel: Number(bridging.targetChannel), address: Number(bridging.targetAddress) };
  return bridging.transitChannel === null || bridging.transitAddress === null
    ? target
    : {
        ...target,
        transit: { channel: Number(bridging.transitChannel), address: Number(bridging.transitAddress) },
      };
}

/** Makes the place for sessions; the socket is opened with the first of them. */
export function createSessions(keepAliveMilliseconds = KEEP_ALIVE_MILLISECONDS): Sessions {
  let client: Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  const kept = new Map<string, Kept>();
  /** The cipher suite that each BMC took last. */
  const knownSuites = new LRUCache<string, number>({ max: REMEMBERED_SUITES });

  function end(endpoint: string, { session }: Kept): void {
    kept.delete(endpoint);
    if (session.suite !== undefined) {
      knownSuites.set(endpoint, session.suite);
    }
    // A BMC that does not answer lets it expire.
    session.close().catch(() => {});
  }

  function giveBackIdle(): void {
    const before = performance.now() - IDLE_MILLISECONDS;
    for (const [endpoint, each] of kept) {
      if (each.usedAt < before) {
        end(endpoint, each);
      }
    }
  }

  return {
    of(connection, config) {
      const endpoint = endpointOf(connection);
      const present = kept.get(endpoint);
      const configured = suitesOf(connection, config, undefined);
      const fingerprint = createHash('sha256')
        .update(JSON.stringify(sessionOptions(connection, configured)))
        .digest('base64');
      if (present?.fingerprint === fingerprint) {
        present.usedAt = performance.now();
        return present.session;
      }
      if (present !== undefined) {
        end(endpoint, present);
      }
      client ??= createClient();
      timer ??= setInterval(giveBackIdle, LOOK_MILLISECONDS).unref();
      const suites = suitesOf(connection, config, knownSuites.get(endpoint));
      const session = client.session(sessionOptions(connection, suites));
      kept.set(endpoint, { session, fingerprint, usedAt: performance.now() });
      return session;
    },
    used(connection) {
      const present = kept.get(endpointOf(connection));
      if (present !== undefined) {
        present.usedAt = performance.now();
      }
    },
    dedicated(connection, config) {
      client ??= createClient();
      const suites = suitesOf(connection, config, knownSuites.get(endpointOf(connection)));
      return client.session({
        ...sessionOptions(connection, suites),
        keepAlive: keepAliveMilliseconds,
        timeout: CONSOLE_ANSWER_MILLISECONDS,
      });
    },
    async close() {
      clearInterval(timer);
      kept.clear();
      await client?.close();
    },
  };
}
