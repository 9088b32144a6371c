// Keeps what an inspection found in the store: the inventory, and ports for network cards that nobody has yet.
import { randomUUID } from 'node:crypto';
import { insertPort } from './port-list.ts';
import { nodeIdOfAddress } from './ports.ts';
import type { StoreTransaction } from './store.ts';

/** Makes ports for addresses that no port has; answers those that belong to other nodes. */
export async function addMissingPorts(
  trx: StoreTransaction,
  nodeId: number,
  addresses: readonly string[],
): Promise<string[]> {
  const elsewhere: string[] = [];
  for (const address of addresses) {
    const owner = await nodeIdOfAddress(trx, address);
    if (owner === undefined) {
      await insertPort(trx, { uuid: randomUUID(), node_id: nodeId, address });
    } else if (owner !== nodeId) {
      elsewhere.push(address);
    }
  }
  return elsewhere;
}
