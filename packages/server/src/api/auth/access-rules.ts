// Access rules of application credentials: the only requests that a token made with such a credential may be used for.
import type { FastifyInstance } from 'fastify';
import type { AccessRule } from '../../openstack/keystone/token.ts';
import { FrameworkError } from '../core/error-body.ts';

/** `{name}` and `*` are one segment of a path, `**` is any rest; everything else is meant as it stands. */
const PATTERN_PARTS = /\{[^}]*\}|\*\*|\*|[^{*]+|\{/g;

function pathPattern(path: string): RegExp {
  const parts = path.match(PATTERN_PARTS) ?? [];
  const source = parts.map((part) => {
    if (part === '**') {
      return '.*';
    }
    return part === '*' || /^\{.*\}$/.test(part) ? '[^/]+' : RegExp.escape(part);
  });
  return new RegExp(`^${source.join('')}$`);
}

/** Whether one of the rules allows a request of this service; `serviceType` null allows none. */
export function isAllowedBy(
  rules: readonly AccessRule[],
  serviceType: string | null,
  request: { readonly method: string; readonly path: string },
): boolean {
  return rules.some(
    ({ service, method, path }) =>
      serviceType !== null &&
      service === serviceType &&
      method === request.method &&
      pathPattern(path).test(request.path),
  );
}

/**
 * Refuses requests that the access rules of the caller's token leave out. To be added to an application that knows the callers
 * of its requests, before it is ready.
 */
export function enforceAccessRules(
  app: FastifyInstance,
  { serviceType, challenge }: { serviceType: string | null; challenge: Readonly<Record<string, string>> },
): void {
  app.addHook('onRequest', async ({ method, call: { caller, path } }) => {
    const rules = caller?.access_rules;
    if (rules === undefined || isAllowedBy(rules, serviceType, { method, path })) {
      return;
    }
    const allowed = rules.map((rule) => `${rule.service}: ${rule.method} ${rule.path}`).join(', ');
    throw new FrameworkError(
      401,
      `The application credential of this token may not be used for ${method} ${path} of the service "${serviceType ?? ''}"; its access rules allow: ${allowed || 'nothing'}.`,
      { headers: challenge },
    );
  });
}
