// DELETE of a port.
import { type Node, registeredError } from '@wrought/contract';
import { findNodeById } from '../../store/nodes.ts';
import { deletePort, type PortRow } from '../../store/port-list.ts';
import { portFromRow } from '../../store/ports.ts';
import { noContent, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { portRowOf } from './view.ts';

export function deleteRoutes(services: Services): readonly Route[] {
  const { store, doors } = services;
  return [
    {
      method: 'DELETE',
      path: '/v1/ports/:port',
      handle: async (request) => {
        const row = await portRowOf(store, request);
        const node = await findNodeById(store.read, row.node_id);
        if (node === undefined) {
          throw registeredError('PortNotFound', { port: row.uuid });
        }
        await doors.call.withLock(node, 'deletion of a port', async (fresh) => {
          checkAttached(row, fresh);
          await store.transaction((trx) => deletePort(trx, row.id));
        });
        return noContent;
      },
    },
  ];
}

/** A port of a running machine that carries a virtual interface stays. @throws RegisteredError 409 */
function checkAttached(row: PortRow, node: Node): void {
  const { internal_info, extra } = portFromRow(row);
  const vif = internal_info.tenant_vif_port_id ?? extra.vif_port_id;
  const inUse = node.instance_uuid !== null || node.provision_state === 'active';
  if (vif !== undefined && inUse && !node.maintenance) {
    throw registeredError('InvalidState', {
      reason: `Port ${row.uuid} can not be deleted: VIF ${String(vif)} is attached to it. Detach it, or set maintenance, first.`,
    });
  }
}
