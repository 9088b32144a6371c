import type { Route } from '../core/route.ts';
import type { Services } from '../services.ts';

export function conductorRoutes(_: Services): readonly Route[] {
  return [];
}
