// GET of a node's states.
import { nodeResource, nodeStatesFields } from '@wrought/contract';
import { ok, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { type NodeView, nodeRowOf } from './view.ts';

export function statesRoutes({ store }: Services, view: NodeView): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/nodes/:node/states',
      handle: async (request) => {
        const { minor, base } = request;
        const fields = nodeStatesFields.filter((name) => nodeResource.fields[name].since <= minor);
        const row = await nodeRowOf(store, request);
        return ok(view.writer(minor, fields)(row, { base, collection: nodeResource.collection }));
      },
    },
  ];
}
