// POST of a port group.
import { randomUUID } from 'node:crypto';
import { type Portgroup, portgroupResource } from '@wrought/contract';
import { insertPortgroup, type PortgroupRow } from '../../store/portgroups.ts';
import { readCreate } from '../core/read-body.ts';
import type { ApiRequest } from '../core/route.ts';
import { namedNode, withNode } from '../nodes/belongings.ts';
import type { Services } from '../services.ts';
import { portgroupWriteError } from './rules.ts';

type SentPortgroup = Partial<Portgroup> & Pick<Portgroup, 'node_uuid'>;

/** Makes a port group. @throws RegisteredError 400, 406 and 409 */
export async function createPortgroup(request: ApiRequest, services: Services): Promise<PortgroupRow> {
  const { node_uuid, ...sent } = readCreate(portgroupResource, request.body, request.minor) as SentPortgroup;
  const node = await namedNode(services, request.access, 'node_uuid', node_uuid);
  const values = {
    ...sent,
    uuid: sent.uuid ?? randomUUID(),
    mode: sent.mode ?? services.config().network.default_portgroup_mode,
  };
  const change = { object: 'portgroup', action: 'create', asked: { ...values, node_uuid: node.uuid } } as const;
  return withNode(services, node, change, (trx, { id }) => insertPortgroup(trx, { ...values, node_id: id })).catch(
    (error: unknown) => {
      throw portgroupWriteError(error, values);
    },
  );
}
