// GET of a node's states.
import { nodeResource, nodeStatesFields } from '@wrought/contract';
import { ok, type Route } from '../core/route.ts';
import { writeContext } from '../core/serialize.ts';
import type { Services } from '../services.ts';
import { nodeRedaction } from './redaction.ts';
import { type NodeView, nodeRowOf } from './view.ts';

export function statesRoutes({ store }: Services, view: NodeView): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/nodes/:node/states',
      policy: { onObject: 'baremetal:node:get_states' },
      handle: async (request) => {
        const { minor } = request;
        const fields = nodeStatesFields.filter((name) => nodeResource.fields[name].since <= minor);
        const row = await nodeRowOf(store, request);
        const write = view.writer(minor, fields);
        return ok(write(nodeRedaction(request.access)(row), writeContext(request, nodeResource.collection)));
      },
    },
  ];
}
