// When a request may be sent again, and after how long.
import { ConnectionError } from '../errors.ts';
import type { HttpAnswer } from './connection.ts';

const safeMethods = new Set(['GET', 'HEAD']);

/** Whether asking twice changes no more than asking once (RFC 9110 section 9.2.1). */
export const isSafe = (method: string): boolean => safeMethods.has(method);

/**
 * Reads Retry-After (RFC 9110 section 10.2.3): seconds or a date.
 *
 * @returns seconds, 0 and more; undefined when absent or nonsense.
 */
export function readRetryAfter(value: string | undefined, now = Date.now()): number | undefined {
  if (value === undefined || value.trim() === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(value.trim())) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

const faultsThatPass = new Set([500, 502, 503, 504]);

/** Whether an answer is worth another attempt: the service asks for it, or a read met a fault of the BMC. */
export function isWorthRetrying(method: string, answer: HttpAnswer): boolean {
  if ((answer.status === 503 || answer.status === 429) && answer.retryAfterSeconds !== undefined) return true;
  return isSafe(method) && faultsThatPass.has(answer.status);
}

/** Whether a failure is worth another attempt: one that passes, of a request that was not sent or changes nothing. */
export function isWorthRepeating(method: string, failure: unknown): boolean {
  if (!(failure instanceof ConnectionError) || failure.kind === 'tls' || failure.kind === 'unreachable') return false;
  return isSafe(method) || !failure.mayHaveHappened;
}
