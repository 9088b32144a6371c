// Port groups that live as long as the VIF that is attached to them.
import type { Portgroup } from '@wrought/contract';
import { deletePortgroup, insertPortgroup, portgroupTable } from './portgroups.ts';
import type { StoreTransaction } from './store.ts';
import { now } from './time.ts';

/** Makes the group of these ports, which must be in none. Safe to repeat. */
export async function makeDynamicPortgroup(
  trx: StoreTransaction,
  nodeId: number,
  { id: _none, node_uuid: _node, created_at: _at, updated_at: _changed, ...values }: Portgroup,
  ports: readonly string[],
): Promise<void> {
  if ((await portgroupTable.find(trx, values.uuid)) !== undefined) {
    return;
  }
  await insertPortgroup(trx, { ...values, node_id: nodeId });
  await trx
    .updateTable('ports')
    .set({ portgroup_uuid: values.uuid, updated_at: now() })
    .where('node_id', '=', nodeId)
    .where('uuid', 'in', [...ports])
    .where('portgroup_uuid', 'is', null)
    .execute();
}

/** Takes the ports out of the group, and deletes it. Safe to repeat; a group that somebody made by hand stays. */
export async function dissolvePortgroup(trx: StoreTransaction, uuid: string): Promise<void> {
  const row = await portgroupTable.find(trx, uuid);
  if (row === undefined || row.dynamic_portgroup !== 1) {
    return;
  }
  await trx
    .updateTable('ports')
    .set({ portgroup_uuid: null, updated_at: now() })
    .where('portgroup_uuid', '=', uuid)
    .execute();
  await deletePortgroup(trx, row);
}
