// The inventory of a node in the store: what its last inspection found.
import type { JsonObject } from '@wrought/contract';
import type { Database } from './store.ts';
import { now } from './time.ts';

/** The inventory and the plugin data of a node as JSON text, or undefined when it was never inspected so. */
export async function findInventory(
  db: Database,
  nodeId: number,
): Promise<{ inventory: string; plugin_data: string } | undefined> {
  return db
    .selectFrom('inventories')
    .select(['inventory', 'plugin_data'])
    .where('node_id', '=', nodeId)
    .executeTakeFirst();
}

/** Keeps what an inspection found, in place of what an earlier one did. */
export async function writeInventory(
  db: Database,
  nodeId: number,
  inventory: JsonObject,
  pluginData: JsonObject,
): Promise<void> {
  await db.deleteFrom('inventories').where('node_id', '=', nodeId).execute();
  await db
    .insertInto('inventories')
    .values({
      node_id: nodeId,
      inventory: JSON.stringify(inventory),
      plugin_data: JSON.stringify(pluginData),
      created_at: now(),
      updated_at: null,
    })
    .execute();
}

/** Keeps other plugin data with what an inspection found. */
export async function replacePluginData(db: Database, nodeId: number, pluginData: JsonObject): Promise<void> {
  await db
    .updateTable('inventories')
    .set({ plugin_data: JSON.stringify(pluginData), updated_at: now() })
    .where('node_id', '=', nodeId)
    .execute();
}
