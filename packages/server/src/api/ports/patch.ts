// PATCH of a port.
import { isDeepStrictEqual } from 'node:util';
import {
  type Node,
  type Port,
  portConnectivityFields,
  portConnectivityUpdateStates,
  portResource,
  quirks,
  registeredError,
} from '@wrought/contract';
import { findNodeById } from '../../store/nodes.ts';
import { type PortChanges, type PortRow, portTable } from '../../store/port-list.ts';
import { portFromRow } from '../../store/ports.ts';
import { tellingCarrier } from '../core/carrier-change.ts';
import { applyPatch, readPatch } from '../core/patch.ts';
import { recorded } from '../core/recorded.ts';
import type { ApiRequest } from '../core/route.ts';
import { nodeToMoveTo, refuseWhileInspecting } from '../nodes/belongings.ts';
import type { Services } from '../services.ts';
import { checkPatchedPort } from './portgroup.ts';
import { checkLinkVersion, portWriteError } from './rules.ts';
import { portRowOf } from './view.ts';

const rules = { versionChecked: quirks.portFieldsCheckedInPatch };

/** Changes a port. @throws RegisteredError 400, 404, 406 and 409 */
export async function patchPort(request: ApiRequest, services: Services): Promise<PortRow> {
  const { minor } = request;
  const { store, doors } = services;
  const operations = readPatch(portResource, request.body, minor, rules);
  const { uuid, node_id } = await portRowOf(store, request);
  const node = await findNodeById(store.read, node_id);
  if (node === undefined) {
    throw registeredError('PortNotFound', { port: uuid });
  }
  return doors.call.withLock(node, 'change of a port', async (fresh) => {
    const present = await portTable.find(store.read, uuid);
    if (present === undefined) {
      throw registeredError('PortNotFound', { port: uuid });
    }
    const port = portFromRow(present);
    const values = applyPatch(portResource, { ...port }, operations) as Partial<Port>;
    const changes = await changesOf(port, values, fresh, request, services);
    const write = tellingCarrier(services, fresh, port, changes, () =>
      recorded(services, { object: 'port', action: 'update', asked: present }, (trx) =>
        portTable.update(trx, port.id, changes),
      ),
    );
    const updated = await write.catch((error: unknown) => {
      throw portWriteError(error, { ...values, uuid });
    });
    if (updated === undefined) {
      throw registeredError('PortNotFound', { port: uuid });
    }
    return updated;
  });
}

async function changesOf(
  port: Port,
  values: Partial<Port>,
  node: Node,
  { minor, access }: ApiRequest,
  services: Services,
): Promise<PortChanges> {
  const { node_uuid: nodeUuid, ...rest } = values;
  refuseWhileInspecting(`Port ${port.uuid}`, node, minor);
  checkLinkVersion(values.local_link_connection, minor);
  checkStates(port, values, node);
  const isMoved = typeof nodeUuid === 'string' && nodeUuid !== port.node_uuid;
  const after = isMoved ? await nodeToMoveTo(services, access, { what: 'port', from: node, uuid: nodeUuid }) : node;
  await checkPatchedPort(
    services,
    { port: { ...port, ...values }, changed: changedFields(port, values), minor },
    after,
  );
  return isMoved ? { ...rest, node_id: after.id } : rest;
}

/** The fields that would not be what they were. */
export function changedFields(port: Port, values: Partial<Port>): ReadonlySet<keyof Port> {
  const names = Object.keys(values) as (keyof Port)[];
  return new Set(names.filter((name) => !isDeepStrictEqual(values[name], port[name])));
}

/** Whether the state of the node lets its port change so. @throws RegisteredError 409 */
export function checkStates(port: Port, values: Partial<Port>, node: Node): void {
  const changed = changedFields(port, values);
  if (changed.has('address') && !node.maintenance) {
    checkAddressChange(port, node);
  }
  const connectivity = portConnectivityFields.filter((name) => changed.has(name));
  if (connectivity.length > 0 && !node.maintenance && !portConnectivityUpdateStates.has(node.provision_state)) {
    throw registeredError('InvalidState', {
      reason:
        `The fields ${connectivity.join(', ')} of port ${port.uuid} can not be changed while its node ${node.uuid} is in state ` +
        `"${node.provision_state}"; allowed: ${[...portConnectivityUpdateStates].join(', ')}, and any state in maintenance.`,
    });
  }
}

function checkAddressChange(port: Port, node: Node): void {
  if (node.provision_state === 'active' || node.instance_uuid !== null) {
    throw registeredError('InvalidState', {
      reason: `The address of port ${port.uuid} can not be changed while its node ${node.uuid} is in use; set maintenance first.`,
    });
  }
}
