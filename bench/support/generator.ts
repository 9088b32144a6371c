// The benchmark's handle on the load generator, which is a process of its own so that its work is not the benchmark's.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadAnswer, LoadOrder, LoadResult } from './load.ts';

export interface Generator {
  /** Runs one order; only one at a time. */
  run(order: LoadOrder): Promise<LoadResult>;
  stop(): Promise<void>;
}

/** Starts the client process. */
export function startGenerator(): Generator {
  const child: ChildProcess = fork(fileURLToPath(new URL('./load-generator.ts', import.meta.url)));
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the load generator ended with ${code}`);
  });
  // Observed by the orders that wait for it; at the end nobody does.
  ended.catch(() => undefined);
  return {
    async run(order) {
      const message = once(child, 'message');
      child.send(order);
      const [answer] = (await Promise.race([message, ended])) as [LoadAnswer];
      if ('error' in answer) throw new Error(`the load generator failed: ${answer.error}`);
      return answer.result;
    },
    async stop() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
