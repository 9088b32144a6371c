// Paths below `/v1/nodes` that look like a node or its sub-resource and are neither, with the answers that clients expect.
import { registeredError } from '@wrought/contract';
import { FrameworkError } from '../core/error-body.ts';
import { missingIdentRoutes } from '../core/missing-ident.ts';
import type { ApiRequest, Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { nodeRowOf } from './view.ts';

/** Sub-resources whose name alone is no node. */
const subResources = ['traits', 'vifs', 'bios', 'history', 'inventory', 'firmware', 'vmedia', 'children', 'allocation'];

export function reservedWordRoutes({ store }: Services): readonly Route[] {
  const notFound = subResources.map(
    (word): Route => ({
      method: 'GET',
      path: `/v1/nodes/${word}`,
      query: null,
      handle: () => {
        throw new FrameworkError(404, `"${word}" is a sub-resource of a node; name the node before it.`);
      },
    }),
  );
  const needsNode = ['states', 'vendor_passthru'].map(
    (word): Route => ({
      method: 'GET',
      path: `/v1/nodes/${word}`,
      query: null,
      handle: () => {
        throw registeredError('MissingParameterValue', { reason: `Name the node: /v1/nodes/{node}/${word}.` });
      },
    }),
  );
  return [
    ...notFound,
    ...needsNode,
    ...missingIdentRoutes('/v1/nodes', 'node'),
    {
      method: 'POST',
      path: '/v1/nodes/:node',
      query: null,
      handle: ({ params }: ApiRequest) => {
        throw registeredError('Invalid', {
          reason: `New nodes are posted to /v1/nodes; "${params.node}" in the path is unexpected.`,
        });
      },
    },
    {
      method: 'GET',
      path: '/v1/nodes/:node/:word',
      query: null,
      handle: async (request) => {
        await nodeRowOf(store, request);
        throw registeredError('InvalidParameterValue', {
          reason: `A node has no field or sub-resource "${request.params.word}".`,
        });
      },
    },
  ];
}
