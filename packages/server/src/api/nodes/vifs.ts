// Routes of the virtual interfaces that are attached to a node.
import { isLogicalName, isUuidLike, registeredError } from '@wrought/contract';
import type { VifAttachment } from '../../flows/doors.ts';
import { objectBody, shownValue } from '../core/read-body.ts';
import { noContent, okJson, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { nodeOf } from './locked.ts';

/** Version that brought VIFs. */
const VIFS_SINCE = 28;

export function vifRoutes(services: Services): readonly Route[] {
  const { call } = services.doors;
  const since = VIFS_SINCE;
  return [
    {
      method: 'GET',
      path: '/v1/nodes/:node/vifs',
      policy: { onObject: 'baremetal:node:vif:list' },
      since,
      handle: async (request) => okJson({ vifs: await call.listVifs(await nodeOf(services, request)) }),
    },
    {
      method: 'POST',
      path: '/v1/nodes/:node/vifs',
      takes: { schema: () => ({ type: 'object', properties: { id: { type: 'string' } }, required: ['id'] }) },
      policy: { onObject: 'baremetal:node:vif:attach' },
      since,
      handle: async (request) => {
        const vif = readVif(request.body);
        await call.attachVif(await nodeOf(services, request), vif, { userToken: request.userToken });
        return noContent;
      },
    },
    {
      method: 'DELETE',
      path: '/v1/nodes/:node/vifs/:vif',
      policy: { onObject: 'baremetal:node:vif:detach' },
      since,
      handle: async (request) => {
        await call.detachVif(await nodeOf(services, request), request.params.vif ?? '');
        return noContent;
      },
    },
    {
      method: 'DELETE',
      path: '/v1/nodes/:node/vifs',
      policy: 'anyone',
      since,
      handle: () => {
        throw registeredError('MissingParameterValue', { reason: 'Name the VIF in the path: .../vifs/{vif}.' });
      },
    },
  ];
}

/** Members other than these are for the network interface and pass unread. */
function readVif(body: unknown): VifAttachment {
  const vif = objectBody(body);
  const { id, port_uuid: port, portgroup_uuid: portgroup } = vif;
  if (typeof id !== 'string' || !(isUuidLike(id) || isLogicalName(id))) {
    throw registeredError('InvalidUuidOrName', { name: typeof id === 'string' ? id : shownValue(id) });
  }
  if (port !== undefined && portgroup !== undefined) {
    throw registeredError('Invalid', {
      reason: 'A VIF is attached to a port or to a port group: give port_uuid or portgroup_uuid, not both.',
    });
  }
  return vif as VifAttachment;
}
