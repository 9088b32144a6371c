// POST of a port.
import { randomUUID } from 'node:crypto';
import { type Node, portResource, registeredError } from '@wrought/contract';
import { findNode } from '../../store/nodes.ts';
import { findPortRow, insertPort, type PortChanges } from '../../store/port-list.ts';
import { readCreate } from '../core/read-body.ts';
import { type Answer, type ApiRequest, created, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { checkLinkVersion, checkPortgroup, checkSmartnic, portWriteError } from './rules.ts';
import { portJson } from './view.ts';

type SentPort = PortChanges & { address: string; node_uuid?: string; node_ident?: string };

export function createRoutes(services: Services): readonly Route[] {
  return [{ method: 'POST', path: '/v1/ports', handle: (request) => create(request, services) }];
}

async function create(request: ApiRequest, services: Services): Promise<Answer> {
  const { minor, base } = request;
  const { node_uuid, node_ident, ...sent } = readCreate(portResource, request.body, minor) as SentPort;
  checkLinkVersion(sent.local_link_connection, minor);
  checkSmartnic(sent);
  const node = await nodeFor(services, node_uuid, node_ident);
  checkPortgroup(sent.portgroup_uuid);
  const uuid = sent.uuid ?? randomUUID();
  const values = { ...sent, uuid, is_smartnic: sent.is_smartnic === true };
  const row = await services.doors.call.withLock(node, 'creation of a port', async (fresh) => {
    const insert = services.store.transaction(async (trx) => {
      await insertPort(trx, { ...values, node_id: fresh.id });
      return findPortRow(trx, uuid);
    });
    return insert.catch((error: unknown) => {
      throw portWriteError(error, values);
    });
  });
  return created(portJson(row ?? {}, request), `${base}/v1/ports/${uuid}`);
}

async function nodeFor(services: Services, uuid: string | undefined, ident: string | undefined): Promise<Node> {
  if ((uuid === undefined) === (ident === undefined)) {
    throw registeredError('Invalid', {
      reason: 'A new port names its node by exactly one of node_uuid and node_ident.',
    });
  }
  const named = uuid ?? ident ?? '';
  const node = await findNode(services.store.read, named);
  if (node === undefined) {
    throw registeredError('Invalid', {
      reason: `The field ${uuid === undefined ? 'node_ident' : 'node_uuid'} names node ${named}, which could not be found.`,
    });
  }
  return node;
}
