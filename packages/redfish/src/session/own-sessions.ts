// Which sessions at which service are ours: those in use in this process, and those that could not be closed.
import type { Headers } from '../http/connection.ts';

/** A session as far as it is needed to use and to close it. */
export interface OwnSession {
  readonly token: string;
  /** Undefined when the service did not say which resource it is. */
  readonly path: string | undefined;
  readonly createdTime: string | undefined;
}

const inUse = new Map<string, Set<string>>();
const abandoned = new Map<string, Map<string, string | undefined>>();

/** Remembers a session that is in use now. */
export function keep(origin: string, session: OwnSession): void {
  if (session.path === undefined) return;
  const paths = inUse.get(origin) ?? new Set();
  inUse.set(origin, paths.add(session.path));
}

/** Forgets a session that no longer exists. */
export function forget(origin: string, path: string | undefined): void {
  if (path === undefined) return;
  for (const register of [inUse, abandoned]) {
    const paths = register.get(origin);
    paths?.delete(path);
    if (paths?.size === 0) register.delete(origin);
  }
}

/** Notes a session that should be closed and could not be. */
export function abandon(origin: string, session: OwnSession): void {
  forget(origin, session.path);
  if (session.path === undefined) return;
  abandoned.set(origin, (abandoned.get(origin) ?? new Map()).set(session.path, session.createdTime));
}

/** Whether a client of this process uses the session. */
export const isInUse = (origin: string, path: string): boolean => inUse.get(origin)?.has(path) ?? false;

/** Whether it is one that this process made and could not close; ids are used again, so the time must agree. */
export function isAbandoned(origin: string, path: string, createdTime: string | undefined): boolean {
  const sessions = abandoned.get(origin);
  return sessions?.has(path) === true && sessions.get(path) === createdTime;
}

/** The header of basic authentication (RFC 7617). */
export const basicHeaders = (userName: string, password: string): Headers => ({
  authorization: `Basic ${Buffer.from(`${userName}:${password}`, 'utf8').toString('base64')}`,
});
