// Finds the nodes whose ports are noted to be on a network that this program configures on switches.
import type { Node } from '@wrought/contract';
import type { Database } from './connections.ts';
import { nodeFromRow } from './nodes.ts';

/** Nodes with a port whose internal_info notes a network on a switch. */
export async function nodesWithSwitchPorts(db: Database): Promise<Node[]> {
  const rows = await db
    .selectFrom('nodes')
    .selectAll()
    .where('network_interface', '=', 'ironic-networking')
    .where('id', 'in', (query) =>
      query.selectFrom('ports').select('node_id').where('internal_info', 'like', '%"switch_network":%'),
    )
    .orderBy('id')
    .execute();
  return rows.map(nodeFromRow);
}
