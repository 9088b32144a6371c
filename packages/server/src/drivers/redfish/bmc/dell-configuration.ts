// Configuration profiles of an iDRAC: exported, and imported once.
import type { JsonObject } from '@wrought/contract';
import {
  exportDellConfiguration,
  importDellConfiguration,
  listDellJobs,
  readDellProfile,
  taskPath,
} from '@wrought/redfish';
import type { Task } from '../../kit/index.ts';
import type { RedfishCalls } from './calls.ts';
import { managerOf } from './manager.ts';
import { lookAtTask, type TaskState } from './tasks.ts';

export interface DellConfiguration {
  /** Begins an export; answers where the iDRAC tells of it. Safe to repeat. */
  beginExport(task: Task): Promise<string | null>;
  /** What the export made; undefined where it is not to be had there yet. */
  readProfile(task: Task, path: string): Promise<JsonObject | undefined>;
  /** Begins an import; answers where the iDRAC tells of it. The machine restarts in its course, and is on or off afterwards. */
  beginImport(task: Task, profile: string, isOnAfterwards: boolean): Promise<string | null>;
  /** Paths of the jobs of imports that the iDRAC knows. */
  imports(task: Task): Promise<readonly string[]>;
  look(task: Task, path: string | null): Promise<TaskState>;
}

/** The configuration of an iDRAC and its machine. */
export function dellConfiguration({ perform }: RedfishCalls): DellConfiguration {
  return {
    beginExport: (task) =>
      perform(task, 'export configuration', async (bmc) => {
        const answer = await exportDellConfiguration(bmc.client, await managerOf(bmc), { signal: bmc.signal });
        task.record({ kind: 'bmc', message: 'The iDRAC was asked to export its configuration.' });
        return taskPath(answer) ?? null;
      }),
    readProfile: (task, path) =>
      perform(
        task,
        'read configuration',
        async ({ client, signal }) => (await readDellProfile(client, path, { signal })) as JsonObject | undefined,
      ),
    beginImport: (task, profile, isOnAfterwards) =>
      perform(task, 'import configuration', async (bmc) => {
        const wish = { profile, shutdown: 'Forced', isOnAfterwards } as const;
        const answer = await importDellConfiguration(bmc.client, await managerOf(bmc), wish, { signal: bmc.signal });
        task.record({ kind: 'bmc', message: 'The iDRAC was asked to import a configuration.' });
        return taskPath(answer) ?? null;
      }),
    imports: (task) =>
      perform(task, 'list jobs', async (bmc) => {
        const jobs = await listDellJobs(bmc.client, await managerOf(bmc), { signal: bmc.signal });
        return jobs.filter(({ type }) => type === 'ImportConfiguration').map(({ path }) => path);
      }),
    look: (task, path) =>
      perform(task, 'look at configuration', ({ client, signal }) => lookAtTask(client, path, signal)),
  };
}
