// GET of one node.
import { nodeResource } from '@wrought/contract';
import { allVisible, selectedFields } from '../core/fields.ts';
import { type Answer, type ApiRequest, ok, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { type NodeView, nodeRowOf } from './view.ts';

export function showRoutes({ store }: Services, view: NodeView): readonly Route[] {
  const show = async (request: ApiRequest): Promise<Answer> => {
    const { minor, query, base } = request;
    const fields = selectedFields(nodeResource, minor, query) ?? allVisible(nodeResource, minor);
    const row = await nodeRowOf(store, request);
    return ok(view.writer(minor, fields)(row, { base, collection: nodeResource.collection }));
  };
  return [{ method: 'GET', path: '/v1/nodes/:node', query: ['fields'], handle: show }];
}
