// Upkeep of an iDRAC: whether it takes work, its job queue, and its restart.
import {
  clearDellJobs,
  listDellJobs,
  MissingError,
  readDellReadiness,
  readManager,
  resetManager,
  UnsupportedError,
} from '@wrought/redfish';
import type { Task } from '../../kit/index.ts';
import type { RedfishCalls } from './calls.ts';
import { managerOf } from './manager.ts';

export interface DellUpkeep {
  /** What keeps the Lifecycle Controller from work, in a phrase; null: nothing, or an iDRAC too old to tell. */
  obstacle(task: Task): Promise<string | null>;
  /** Deletes all jobs. Safe to repeat. */
  clearJobs(task: Task): Promise<void>;
  /** When the iDRAC started last, as it tells it; null where it does not. */
  lastReset(task: Task): Promise<string | null>;
  /** Restarts the iDRAC; the machine goes on. */
  reset(task: Task): Promise<void>;
}

/** The upkeep of an iDRAC. */
export function dellUpkeep({ perform }: RedfishCalls): DellUpkeep {
  return {
    obstacle: (task) =>
      perform(task, 'look at Lifecycle Controller', async (bmc) => {
        const manager = await managerOf(bmc);
        try {
          const { lifecycleController: state } = await readDellReadiness(bmc.client, manager, { signal: bmc.signal });
          return state === undefined || state === 'Ready' ? null : `the Lifecycle Controller is "${state}"`;
        } catch (error) {
          if (!(error instanceof UnsupportedError || error instanceof MissingError)) {
            throw error;
          }
          return null;
        }
      }),
    clearJobs: (task) =>
      perform(task, 'clear job queue', async (bmc) => {
        const { client, signal } = bmc;
        const manager = await managerOf(bmc);
        const jobs = await listDellJobs(client, manager, { signal });
        await clearDellJobs(client, manager, { signal });
        const ended = new Set(['Completed', 'CompletedWithErrors', 'Failed', 'RebootCompleted', 'RebootFailed']);
        const open = jobs.filter(({ state }) => !ended.has(state ?? ''));
        const shown = open.map(({ id, name, state }) => `${id} (${name}, ${state})`).join('; ');
        task.record({
          kind: 'bmc',
          message: `The job queue of the iDRAC was cleared: ${jobs.length} jobs, of which had not ended: ${shown || 'none'}.`,
        });
      }),
    lastReset: (task) =>
      perform(task, 'read last reset', async (bmc) => readManager(await managerOf(bmc)).lastResetTime ?? null),
    async reset(task) {
      await perform(task, 'reset iDRAC', async (bmc) => {
        await resetManager(bmc.client, await managerOf(bmc), undefined, { signal: bmc.signal });
      });
      task.record({ kind: 'bmc', message: 'The iDRAC was told to restart.' });
    },
  };
}
