// The error of a command that could not do what it was asked; its message is one sentence for the operator.

export class CommandError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandError';
  }
}
