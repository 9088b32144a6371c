// The routes of our own beside those of the Bare Metal API: what a node went through, and what it waits for.
import { timelineAfter } from '../../store/timeline.ts';
import { countArgument } from '../core/query.ts';
import { okJson, type Route } from '../core/route.ts';
import { nodeOf } from '../nodes/locked.ts';
import type { Services } from '../services.ts';
import { wroughtConductorRoutes } from './conductors.ts';
import { consoleRoute } from './console.ts';
import { eventsRoute } from './events.ts';
import { networkVerifyRoute } from './network.ts';
import { readEventNumber } from './number.ts';
import { explain } from './why.ts';

const TIMELINE_LIMIT_DEFAULT = 100;
const TIMELINE_LIMIT_MAXIMUM = 1000;
/** Our own routes are not versioned by microversions; nodes may be named whatever the request's version is. */
const NEWEST = Number.POSITIVE_INFINITY;

export function wroughtRoutes(services: Services): readonly Route[] {
  return [
    eventsRoute(services),
    consoleRoute(services),
    ...wroughtConductorRoutes(services),
    networkVerifyRoute(services),
    {
      method: 'GET',
      path: '/wrought/v1/nodes/:node/timeline',
      policy: { onObject: 'baremetal:node:history:get' },
      query: ['after', 'limit'],
      handle: async (request) => {
        const node = await nodeOf(services, { ...request, minor: NEWEST });
        const limit = Math.min(countArgument(request.query, 'limit') ?? TIMELINE_LIMIT_DEFAULT, TIMELINE_LIMIT_MAXIMUM);
        const events = await timelineAfter(
          services.store.read,
          node.id,
          readEventNumber('after', request.query.after) ?? 0,
          limit,
        );
        return okJson({ events });
      },
    },
    {
      method: 'GET',
      path: '/wrought/v1/nodes/:node/switch-ports',
      // It logs in to switches, and names their addresses and users where that fails.
      policy: { onObject: 'baremetal:node:history:get' },
      handle: async (request) => {
        const node = await nodeOf(services, { ...request, minor: NEWEST });
        return okJson({ switch_ports: await services.doors.call.switchPorts(node) });
      },
    },
    {
      method: 'GET',
      path: '/wrought/v1/nodes/:node/why',
      policy: { onObject: 'baremetal:node:history:get' },
      handle: async (request) => {
        const node = await nodeOf(services, { ...request, minor: NEWEST });
        return okJson(await explain(services.store.read, node));
      },
    },
  ];
}
