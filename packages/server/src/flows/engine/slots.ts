// Bounds how many steps execute at one time; what is over waits its turn, in order.

export interface Slots {
  /** Runs `work` when a place is free. */
  use<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** Makes slots; `size` is asked each time, so that a reload takes effect. */
export function createSlots(size: () => number): Slots {
  const waiting: (() => void)[] = [];
  let taken = 0;
  return {
    async use(work) {
      while (taken >= size()) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      taken += 1;
      try {
        return await work();
      } finally {
        taken -= 1;
        waiting.shift()?.();
      }
    },
  };
}
