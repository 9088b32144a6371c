// Power through IPMI: status, on, off and soft off.
import type { PowerInterface, Task } from '../kit/index.ts';
import type { IpmiBackend } from './backend.ts';
import { setBootDevice } from './boot-device.ts';
import { readConnection } from './connection.ts';
import { IpmiCommandError } from './failure.ts';
import { properties } from './properties.ts';

const words = { 'power on': 'on', 'power off': 'off', 'soft power off': 'soft' } as const;

/** Power interface "ipmitool". */
export function ipmitoolPower(backend: IpmiBackend): PowerInterface {
  /** What was set last is sent again for BMCs that forget it while the machine is off. */
  async function repeatBootDevice(task: Task): Promise<void> {
    const { persistent_boot_device: device, is_next_boot_persistent: persistent } = task.node.driver_internal_info;
    if (readConnection(task.node).forceBootDevice && typeof device === 'string') {
      await setBootDevice(backend, task, device, persistent === true);
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
    getPowerState: (task) => backend.powerState(task),
    async setPowerState(task, target) {
      if (target === 'power on') {
        await repeatBootDevice(task);
      }
      try {
        await backend.controlPower(task, words[target]);
      } catch (error) {
        // Some BMCs refuse to switch off what is off already, and the like; or their answer got lost.
        const wanted = target === 'power on' ? 'power on' : 'power off';
        const mayBeDone = error instanceof IpmiCommandError && ['refused', 'lost'].includes(error.failure.kind);
        if (!mayBeDone || (await backend.powerState(task)) !== wanted) {
          throw error;
        }
      }
    },
  };
}
