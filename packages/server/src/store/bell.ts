// A bell between parts of a process: who listens for it hears it, also when it rang while he was busy.

export interface Bell {
  ring(): void;
  /**
   * Resolves when it has rung since it was heard last, or after the time at the latest, or when `signal` is aborted. One listens at
   * a time.
   */
  heard(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** Makes a bell that has not rung. */
export function createBell(): Bell {
  let hasRung = false;
  let wake = () => {};
  return {
    ring() {
      hasRung = true;
      wake();
    },
    async heard(milliseconds, signal) {
      if (!hasRung && signal?.aborted !== true) {
        const woken = Promise.withResolvers<void>();
        const onOver = () => woken.resolve();
        wake = onOver;
        const timer = setTimeout(onOver, milliseconds);
        signal?.addEventListener('abort', onOver, { once: true });
        await woken.promise;
        clearTimeout(timer);
        signal?.removeEventListener('abort', onOver);
      }
      hasRung = false;
    },
  };
}
