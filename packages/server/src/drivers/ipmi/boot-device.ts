// Sets the boot device through IPMI, with the options that the boot mode of the node asks for.
import { registeredError } from '@wrought/contract';
import { bootModeOf } from '../../boot/boot-mode.ts';
import type { Task } from '../kit/index.ts';
import type { IpmiBackend, IpmiBootDevice } from './backend.ts';
import { readConnection } from './connection.ts';
import { IpmiCommandError } from './failure.ts';

export const bootDevices: readonly IpmiBootDevice[] = ['pxe', 'disk', 'cdrom', 'bios', 'safe'];

/**
 * Sets the device for every boot, or for the next one only.
 * @throws InvalidParameterValue for a device that IPMI has not, IpmiCommandError when the BMC refuses
 */
export async function setBootDevice(
  backend: IpmiBackend,
  task: Task,
  device: string,
  persistent: boolean,
): Promise<void> {
  const known = bootDevices.find((each) => each === device);
  if (known === undefined) {
    throw registeredError('InvalidParameterValue', {
      reason: `Invalid boot device "${device}" for node ${task.node.uuid}; ipmitool takes: ${bootDevices.join(', ')}.`,
    });
  }
  const connection = readConnection(task.node);
  if (connection.disableBootTimeout ?? task.config.ipmi.disable_boot_timeout) {
    try {
      await backend.keepBootDevice(task);
    } catch (error) {
      // A BMC without this command still boots as told when it is powered on within 60 seconds.
      if (!(error instanceof IpmiCommandError) || error.failure.kind !== 'refused') {
        throw error;
      }
      task.log.warn({ node: task.node.uuid, err: error }, 'The BMC did not take the command that keeps boot flags.');
    }
  }
  await backend.setBootDevice(task, {
    device: known,
    persistent,
    isUefi: bootModeOf(task.node, task.config) === 'uefi',
  });
  task.record({
    kind: 'bmc',
    message: `Boot device: ${device}, ${persistent ? 'for every boot' : 'for the next boot only'}.`,
    data: { boot_device: device, persistent },
  });
}
