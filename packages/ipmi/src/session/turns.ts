// One at a time: BMCs are small, and many lose requests that come while they work on another of the same session.

interface Waiting {
  readonly resolve: () => void;
}

export class Turns {
  #busy = false;
  #waiting: Waiting[] | undefined;

  /** Resolves when it is one's turn; rejects with the signal's reason when that comes first. */
  take(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (!this.#busy) {
      this.#busy = true;
      return Promise.resolve();
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = () => {
      this.#waiting = this.#waiting?.filter((each) => each !== waiting);
      reject(signal?.reason);
    };
    const waiting: Waiting = {
      resolve: () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      },
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#waiting ??= [];
    this.#waiting.push(waiting);
    return promise;
  }

  /** The next in line has its turn. */
  give(): void {
    const next = this.#waiting?.shift();
    if (next === undefined) {
      this.#busy = false;
      this.#waiting = undefined;
    } else {
      next.resolve();
    }
  }

  get busy(): boolean {
    return this.#busy;
  }
}
