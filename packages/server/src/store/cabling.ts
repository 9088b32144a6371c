// What the store knows of the cabling of machines: the links that ports name, and what inspections found, node by node.
import type { JsonObject, Port } from '@wrought/contract';
import { parseObject } from './json.ts';
import { ofProject } from './plain-table.ts';
import { portFromRow, selectPorts } from './ports.ts';
import type { Database } from './store.ts';

/** Nodes whose inventories are read at a time: each may be some hundred kilobytes. */
const NODES_AT_A_TIME = 50;

export interface NodeCabling {
  readonly node: { readonly uuid: string; readonly name: string | null };
  readonly ports: readonly Port[];
  /** What the last inspection found; absent when there was none, or its data was not kept. */
  readonly found?: { readonly inventory: JsonObject; readonly pluginData: JsonObject; readonly at: string };
}

/** What is read: one node, or all that a project may see. */
export interface CablingScope {
  readonly node?: string | undefined;
  readonly project?: string | undefined;
}

/** The cabling of nodes in the order in which they were enrolled, some at a time. */
export async function* cablingOfNodes(db: Database, { node, project }: CablingScope): AsyncGenerator<NodeCabling> {
  for (let last = 0; ; ) {
    let query = db
      .selectFrom('nodes')
      .leftJoin('inventories', 'inventories.node_id', 'nodes.id')
      .select([
        'nodes.id',
        'nodes.uuid',
        'nodes.name',
        'inventory',
        'plugin_data',
        'inventories.created_at as found_at',
      ])
      .where('nodes.id', '>', last);
    query = node === undefined ? query : query.where('nodes.uuid', '=', node);
    for (const condition of ofProject(project)) {
      query = query.where(condition);
    }
    const rows = await query.orderBy('nodes.id').limit(NODES_AT_A_TIME).execute();
    last = rows.at(-1)?.id ?? last;
    const ids = rows.map(({ id }) => id);
    const ports =
      ids.length === 0 ? [] : await selectPorts(db).where('ports.node_id', 'in', ids).orderBy('ports.id').execute();
    for (const { id, uuid, name, inventory, plugin_data: pluginData, found_at: at } of rows) {
      const own = ports.filter(({ node_id }) => node_id === id).map(portFromRow);
      const hasFound = inventory !== null && pluginData !== null && at !== null;
      const found = hasFound
        ? { inventory: parseObject(inventory), pluginData: parseObject(pluginData), at }
        : undefined;
      yield { node: { uuid, name }, ports: own, ...(found === undefined ? {} : { found }) };
    }
    if (rows.length < NODES_AT_A_TIME) {
      return;
    }
  }
}

/** A port that names a switch. */
export interface LinkedPort {
  readonly uuid: string;
  readonly address: string;
  readonly node_uuid: string;
  readonly node_name: string | null;
  readonly physical_network: string | null;
  readonly link: JsonObject;
}

/** All ports that name a switch, of the nodes that a project may see. */
export async function linkedPorts(db: Database, project: string | undefined): Promise<readonly LinkedPort[]> {
  let query = db
    .selectFrom('ports')
    .innerJoin('nodes', 'nodes.id', 'ports.node_id')
    .select([
      'ports.uuid',
      'ports.address',
      'ports.physical_network',
      'ports.local_link_connection as link',
      'nodes.uuid as node_uuid',
      'nodes.name as node_name',
    ])
    .where('ports.local_link_connection', '!=', '{}');
  for (const condition of ofProject(project)) {
    query = query.where(condition);
  }
  const rows = await query.orderBy('ports.id').execute();
  return rows.map((row) => ({ ...row, link: parseObject(row.link) }));
}
