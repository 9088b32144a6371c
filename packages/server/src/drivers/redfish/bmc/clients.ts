// Clients of Redfish services, one for each BMC and user, kept with their sessions between calls.
import { type Client, createClient, type Oddity, type TlsOptions } from '@wrought/redfish';
import type { Config } from '../../../config/index.ts';
import type { TaskLog } from '../../kit/index.ts';
import type { RedfishConnection } from '../connection.ts';

/** Most oddities of BMCs that are remembered, so that each is told once. */
const MOST_ODDITIES = 10_000;

export interface RedfishClients {
  /** The client for a BMC; another one when its keys or the configuration have changed. */
  clientFor(connection: RedfishConnection, config: Config): Client;
  /** Logs out everywhere. */
  close(): Promise<void>;
}

function tlsOf({ verifyCa, minimumTlsVersion, tlsCiphers }: RedfishConnection): TlsOptions {
  return {
    trust: verifyCa === true ? 'authorities' : verifyCa === false ? 'any-certificate' : { caPath: verifyCa },
    minimumVersion: `TLSv${minimumTlsVersion}`,
    ...(tlsCiphers === null ? {} : { ciphers: tlsCiphers }),
  };
}

/** Makes the place for them. */
export function createClients(log: TaskLog): RedfishClients {
  /** The longest unused first. */
  const clients = new Map<string, Client>();
  const closing = new Set<Promise<void>>();
  const told = new Set<string>();

  function drop(key: string, client: Client): void {
    clients.delete(key);
    const end = client
      .close()
      .catch((error: unknown) => log.warn({ bmc: client.origin, err: error }, 'A session at a BMC was not closed.'))
      .finally(() => closing.delete(end));
    closing.add(end);
  }

  const tellOddity = (bmc: string) => (oddity: Oddity) => {
    const key = JSON.stringify([bmc, oddity.path, oddity.property]);
    if (told.has(key) || told.size >= MOST_ODDITIES) {
      return;
    }
    told.add(key);
    log.warn({ bmc, ...oddity }, 'A BMC does something otherwise than Redfish has it; that was got over.');
  };

  return {
    clientFor({ systemPath: _, ...connection }, { redfish }) {
      const { connection_attempts, connection_retry_interval, connect_timeout, read_timeout } = redfish;
      const times = [connection_attempts, connection_retry_interval, connect_timeout, read_timeout];
      const key = JSON.stringify([connection, times]);
      const known = clients.get(key);
      if (known !== undefined) {
        clients.delete(key);
        clients.set(key, known);
        return known;
      }
      const { url, username, password, authentication } = connection;
      const client = createClient({
        url,
        ...(username === null ? {} : { userName: username, password }),
        authentication,
        tls: tlsOf({ systemPath: null, ...connection }),
        maximumAttempts: connection_attempts,
        retryDelayMilliseconds: connection_retry_interval * 1000,
        connectTimeoutMilliseconds: connect_timeout * 1000,
        timeoutMilliseconds: read_timeout * 1000,
        onOddity: tellOddity(new URL(url).host),
      });
      clients.set(key, client);
      for (const [oldest, unused] of clients) {
        if (clients.size <= Math.max(1, redfish.connection_cache_size)) {
          break;
        }
        drop(oldest, unused);
      }
      return client;
    },
    async close() {
      for (const [key, client] of [...clients]) {
        drop(key, client);
      }
      await Promise.all(closing);
    },
  };
}
