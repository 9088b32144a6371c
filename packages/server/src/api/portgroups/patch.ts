// PATCH of a port group.
import { type Node, type Portgroup, portgroupResource, registeredError } from '@wrought/contract';
import { findNodeById } from '../../store/nodes.ts';
import { type PortgroupRow, portgroupFromRow, portsOfPortgroup, updatePortgroup } from '../../store/portgroups.ts';
import { tellingCarrier } from '../core/carrier-change.ts';
import { applyPatch, type Operation, readPatch } from '../core/patch.ts';
import { recorded } from '../core/recorded.ts';
import type { ApiRequest } from '../core/route.ts';
import { nodeToMoveTo, refuseWhileInspecting } from '../nodes/belongings.ts';
import type { Services } from '../services.ts';
import { checkMove, checkStandalonePorts, portgroupWriteError } from './rules.ts';
import { portgroupRowOf } from './view.ts';

/** Changes a port group. @throws RegisteredError 400, 404, 406 and 409 */
export async function patchPortgroup(request: ApiRequest, services: Services): Promise<PortgroupRow> {
  const { store, doors } = services;
  const operations = readPatch(portgroupResource, request.body, request.minor);
  const row = await portgroupRowOf(request, services);
  const node = await findNodeById(store.read, row.node_id);
  if (node === undefined) {
    throw registeredError('PortgroupNotFound', { portgroup: row.uuid });
  }
  return doors.call.withLock(node, 'change of a port group', async (fresh) => {
    const present = portgroupFromRow(await portgroupRowOf(request, services));
    const changes = await changesOf(present, operations, fresh, request, services);
    const write = tellingCarrier(services, fresh, present, changes, () =>
      recorded(services, { object: 'portgroup', action: 'update', asked: present }, (trx) =>
        updatePortgroup(trx, present, changes),
      ),
    );
    const updated = await write.catch((error: unknown) => {
      throw portgroupWriteError(error, { ...present, ...changes });
    });
    if (updated === undefined) {
      throw registeredError('PortgroupNotFound', { portgroup: row.uuid });
    }
    return updated;
  });
}

async function changesOf(
  present: Portgroup,
  operations: readonly Operation[],
  node: Node,
  { minor, access }: ApiRequest,
  services: Services,
): Promise<Partial<Portgroup>> {
  if (operations.some(({ op, path }) => op === 'remove' && path.join('/') === 'mode')) {
    throw registeredError('Invalid', { reason: 'The field mode of a port group is required and can not be removed.' });
  }
  const sent = applyPatch(portgroupResource, { ...present }, operations) as Partial<Portgroup>;
  const { node_uuid: nodeUuid, ...values } = sent;
  refuseWhileInspecting(`Port group ${present.uuid}`, node, minor);
  const ports = await portsOfPortgroup(services.store.read, present.uuid);
  if (values.standalone_ports_supported === false && present.standalone_ports_supported) {
    checkStandalonePorts(present, node, ports);
  }
  const changes = {
    ...values,
    ...('mode' in values ? { mode: values.mode ?? services.config().network.default_portgroup_mode } : {}),
  };
  if (nodeUuid === undefined || nodeUuid === present.node_uuid) {
    return changes;
  }
  checkMove(present, node, ports);
  const { id } = await nodeToMoveTo(services, access, { what: 'port group', from: node, uuid: nodeUuid });
  return { ...changes, node_id: id };
}
