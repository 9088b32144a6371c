// The routes of nodes and of what lies below them.
import type { Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { createRoutes } from './create.ts';
import { deleteRoutes } from './delete.ts';
import { listRoutes } from './list.ts';
import { showRoutes } from './show.ts';
import { nodeView } from './view.ts';

export function nodeRoutes(services: Services): readonly Route[] {
  const view = nodeView(services);
  return [
    ...listRoutes(services, view),
    ...createRoutes(services, view),
    ...showRoutes(services, view),
    ...deleteRoutes(services),
  ];
}
