// Routes of the vendor methods of a node.
import type { Route, RoutePolicy } from '../core/route.ts';
import { methodList, passthruRoutes } from '../core/vendor-passthru.ts';
import type { Services } from '../services.ts';
import { identArgument } from './ident-argument.ts';
import { nodeOf } from './locked.ts';

const policy: RoutePolicy = { onObject: 'baremetal:node:vendor_passthru' };

export function vendorPassthruRoutes(services: Services): readonly Route[] {
  const { vendor } = services.doors.call;
  return [
    ...passthruRoutes({
      owner: '/v1/nodes/:node',
      policy,
      methods: async (request) => vendor.methodsOfNode(await nodeOf(services, request)),
      call: async (request, vendorRequest) => vendor.callOfNode(await nodeOf(services, request), vendorRequest),
    }),
    {
      method: 'GET',
      path: '/v1/nodes/vendor_passthru/methods',
      policy,
      query: ['node_ident'],
      handle: async (request) =>
        methodList(vendor.methodsOfNode(await nodeOf(services, request, identArgument(request, ['node_ident'])))),
    },
  ];
}
