// A periodic task: what it does, and how often; run one at a time, again after its pause, whatever became of the last run.
import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskLog } from '../drivers/kit/index.ts';

export interface PeriodicTask {
  readonly name: string;
  /** Seconds between the end of one run and the begin of the next; 0: never. */
  readonly everySeconds: number;
  /**
   * Recomputes everything from the store; running it twice does no harm. `signal` ends it early when the process stops; without
   * it somebody waits for one run now.
   */
  run(signal?: AbortSignal): Promise<void>;
  /** Waits for what the runs left going on; where there may be such. */
  settled?(): Promise<void>;
}

/** Runs the tasks until stopped; `stop` waits for those that are running. */
export function startPeriodicTasks(tasks: readonly PeriodicTask[], log: TaskLog): { stop(): Promise<void> } {
  const stopping = new AbortController();

  async function repeat(task: PeriodicTask): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await sleep(task.everySeconds * 1000, undefined, { signal: stopping.signal, ref: false });
        await task.run(stopping.signal);
      } catch (error) {
        if (stopping.signal.aborted) {
          return;
        }
        log.error({ task: task.name, err: error }, 'A periodic task failed; it runs again after its pause.');
      }
    }
  }

  const running = tasks.filter((task) => task.everySeconds > 0).map(repeat);
  return {
    async stop() {
      stopping.abort();
      await Promise.all(running);
      await Promise.all(tasks.map((task) => task.settled?.()));
    },
  };
}
