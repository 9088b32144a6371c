// Paths below `/v1/nodes` that look like a node or its sub-resource and are neither, with the answers that clients expect.
import { registeredError } from '@wrought/contract';
import { FrameworkError } from '../core/error-body.ts';
import { misplacedRoutes } from '../core/misplaced.ts';
import type { Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { nodeRowOf } from './view.ts';

/** Sub-resources whose name alone is no node. */
const subResources = ['traits', 'vifs', 'bios', 'history', 'inventory', 'firmware', 'vmedia', 'children', 'allocation'];

/** Paths that only lead on to others: no method works there. */
const withoutMethods = [
  '/v1/nodes/management',
  '/v1/nodes/:node/management',
  '/v1/nodes/:node/management/supported',
].map(
  (path): Route => ({
    method: 'GET',
    path,
    policy: 'anyone',
    query: null,
    handle: () => {
      throw new FrameworkError(405, 'No method is allowed here.', { headers: { Allow: '' } });
    },
  }),
);

export function reservedWordRoutes({ store }: Services): readonly Route[] {
  const notFound = subResources.map(
    (word): Route => ({
      method: 'GET',
      path: `/v1/nodes/${word}`,
      policy: 'anyone',
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
      policy: 'anyone',
      query: null,
      handle: () => {
        throw registeredError('MissingParameterValue', { reason: `Name the node: /v1/nodes/{node}/${word}.` });
      },
    }),
  );
  return [
    ...notFound,
    ...needsNode,
    ...misplacedRoutes({ path: '/v1/nodes', item: '/v1/nodes/:node', name: 'node', hasDetail: true }),
    ...withoutMethods,
    {
      method: 'GET',
      path: '/v1/nodes/:node/:word',
      policy: { onObject: 'baremetal:node:get' },
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
