// Sets the boot device through IPMI, with the options that the boot mode of the node asks for.
import { registeredError } from '@wrought/contract';
import { bootModeOf } from '../../boot/boot-mode.ts';
import type { Task } from '../kit/index.ts';
import { type CommandSender, IpmiCommandError } from './command.ts';
import { readConnection } from './connection.ts';

export const bootDevices = ['pxe', 'disk', 'cdrom', 'bios', 'safe'] as const;

/** Set System Boot Options, parameter 3 (boot flag valid bit clearing): do not clear after 60 seconds (IPMI 2.0, table 28-14). */
const DISABLE_BOOT_TIMEOUT = ['raw', '0x00', '0x08', '0x03', '0x08'];

/**
 * Sets the device for every boot, or for the next one only.
 * @throws InvalidParameterValue for a device that IPMI has not, IpmiCommandError when the BMC refuses
 */
export async function setBootDevice(
  sender: CommandSender,
  task: Task,
  device: string,
  persistent: boolean,
): Promise<void> {
  if (!bootDevices.some((each) => each === device)) {
    throw registeredError('InvalidParameterValue', {
      reason: `Invalid boot device "${device}" for node ${task.node.uuid}; ipmitool takes: ${bootDevices.join(', ')}.`,
    });
  }
  const connection = readConnection(task.node);
  if (connection.disableBootTimeout ?? task.config.ipmi.disable_boot_timeout) {
    try {
      await sender.send(task, ...DISABLE_BOOT_TIMEOUT);
    } catch (error) {
      // A BMC without this command still boots as told when it is powered on within 60 seconds.
      if (!(error instanceof IpmiCommandError) || error.failure.kind !== 'refused') {
        throw error;
      }
      task.log.warn({ node: task.node.uuid, err: error }, 'The BMC did not take the command that keeps boot flags.');
    }
  }
  const options = [
    ...(persistent ? ['persistent'] : []),
    ...(bootModeOf(task.node, task.config) === 'uefi' ? ['efiboot'] : []),
  ];
  await sender.send(
    task,
    'chassis',
    'bootdev',
    device,
    ...(options.length > 0 ? [`options=${options.join(',')}`] : []),
  );
  task.record({
    kind: 'bmc',
    message: `Boot device: ${device}, ${persistent ? 'for every boot' : 'for the next boot only'}.`,
    data: { boot_device: device, persistent },
  });
}
