// Forgets conductors that have long been gone and on which nothing depends, so that the list shows those that matter.
import type { EngineContext } from '../flows/engine/context.ts';
import { forgetConductors } from '../store/conductor-lease.ts';
import { databaseTime } from '../store/database-clock.ts';
import type { PeriodicTask } from './task.ts';

/** Makes the task; one conductor of all does it. */
export function staleConductors({ store, config, members, lease, log }: EngineContext): PeriodicTask {
  const name = 'stale conductors';
  return {
    name,
    everySeconds: config().conductor.conductor_cleanup_interval,
    async run() {
      if (members.keeperOf(name) !== lease.hostname) {
        return;
      }
      const { conductor_cleanup_timeout: seconds, conductor_cleanup_batch_size: most } = config().conductor;
      const before = await databaseTime(store.read, -seconds);
      for (let left = true; left; ) {
        const forgotten = await store.transaction((trx) => forgetConductors(trx, before, most));
        if (forgotten.length > 0) {
          log.info(
            { conductors: forgotten, unseenSince: before },
            'Conductors that have long been gone were forgotten.',
          );
        }
        left = forgotten.length === most;
      }
    },
  };
}
