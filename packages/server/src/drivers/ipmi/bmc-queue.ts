// Lets one command at a time go to each BMC: many BMCs lose sessions when several are opened at once.

/** Runs work in the order it was asked for, one piece at a time for each key. */
export interface KeyedQueue {
  run<Result>(key: string, work: () => Promise<Result>): Promise<Result>;
}

/** Makes a queue; keys without work take no memory. */
export function createKeyedQueue(): KeyedQueue {
  const tails = new Map<string, Promise<unknown>>();
  return {
    run(key, work) {
      const before = tails.get(key) ?? Promise.resolve();
      const result = before.then(work);
      // The next one waits for the end of this one, whichever way it ends.
      const tail = result.then(
        () => undefined,
        () => undefined,
      );
      tails.set(key, tail);
      return result.finally(() => {
        if (tails.get(key) === tail) {
          tails.delete(key);
        }
      });
    },
  };
}
