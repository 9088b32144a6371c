// GET of one node.
import { nodeResource } from '@wrought/contract';
import { allVisible, selectedFields } from '../core/fields.ts';
import { type Answer, type ApiRequest, ok, type Route } from '../core/route.ts';
import { writeContext } from '../core/serialize.ts';
import type { Services } from '../services.ts';
import { nodeRedaction } from './redaction.ts';
import { type NodeView, nodeRowOf } from './view.ts';

export function showRoutes({ store }: Services, view: NodeView): readonly Route[] {
  const show = async (request: ApiRequest): Promise<Answer> => {
    const { minor, query } = request;
    const fields = selectedFields(nodeResource, minor, query) ?? allVisible(nodeResource, minor);
    const row = await nodeRowOf(store, request);
    const write = view.writer(minor, fields);
    return ok(write(nodeRedaction(request.access)(row), writeContext(request, nodeResource.collection)));
  };
  return [
    {
      method: 'GET',
      path: '/v1/nodes/:node',
      policy: { onObject: 'baremetal:node:get' },
      query: ['fields'],
      gives: { one: nodeResource },
      handle: show,
    },
  ];
}
