// How a call to a Redfish service can fail: in one word for measurements, and as the error that clients of the API see.

import { RegisteredError, registeredError } from '@wrought/contract';
import {
  AuthenticationError,
  ConnectionError,
  MalformedError,
  MissingError,
  RedfishError,
  ResponseError,
  TaskError,
  TimeoutError,
  UnsupportedError,
} from '@wrought/redfish';

/** A call that failed; `cause` is what the library said. */
export class RedfishCallError extends RegisteredError {
  override readonly cause: RedfishError;

  constructor(cause: RedfishError) {
    const reason = `${cause.message}.`;
    super('DriverOperationError', registeredError('DriverOperationError', { driver: 'redfish', reason }).message);
    this.cause = cause;
  }
}

/** A BMC was not asked, because another call met its silence just before. */
export class RedfishSilentError extends RegisteredError {
  constructor(reason: string) {
    super('DriverOperationError', registeredError('DriverOperationError', { driver: 'redfish', reason }).message);
  }
}

/** Nothing answered, or not in time: also when whoever asked lost patience. */
export function isSilence(error: unknown): boolean {
  const cause = error instanceof RedfishCallError ? error.cause : error;
  if (cause instanceof ConnectionError) {
    return cause.kind !== 'tls';
  }
  const reason = cause instanceof Error ? (cause.cause ?? cause) : undefined;
  return (
    cause instanceof TimeoutError ||
    cause instanceof RedfishSilentError ||
    (reason instanceof Error && reason.name === 'TimeoutError')
  );
}

/** The kind of a failure, from a small set. */
export function kindOf(error: unknown): string {
  const cause = error instanceof RedfishCallError ? error.cause : error;
  if (isSilence(error)) return 'silence';
  if (cause instanceof ConnectionError) return 'tls';
  if (cause instanceof AuthenticationError) return 'refused the user';
  if (cause instanceof MissingError) return 'missing';
  if (cause instanceof ResponseError) return cause.status >= 500 ? 'fault' : 'refused';
  if (cause instanceof UnsupportedError) return 'unsupported';
  if (cause instanceof MalformedError) return 'malformed';
  if (cause instanceof TaskError) return 'task';
  return 'other';
}

/** Whether an error means that a BMC is away, or busy with itself: it starts anew, or installs something. */
export function isAway(error: unknown): boolean {
  return isSilence(error) || ['fault', 'missing', 'refused the user'].includes(kindOf(error));
}

/** As clients of the API are told; errors that are no failure of a BMC stay what they are. */
export function told(error: unknown): unknown {
  return error instanceof RedfishError ? new RedfishCallError(error) : error;
}
