// Says with which header a request goes out: one session for all requests to a BMC, or basic authentication.
import { AuthenticationError, MalformedError, RedfishError, ResponseError, SessionLimitError } from '../errors.ts';
import type { OddityListener } from '../fields.ts';
import type { Connection, Headers } from '../http/connection.ts';
import { type Credentials, login, logout } from './login.ts';
import { abandon, basicHeaders, forget, keep, type OwnSession } from './own-sessions.ts';

/** "auto": sessions where the service offers them, basic authentication otherwise; "none" sends no credentials. */
export type AuthenticationMode = 'auto' | 'session' | 'basic' | 'none';

/** What one request goes out with. */
export interface Ticket {
  readonly headers: Headers;
  /** Present when it is a session's. */
  readonly session?: OwnSession;
}

export interface Authenticator {
  /** Logs in when there is no session. */
  ticket(): Promise<Ticket>;
  /** The service no longer knows the session: true when a new ticket is worth trying. */
  refused(ticket: Ticket): boolean;
  /** Ends the session at the service. */
  close(): Promise<void>;
}

/** The collection of sessions. */
export interface SessionsPlace {
  readonly path: string;
  /** False: the service root is open to all and names none, so this is only where others have it. */
  readonly isOffered: boolean;
}

/** After the service had no room for a session, another one is tried only then. */
const basicForMilliseconds = 300_000;

/** Whether a failed login means that sessions are not to be had: for good, for now, or that it is another matter. */
function unavailable(error: unknown, isOffered: boolean): 'for good' | 'for now' | undefined {
  if (error instanceof SessionLimitError) return 'for now';
  // Whoever guards everything by basic authentication says 401 of what is not there, too.
  if (error instanceof AuthenticationError) return isOffered ? undefined : 'for good';
  if (error instanceof MalformedError) return 'for good';
  if (!(error instanceof ResponseError)) return undefined;
  return error.status >= 500 && error.status !== 501 ? 'for now' : 'for good';
}

/**
 * @param sessionsPlace finds the collection of sessions.
 * @param onOddity is told when sessions were wanted and cannot be had, or one could not be closed.
 */
export function createAuthenticator(
  connection: Connection,
  credentials: Credentials | undefined,
  mode: AuthenticationMode,
  sessionsPlace: () => Promise<SessionsPlace>,
  onOddity: OddityListener,
): Authenticator {
  let current: OwnSession | undefined;
  let isOffered = true;
  let pending: Promise<OwnSession> | undefined;
  let basicUntil = mode === 'basic' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const { origin } = connection;

  async function openSession({ userName, password }: Credentials): Promise<OwnSession> {
    const { path, isOffered: offered } = await sessionsPlace();
    isOffered = offered;
    const session = await login(connection, path, { userName, password });
    if (session.path === undefined) {
      onOddity({ path, property: 'Location', expected: 'the resource of the new session', found: 'nothing' });
    }
    keep(origin, session);
    current = session;
    return session;
  }

  function sessionOf(given: Credentials): Promise<OwnSession> {
    if (current !== undefined) return Promise.resolve(current);
    pending ??= openSession(given).finally(() => {
      pending = undefined;
    });
    return pending;
  }

  return {
    async ticket() {
      if (credentials === undefined || mode === 'none') return { headers: {} };
      const basic = { headers: basicHeaders(credentials.userName, credentials.password) };
      if (performance.now() < basicUntil) return basic;
      try {
        const session = await sessionOf(credentials);
        return { headers: { 'x-auth-token': session.token }, session };
      } catch (error) {
        const howLong = mode === 'auto' ? unavailable(error, isOffered) : undefined;
        if (howLong === undefined) throw error;
        basicUntil = howLong === 'for good' ? Number.POSITIVE_INFINITY : performance.now() + basicForMilliseconds;
        onOddity({
          path: error instanceof RedfishError ? new URL(error.url).pathname : '',
          property: 'Sessions',
          expected: 'a new session',
          found: (error as Error).message,
        });
        return basic;
      }
    },

    refused({ session }) {
      if (session === undefined) return false;
      if (current === session) {
        forget(origin, session.path);
        current = undefined;
      }
      return true;
    },

    async close() {
      // A login that is under way would otherwise leave its session behind.
      const session = await (pending?.catch(() => undefined) ?? current);
      current = undefined;
      if (session === undefined) return;
      const isEnded = await logout(connection, session).catch((error: Error) => error);
      if (isEnded === true) {
        forget(origin, session.path);
        return;
      }
      abandon(origin, session);
      const found = isEnded === false ? 'it stays until it expires' : isEnded.message;
      onOddity({ path: session.path ?? 'Sessions', property: 'DELETE', expected: 'the end of our session', found });
    },
  };
}
