// DELETE of a port.
import { type Node, registeredError } from '@wrought/contract';
import { findNodeById } from '../../store/nodes.ts';
import { type PortRow, portTable } from '../../store/port-list.ts';
import { portFromRow } from '../../store/ports.ts';
import { recorded } from '../core/recorded.ts';
import type { ApiRequest } from '../core/route.ts';
import type { Services } from '../services.ts';
import { vifOf } from './portgroup.ts';
import { portRowOf } from './view.ts';

/** Deletes a port. @throws RegisteredError 404 and 409 */
export async function deletePort(request: ApiRequest, services: Services): Promise<void> {
  const { store, doors } = services;
  const row = await portRowOf(store, request);
  const node = await findNodeById(store.read, row.node_id);
  if (node === undefined) {
    throw registeredError('PortNotFound', { port: row.uuid });
  }
  await doors.call.withLock(node, 'deletion of a port', async (fresh) => {
    checkAttached(row, fresh);
    await recorded(services, { object: 'port', action: 'delete', asked: row }, (trx) => portTable.delete(trx, row.id));
  });
}

/** A port of a running machine that carries a virtual interface stays. @throws RegisteredError 409 */
function checkAttached(row: PortRow, node: Node): void {
  const vif = vifOf(portFromRow(row));
  const inUse = node.instance_uuid !== null || node.provision_state === 'active';
  if (vif !== undefined && inUse && !node.maintenance) {
    throw registeredError('InvalidState', {
      reason: `Port ${row.uuid} can not be deleted: VIF ${String(vif)} is attached to it. Detach it, or set maintenance, first.`,
    });
  }
}
