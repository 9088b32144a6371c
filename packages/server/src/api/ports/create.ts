// POST of a port.
import { randomUUID } from 'node:crypto';
import { type Node, portResource, registeredError } from '@wrought/contract';
import { insertPort, type PortChanges, type PortRow } from '../../store/port-list.ts';
import { readCreate } from '../core/read-body.ts';
import { recorded } from '../core/recorded.ts';
import type { ApiRequest } from '../core/route.ts';
import { namedNode } from '../nodes/belongings.ts';
import type { Services } from '../services.ts';
import { checkNewPort, checkPhysicalNetwork, portgroupFor } from './portgroup.ts';
import { checkLinkVersion, checkSmartnic, portWriteError } from './rules.ts';

type SentPort = PortChanges & { address: string; node_uuid?: string; node_ident?: string };

/** Makes a port. @throws RegisteredError 400, 406 and 409 */
export async function createPort(request: ApiRequest, services: Services): Promise<PortRow> {
  const { minor } = request;
  const { node_uuid, node_ident, ...sent } = readCreate(portResource, request.body, minor) as SentPort;
  checkLinkVersion(sent.local_link_connection, minor);
  checkSmartnic(sent);
  const node = await nodeFor(services, request, node_uuid, node_ident);
  const uuid = sent.uuid ?? randomUUID();
  const values = { ...sent, uuid, is_smartnic: sent.is_smartnic === true };
  return services.doors.call.withLock(node, 'creation of a port', async (fresh) => {
    if (typeof sent.portgroup_uuid === 'string') {
      const portgroup = await portgroupFor(services, sent.portgroup_uuid, fresh);
      checkNewPort(portgroup, sent.pxe_enabled);
      await checkPhysicalNetwork(services, portgroup, { uuid, physical_network: sent.physical_network ?? null });
    }
    const change = { object: 'port', action: 'create', asked: { ...values, node_uuid: fresh.uuid } } as const;
    const insert = recorded(services, change, (trx) => insertPort(trx, { ...values, node_id: fresh.id }));
    return insert.catch((error: unknown) => {
      throw portWriteError(error, values);
    });
  });
}

async function nodeFor(
  services: Services,
  { access }: ApiRequest,
  uuid: string | undefined,
  ident: string | undefined,
): Promise<Node> {
  if ((uuid === undefined) === (ident === undefined)) {
    throw registeredError('Invalid', {
      reason: 'A new port names its node by exactly one of node_uuid and node_ident.',
    });
  }
  return namedNode(services, access, uuid === undefined ? 'node_ident' : 'node_uuid', uuid ?? ident ?? '');
}
