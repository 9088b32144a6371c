// GET of where machines are plugged in otherwise than their ports say.
import { compareCabling } from '../../inspection/cabling.ts';
import { cablingOfNodes, linkedPorts } from '../../store/cabling.ts';
import { okJson, type Route } from '../core/route.ts';
import { nodeOf } from '../nodes/locked.ts';
import type { Services } from '../services.ts';

export function networkVerifyRoute(services: Services): Route {
  const { store, config } = services;
  return {
    method: 'GET',
    path: '/wrought/v1/network/verify',
    policy: { listAll: 'baremetal:node:list_all', listOwn: 'baremetal:node:list' },
    query: ['node'],
    handle: async (request) => {
      const project = request.access.listedProject();
      const { node: ident } = request.query;
      const node =
        ident === undefined
          ? undefined
          : await nodeOf(services, { ...request, minor: Number.POSITIVE_INFINITY }, ident);
      const nodes = cablingOfNodes(store.read, { node: node?.uuid, project });
      const { physical_network_cidr_map: map } = config().inspector;
      return okJson(await compareCabling(nodes, await linkedPorts(store.read, project), map));
    },
  };
}
