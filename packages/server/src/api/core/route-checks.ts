// Checks that every route has in common: the version that brought it, and the form of the idents in its path.
import { registeredError, versionText } from '@wrought/contract';
import { FrameworkError } from './error-body.ts';
import type { Route } from './route.ts';

/** Tells a client that speaks an older version than the route. @throws always */
export function refuseTooOld(route: Route, minor: number): never {
  const since = route.since ?? 1;
  const reason = `${route.method} ${route.path} needs API version ${versionText(since)}; this request uses ${versionText(minor)}.`;
  switch (route.tooOld ?? 'framework 404') {
    case 'fault 404':
      throw registeredError('NotFound', { reason });
    case 'fault 405':
      throw registeredError('MethodNotAllowed', { method: `${route.method} (${reason})` });
    case 'fault 406':
      throw registeredError('NotAcceptable', { reason });
    case 'framework 404':
      throw new FrameworkError(404, reason);
    case 'framework 405':
      throw new FrameworkError(405, reason);
  }
}

/** Parameters of paths whose things have names. */
const named = ['node', 'template', 'portgroup', 'allocation', 'runbook'] as const;
const IDENT = /^[A-Za-z0-9\-._~]+$/;

/** Path elements that stand for something with a name: a UUID or a logical name. @throws FrameworkError 400 */
export function checkIdent(params: Readonly<Record<string, string>>): void {
  for (const ident of named.map((name) => params[name])) {
    if (ident !== undefined && !IDENT.test(ident)) {
      throw new FrameworkError(400, `Expected a UUID or a logical name in the path but received "${ident}".`);
    }
  }
}
