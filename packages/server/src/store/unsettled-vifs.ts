// Finds the nodes with VIFs whose binding was being changed when something cut it off.
import type { Node } from '@wrought/contract';
import type { Database } from './connections.ts';
import { findNodeById } from './nodes.ts';

/** Members of internal_info that note such a VIF. */
const notes = ['unsettled_vif_port_id', 'readdressed_vif'];

/** Nodes with a port or a port group that notes one. */
export async function nodesWithUnsettledVifs(db: Database): Promise<Node[]> {
  const ids = new Set<number>();
  for (const table of ['ports', 'portgroups'] as const) {
    const rows = await db
      .selectFrom(table)
      .select('node_id')
      .where((is) => is.or(notes.map((key) => is('internal_info', 'like', `%"${key}":%`))))
      .execute();
    for (const { node_id } of rows) {
      ids.add(node_id);
    }
  }
  const nodes = await Promise.all([...ids].map((id) => findNodeById(db, id)));
  return nodes.filter((node) => node !== undefined);
}
