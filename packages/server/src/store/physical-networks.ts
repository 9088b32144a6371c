// The physical networks that machines are on, as their ports say.
import type { Node } from '@wrought/contract';
import type { Database } from './store.ts';

/** Machines whose networks Neutron sees to. */
const INTERFACES = ['neutron', 'flat'];

export interface NodeNetworks {
  readonly node: Pick<Node, 'uuid' | 'driver' | 'conductor_group'>;
  /** Sorted by name; never empty. */
  readonly physicalNetworks: readonly string[];
}

/** Every node with ports on physical networks, where Neutron sees to its networks. */
export async function physicalNetworksOfNodes(db: Database): Promise<readonly NodeNetworks[]> {
  const rows = await db
    .selectFrom('ports')
    .innerJoin('nodes', 'nodes.id', 'ports.node_id')
    .select(['nodes.uuid', 'nodes.driver', 'nodes.conductor_group', 'ports.physical_network'])
    .distinct()
    .where('ports.physical_network', 'is not', null)
    .where('nodes.network_interface', 'in', INTERFACES)
    .orderBy('nodes.uuid')
    .orderBy('ports.physical_network')
    .execute();
  const byNode = Map.groupBy(rows, ({ uuid }) => uuid);
  return [...byNode.values()].flatMap((own) => {
    const [node] = own;
    return node === undefined
      ? []
      : [{ node, physicalNetworks: own.flatMap(({ physical_network: name }) => (name === null ? [] : [name])) }];
  });
}
