// Access rules of application credentials: the only requests that a token made with such a credential may be used for.
import type { FastifyInstance } from 'fastify';
import type { AccessRule } from '../../openstack/keystone/token.ts';
import { FrameworkError } from '../core/error-body.ts';

/** `{name}` and `*` are one segment of a path, `**` is any rest; everything else is meant as it stands. */
const PATTERN_PARTS = /\{[^}]*\}|\*\*|\*|[^{*]+|\{/g;

/** Whether the pattern is the whole path. The time is linear in the path for each part, as callers write their own rules. */
function matchesPath(pattern: string, path: string): boolean {
  // Where in the path the parts so far can end.
  let ends: ReadonlySet<number> = new Set([0]);
  for (const part of pattern.match(PATTERN_PARTS) ?? []) {
    if (part === '**') {
      const first = [...ends].reduce((least, end) => Math.min(least, end));
      ends = new Set(Array.from({ length: path.length + 1 - first }, (_, index) => first + index));
    } else if (part === '*' || /^\{.*\}$/.test(part)) {
      ends = segmentEnds(path, ends);
    } else {
      ends = new Set([...ends].filter((end) => path.startsWith(part, end)).map((end) => end + part.length));
    }
    if (ends.size === 0) {
      return false;
    }
  }
  return ends.has(path.length);
}

/** Where one or more characters other than "/" can end that begin at one of the places. */
function segmentEnds(path: string, starts: ReadonlySet<number>): ReadonlySet<number> {
  const ends = new Set<number>();
  let isWithin = false;
  for (let at = 0; at < path.length; at += 1) {
    isWithin = path[at] !== '/' && (isWithin || starts.has(at));
    if (isWithin) {
      ends.add(at + 1);
    }
  }
  return ends;
}

/** Whether one of the rules allows a request of this service; `serviceType` null allows none. */
export function isAllowedBy(
  rules: readonly AccessRule[],
  serviceType: string | null,
  request: { readonly method: string; readonly path: string },
): boolean {
  return rules.some(
    ({ service, method, path }) =>
      serviceType !== null && service === serviceType && method === request.method && matchesPath(path, request.path),
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
