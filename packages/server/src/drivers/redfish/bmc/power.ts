// The power of a machine through its Redfish service.

import type { PowerState } from '@wrought/contract';
import {
  isPassing,
  type ResetType,
  ResponseError,
  readSystem,
  resetSystem,
  retryWhilePassing,
  type PowerState as SystemPower,
} from '@wrought/redfish';
import type { PowerInterface, Task } from '../../kit/index.ts';
import { repeatDevice } from './boot.ts';
import type { Bmc, RedfishCalls } from './calls.ts';

/** How often a BMC is asked to switch on a machine that it says it can not now: some are still busy with the power-off. */
const CONFLICT_TRIES = 6;
/** Statuses of BMCs that refuse what is so already, or can not do it now. */
const MAY_BE_DONE = [400, 409, 500];

/** On the way is neither on nor off: whoever waits looks again. */
const states: Readonly<Partial<Record<SystemPower, PowerState>>> = {
  On: 'power on',
  Paused: 'power on',
  Off: 'power off',
};

/** Best first: the first one that the system takes is sent. */
const resets: Readonly<Record<'power on' | 'power off' | 'soft power off', readonly [ResetType, ...ResetType[]]>> = {
  'power on': ['On', 'ForceOn', 'PushPowerButton'],
  'power off': ['ForceOff'],
  'soft power off': ['GracefulShutdown', 'PushPowerButton'],
};

async function readState({ client, systemPath, signal }: Bmc) {
  const system = await client.get(await systemPath(), { signal, select: ['Id', 'PowerState', 'Status'] });
  const { powerState, status } = readSystem(system);
  return {
    power: powerState === undefined ? null : (states[powerState] ?? null),
    health: status.healthRollup ?? status.health,
  };
}

const read = async (bmc: Bmc): Promise<PowerState | null> => (await readState(bmc)).power;

async function reset(bmc: Bmc, task: Task, target: keyof typeof resets): Promise<void> {
  const wanted = target === 'power on' ? 'power on' : 'power off';
  if (target === 'power on') {
    await repeatDevice(bmc, task);
  }
  const ask = async () => {
    try {
      await resetSystem(bmc.client, await bmc.system(), resets[target], { signal: bmc.signal });
    } catch (error) {
      const mayBeDone = error instanceof ResponseError && MAY_BE_DONE.includes(error.status);
      if (!mayBeDone || (await read(bmc)) !== wanted) {
        throw error;
      }
    }
  };
  const pause = task.config.redfish.connection_retry_interval * 1000;
  await retryWhilePassing(ask, {
    forMilliseconds: CONFLICT_TRIES * pause,
    everyMilliseconds: pause,
    signal: bmc.signal,
    passes: (error) => isPassing(error) || (error instanceof ResponseError && error.status === 409),
  });
}

/** The working part of the power interface "redfish". */
export function redfishPower({ perform }: RedfishCalls): Pick<PowerInterface, 'getPowerState' | 'setPowerState'> {
  return {
    async getPowerState(task) {
      const { power, health } = await perform(task, 'power status', readState);
      // One request tells both. Only the look at all machines learns it, which tells of changes.
      if (task.isBackground && !task.config.conductor.enable_health_monitoring) {
        task.learn({ health: null });
      } else if (task.isBackground && health !== undefined) {
        task.learn({ health });
      }
      return power;
    },
    setPowerState: (task, target) => perform(task, 'power change', (bmc) => reset(bmc, task, target)),
  };
}
