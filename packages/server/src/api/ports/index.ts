// The routes of ports.
import { portResource, registeredError } from '@wrought/contract';
import { allVisible, selectedFields } from '../core/fields.ts';
import { misplacedRoutes } from '../core/misplaced.ts';
import { ok, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { createRoutes } from './create.ts';
import { deleteRoutes } from './delete.ts';
import { listRoutes } from './list.ts';
import { patchRoutes } from './patch.ts';
import { portRowOf, portWriter } from './view.ts';

export function portRoutes(services: Services): readonly Route[] {
  return [
    ...listRoutes(services),
    ...createRoutes(services),
    {
      method: 'GET',
      path: '/v1/ports/:port',
      query: ['fields'],
      handle: async (request) => {
        const { minor, query, base } = request;
        const fields = selectedFields(portResource, minor, query) ?? allVisible(portResource, minor);
        const row = await portRowOf(services.store, request);
        return ok(portWriter(minor, fields)(row, { base, collection: portResource.collection }));
      },
    },
    {
      method: 'GET',
      path: '/v1/ports/:port/detail',
      query: null,
      handle: async (request) => {
        const { uuid } = await portRowOf(services.store, request);
        throw registeredError('NotFound', { reason: `Port ${uuid} has no sub-resource "detail".` });
      },
    },
    ...patchRoutes(services),
    ...deleteRoutes(services),
    ...misplacedRoutes({ path: '/v1/ports', item: '/v1/ports/:port', name: 'port', hasDetail: true }),
  ];
}
