// What a process needs to be one of several on a database: who else is there, hints from them, and calls to them.
import { type Config, parseAddress } from '../config/index.ts';
import { internalCallKey } from '../store/cluster-keys.ts';
import type { Store } from '../store/store.ts';
import { type CallClient, createCallClient } from './call-client.ts';
import type { ClusterLog } from './log.ts';
import { type Members, storedMembers } from './members.ts';
import { postgresWakeUps, type WakeUps } from './wake-up.ts';

export interface Cluster {
  readonly key: Buffer;
  readonly members: Members;
  readonly wakeUps: WakeUps;
  readonly client: CallClient;
  close(): Promise<void>;
}

/** Reads the key and looks at the members; the database at `url` is the one that `store` has open. */
export async function joinCluster(
  url: string,
  { store, config, log }: { readonly store: Store; readonly config: () => Config; readonly log: ClusterLog },
): Promise<Cluster> {
  const key = await internalCallKey(store);
  const members = storedMembers(store);
  await members.refresh();
  const wakeUps = await postgresWakeUps({ url, name: config().conductor.host }, store.hints, log);
  const client = createCallClient(key, () => config().cluster.call_timeout);
  return {
    key,
    members,
    wakeUps,
    client,
    async close() {
      client.close();
      await wakeUps.close();
    },
  };
}

/** "https://HOST:PORT" under which other processes reach a conductor that listens on `bound`, "HOST:PORT". */
export function internalUrl({ cluster, conductor }: Config, bound: string): string {
  const { host, port } = parseAddress(bound) ?? { host: bound, port: 0 };
  const isEvery = host === '0.0.0.0' || host === '::';
  const advertised = cluster.advertise ?? (isEvery ? conductor.host : host);
  const named = parseAddress(advertised);
  const bare = advertised.includes(':') && !advertised.startsWith('[') ? `[${advertised}]` : advertised;
  return `https://${named === undefined ? `${bare}:${port}` : advertised}`;
}
