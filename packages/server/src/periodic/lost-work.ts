// Finds what a database that broke off left behind: runs that nobody drives, and reservations that nobody gave back.
import type { Engine } from '../flows/engine/engine.ts';
import type { NodeLocks } from '../flows/locks.ts';
import type { PeriodicTask } from './task.ts';

export function lostWork(engine: Engine, locks: NodeLocks, everySeconds: number): PeriodicTask {
  return {
    name: 'lost work',
    everySeconds,
    async run() {
      await engine.resumeLost();
      await engine.admit();
      await locks.releaseAbandoned();
    },
  };
}
