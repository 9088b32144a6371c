// What an agent does to the signal door: one lookup for its token, then heartbeats.
import { getNode } from '../../src/store/nodes.ts';
import type { TestConductor } from './conductor.ts';

/** Looks a node up and returns a function that sends its agent's heartbeats. */
export async function agentOf({ conductor, store }: TestConductor, uuid: string): Promise<() => Promise<void>> {
  const { signal } = conductor.doors;
  const { agentToken } = await signal.lookup(await getNode(store.read, uuid));
  return async () =>
    signal.heartbeat(await getNode(store.read, uuid), {
      callback_url: 'https://192.0.2.7:9999',
      agent_token: agentToken,
      agent_version: '1.0.0',
    });
}
