// The clock of a machine's BMC: how far it is off, and setting it.

import { readManager, setClock, UnsupportedError } from '@wrought/redfish';
import type { Task } from '../../kit/index.ts';
import type { RedfishCalls } from './calls.ts';
import { managerOf } from './manager.ts';

export interface RedfishClock {
  /** Milliseconds by which it is ahead of ours. */
  ahead(task: Task): Promise<number>;
  /** @param offset of its time zone, such as "+00:00"; undefined: as it is */
  set(task: Task, time: Date, offset: string | undefined): Promise<void>;
}

/** The clock of the first manager of a machine. */
export function redfishClock({ perform }: RedfishCalls): RedfishClock {
  return {
    ahead: (task) =>
      perform(task, 'read clock', async (bmc) => {
        const manager = await managerOf(bmc);
        const { dateTime } = readManager(manager);
        const time = Date.parse(dateTime ?? '');
        if (Number.isNaN(time)) {
          throw new UnsupportedError(manager.named(), `the BMC tells no time: DateTime is ${JSON.stringify(dateTime)}`);
        }
        return time - Date.now();
      }),
    async set(task, time, offset) {
      await perform(task, 'set clock', async (bmc) => {
        await setClock(bmc.client, await managerOf(bmc), time, offset, { signal: bmc.signal });
      });
      task.record({
        kind: 'bmc',
        message: `The clock of the BMC is set to ${time.toISOString()}${offset === undefined ? '' : `, in the zone ${offset}`}.`,
      });
    },
  };
}
