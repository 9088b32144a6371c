// What went wrong between this process and PostgreSQL, in words for operators, and as the error that clients try again after.
import { StoreUnavailableError } from '../unavailable.ts';

/** Errors of the socket: nobody listens, nobody answers, or the connection broke. */
const socketErrors: ReadonlySet<string> = new Set([
  'EACCES',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/**
 * SQLSTATEs after which the same statement may succeed later: connection exceptions (08), exhausted resources (53), shut-downs
 * and start-ups (57P), a disk that fails (58030), a lock or an idle transaction that took too long, a server that is read-only because it is a standby.
 */
const temporaryStates = /^(08...|53...|57P0[1-5]|58030|55P03|25P03|25006|40001|40P01)$/;

/** The driver's own sentences about a connection that is gone; they come without a code. */
const lostConnection = /^(Connection terminated|timeout exceeded when trying to connect|Client (has|was) )/;

function messageOf(error: unknown): string {
  if (error instanceof AggregateError) {
    return error.errors.map(messageOf).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}

/** The error for whoever asked, with the database and the reason. */
export function unreachable(error: unknown, place: string): StoreUnavailableError {
  return new StoreUnavailableError(place, messageOf(error), error);
}

/** What a failed statement is for the rest of the program: StoreUnavailableError when the server is gone or busy, else itself. */
export function statementError(error: unknown, place: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const isTemporary =
    socketErrors.has(code) || temporaryStates.test(code) || (code === '' && lostConnection.test(messageOf(error)));
  return isTemporary ? unreachable(error, place) : error;
}
