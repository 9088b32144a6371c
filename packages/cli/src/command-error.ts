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
