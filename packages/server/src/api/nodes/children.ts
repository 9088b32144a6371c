// GET of the children of a node.
import { childrenOf } from '../../store/node-list.ts';
import { okJson, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { nodeOf } from './locked.ts';

export function childrenRoutes(services: Services): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/nodes/:node/children',
      policy: { onObject: 'baremetal:node:get' },
      since: 83,
      handle: async (request) => {
        const node = await nodeOf(services, request);
        const href = `${request.base}/v1/nodes/${node.uuid}/children`;
        return okJson({
          children: await childrenOf(services.store.read, node.uuid),
          links: { href, rel: 'children' },
        });
      },
    },
  ];
}
