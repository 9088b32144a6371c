// Keeps what an inspection found in the store: the inventory, and ports for network cards that nobody has yet.
import { randomUUID } from 'node:crypto';
import type { FoundPort, JsonObject, Port } from '@wrought/contract';
import { insertPort, portTable } from './port-list.ts';
import { nodeIdOfAddress, portsOfNode } from './ports.ts';
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

/** The link with what is missing in it; undefined when nothing is, or when it speaks of another port or switch. */
function completedLink({ local_link_connection: link }: Port, found: JsonObject): JsonObject | undefined {
  // What is said to be unmanaged is meant to be so.
  const isOther =
    link.network_type === 'unmanaged' ||
    ['switch_id', 'port_id'].some((key) => link[key] !== undefined && link[key] !== found[key]);
  const missing = Object.keys(found).filter((key) => link[key] === undefined);
  return isOther || missing.length === 0 ? undefined : { ...found, ...link };
}

/**
 * Tells the ports of a node where they are plugged in. A link that a port names already stays: who wrote it may know better. Its physical
 * network, and whether the firmware boots from it, are as they were found.
 */
export async function describePorts(trx: StoreTransaction, nodeId: number, found: readonly FoundPort[]): Promise<void> {
  const ports = found.length === 0 ? [] : await portsOfNode(trx, nodeId);
  for (const port of ports) {
    const changes: { local_link_connection?: JsonObject; physical_network?: string; pxe_enabled?: boolean } = {};
    for (const { address, local_link_connection: link, physical_network: network, pxe_enabled: boots } of found) {
      if (address !== port.address) {
        continue;
      }
      const completed = link === undefined ? undefined : completedLink(port, link);
      if (completed !== undefined) {
        changes.local_link_connection = completed;
      }
      if (boots !== undefined && boots !== port.pxe_enabled) {
        changes.pxe_enabled = boots;
      }
      // The physical network of a port in a group is the group's.
      if (network !== undefined && port.physical_network !== network && port.portgroup_uuid === null) {
        changes.physical_network = network;
      }
    }
    if (Object.keys(changes).length > 0) {
      await portTable.update(trx, port.id, changes);
    }
  }
}
