// Sets the boot device and the boot mode through IPMI, which has one set of boot flags for both.
import { registeredError } from '@wrought/contract';
import { type BootMode, bootModeOf, knownBootMode } from '../../boot/boot-mode.ts';
import type { Task } from '../kit/index.ts';
import type { IpmiBackend, IpmiBootDevice } from './backend.ts';
import { readConnection } from './connection.ts';
import { IpmiCommandError } from './failure.ts';

export const bootDevices: readonly IpmiBootDevice[] = ['pxe', 'disk', 'cdrom', 'bios', 'safe'];

/** Lets the BMC keep boot flags until the machine is powered on, unless the operator does not want that. */
async function keepBootFlags(backend: IpmiBackend, task: Task): Promise<void> {
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
}

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
  await keepBootFlags(backend, task);
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

/**
 * Asks firmware to boot in this mode from now on. IPMI has no setting for that, but a flag in the wish for a boot device
 * (IPMI 2.0, table 28-14, parameter 5): a device that is asked for stays, else there is a wish without a device. IPMI does
 * not tell in which mode a machine runs, so the mode is kept with the node, for the boot devices that are set later.
 * @throws InvalidParameterValue when the node's capabilities name the other mode, IpmiCommandError when the BMC refuses
 */
export async function setBootMode(backend: IpmiBackend, task: Task, mode: BootMode): Promise<void> {
  const { node } = task;
  const known = knownBootMode(node);
  if (known !== undefined && known !== mode) {
    throw registeredError('InvalidParameterValue', {
      reason: `Node ${node.uuid} boots in mode "${known}" (properties/capabilities), so every boot device would be set for that and not for "${mode}". Change boot_mode there first.`,
    });
  }
  const { device, persistent, isValid } = await backend.bootDevice(task);
  const isAsked = isValid && device !== null;
  await keepBootFlags(backend, task);
  await backend.setBootDevice(task, {
    device: isAsked ? device : 'none',
    persistent: isAsked ? persistent : true,
    isUefi: mode === 'uefi',
  });
  task.learn({ driver_internal_info: { deploy_boot_mode: mode } });
  task.record({ kind: 'bmc', message: `Boot mode: ${mode}, asked for by boot flags.`, data: { boot_mode: mode } });
}
