// Power through IPMI: status, on, off and soft off.
import { registeredError } from '@wrought/contract';
import type { PowerInterface, Task } from '../kit/index.ts';
import { setBootDevice } from './boot-device.ts';
import { type CommandSender, IpmiCommandError } from './command.ts';
import { readConnection } from './connection.ts';
import { parsePowerStatus } from './parse.ts';
import { properties } from './properties.ts';

const words = { 'power on': 'on', 'power off': 'off', 'soft power off': 'soft' } as const;

/** Power interface "ipmitool". */
export function ipmitoolPower(sender: CommandSender): PowerInterface {
  async function getPowerState(task: Task) {
    const output = await sender.send(task, 'chassis', 'power', 'status');
    const state = parsePowerStatus(output);
    if (state === null) {
      throw registeredError('DriverOperationError', {
        driver: 'ipmitool',
        reason: `the BMC at ${readConnection(task.node).address} answered "chassis power status" with ${JSON.stringify(output.trim().slice(0, 200))}, which names no power state.`,
      });
    }
    return state;
  }

  /** What was set last is sent again for BMCs that forget it while the machine is off. */
  async function repeatBootDevice(task: Task): Promise<void> {
    const { persistent_boot_device: device, is_next_boot_persistent: persistent } = task.node.driver_internal_info;
    if (readConnection(task.node).forceBootDevice && typeof device === 'string') {
      await setBootDevice(sender, task, device, persistent === true);
    }
  }

  return {
    kind: 'power',
    name: 'ipmitool',
    properties,
    supportedTargets: ['power on', 'power off', 'rebooting', 'soft rebooting', 'soft power off'],
    canSync: true,
    async validate(task) {
      readConnection(task.node);
    },
    getPowerState,
    async setPowerState(task, target) {
      if (target === 'power on') {
        await repeatBootDevice(task);
      }
      try {
        await sender.send(task, 'chassis', 'power', words[target]);
      } catch (error) {
        // Some BMCs refuse to switch off what is off already, and the like.
        const wanted = target === 'power on' ? 'power on' : 'power off';
        const isRefused = error instanceof IpmiCommandError && error.failure.kind === 'refused';
        if (!isRefused || (await getPowerState(task)) !== wanted) {
          throw error;
        }
      }
    },
  };
}
