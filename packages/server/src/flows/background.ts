// Work that goes on after its request was answered: bounded in number, told to end when the server stops.
import { registeredError } from '@wrought/contract';
import type { TaskLog } from '../drivers/kit/index.ts';
import { endOrAbort } from './engine/end-or-abort.ts';

export interface Background {
  /**
   * Begins `work` and resolves when it calls `accept`; it goes on in the background. What it throws before that is thrown here,
   * what it throws later is logged. Throws NoFreeConductorWorker when too much is under way.
   */
  accepted(work: (accept: () => void, abortSignal: AbortSignal) => Promise<void>): Promise<void>;
  /** Waits for what is under way, at most `seconds`. */
  stop(seconds: number): Promise<void>;
}

/** Makes it; `size` is asked each time, so that a reload takes effect. */
export function createBackground(log: TaskLog, size: () => number): Background {
  const running = new Set<Promise<void>>();
  const ending = new AbortController();

  return {
    async accepted(work) {
      if (running.size >= size()) {
        throw registeredError('NoFreeConductorWorker', {
          reason: `${running.size} calls are under way, which is the limit (conductor.workers_pool_size). Try again later.`,
        });
      }
      const acceptance = Promise.withResolvers<void>();
      let isAccepted = false;
      const accept = () => {
        isAccepted = true;
        acceptance.resolve();
      };
      const under = work(accept, ending.signal)
        .catch((error: unknown) => {
          if (isAccepted) {
            log.error({ err: error }, 'Work in the background met an unexpected error.');
          }
          acceptance.reject(error);
        })
        .finally(() => running.delete(under));
      running.add(under);
      await acceptance.promise;
    },
    stop: (seconds) => endOrAbort(Promise.all(running), seconds, () => ending.abort()),
  };
}
