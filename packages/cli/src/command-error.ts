// The error of a command that could not do what it was asked; its message is one sentence for the operator.

export class CommandError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandError';
  }
}

/** The server refused the request. */
export class RefusedError extends CommandError {
  /** The status of HTTP. */
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.name = 'RefusedError';
    this.status = status;
  }
}

/** The server did not answer at all, so the same request may work in a moment. */
export class UnreachableError extends CommandError {
  constructor(message: string) {
    super(message);
    this.name = 'UnreachableError';
  }
}

/** Statuses of a proxy whose server restarts, and of a server whose database or conductor does. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

/** Whether the same request may work in a moment. */
export function isPassing(error: unknown): error is CommandError {
  return error instanceof UnreachableError || (error instanceof RefusedError && PASSING_STATUSES.has(error.status));
}
