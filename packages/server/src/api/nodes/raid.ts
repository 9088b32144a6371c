// PUT of the logical disks that a node is to have.
import { raidConfig, registeredError } from '@wrought/contract';
import { readValue } from '../core/read-body.ts';
import { noContent, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { changeNode } from './change.ts';
import { nodeOf } from './locked.ts';

export function raidRoutes(services: Services): readonly Route[] {
  return [
    {
      method: 'PUT',
      path: '/v1/nodes/:node/states/raid',
      policy: { onObject: 'baremetal:node:set_raid_state' },
      since: 12,
      tooOld: 'fault 406',
      handle: async (request) => {
        const wanted = readValue('target_raid_config', raidConfig, request.body ?? {}) as Record<string, unknown>;
        const node = await nodeOf(services, request);
        if (!services.doors.call.hasRaid(node)) {
          throw registeredError('NotFound', {
            reason: `The raid interface "${node.raid_interface}" of node ${node.uuid} makes no logical disks.`,
          });
        }
        await changeNode(services, request, 'change of the RAID configuration', () => ({ target_raid_config: wanted }));
        return noContent;
      },
    },
  ];
}
