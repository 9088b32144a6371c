// What a process meets whose place another one took.

/** Thrown when the epoch of this process is no longer the conductor's: nothing may be written or begun any more. */
export class FencedError extends Error {
  constructor(hostname: string, epoch: number) {
    super(`Conductor ${hostname} was taken over: epoch ${epoch} is no longer in force. This process must not go on.`);
    this.name = 'FencedError';
  }
}
