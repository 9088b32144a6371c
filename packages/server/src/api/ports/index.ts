// The routes of ports.
import { portResource, registeredError } from '@wrought/contract';
import { listPortRows } from '../../store/port-list.ts';
import { ownedPolicy, plainRoutes } from '../core/plain.ts';
import type { Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { createPort } from './create.ts';
import { deletePort } from './delete.ts';
import { childRoutes, readPortFilters } from './list.ts';
import { patchPort } from './patch.ts';
import { portListing, portRowOf } from './view.ts';

export function portRoutes(services: Services): readonly Route[] {
  const { store } = services;
  return [
    ...plainRoutes(services, {
      ...portListing(store.read),
      parameter: 'port',
      policy: ownedPolicy('port'),
      filters: Object.keys(portResource.filters),
      hasDetail: true,
      rows: async (request, page) => listPortRows(store.read, await readPortFilters(request, services), page),
      rowOf: (request) => portRowOf(store, request),
      create: (request) => createPort(request, services),
      patch: (request) => patchPort(request, services),
      remove: (request) => deletePort(request, services),
    }),
    ...childRoutes(services),
    {
      method: 'GET',
      path: '/v1/ports/:port/detail',
      policy: { onObject: 'baremetal:port:get' },
      query: null,
      handle: async (request) => {
        const { uuid } = await portRowOf(store, request);
        throw registeredError('NotFound', { reason: `Port ${uuid} has no sub-resource "detail".` });
      },
    },
  ];
}
