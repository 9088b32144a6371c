// Sets the boot device for a network boot or for the disk, under the rules of driver_info/force_persistent_boot_device.
import { type Node, registeredError } from '@wrought/contract';
import type { Task } from '../../drivers/kit/index.ts';
import { bootModeOf } from '../boot-mode.ts';

type ForcePersistent = 'Always' | 'Never' | 'Default';

const spellings: Readonly<Record<string, ForcePersistent>> = {
  always: 'Always',
  true: 'Always',
  never: 'Never',
  default: 'Default',
  false: 'Default',
};

/**
 * Reads the rule of a node.
 * @throws InvalidParameterValue
 */
export function forcePersistent(node: Node): ForcePersistent {
  const value = node.driver_info.force_persistent_boot_device ?? 'Default';
  const found = spellings[String(value).toLowerCase()];
  if (found === undefined) {
    throw registeredError('InvalidParameterValue', {
      reason: `driver_info/force_persistent_boot_device of node ${node.uuid} is ${JSON.stringify(value)}; allowed: Always, Never, Default.`,
    });
  }
  return found;
}

/** Tells the BMC what to boot from next (pxe, uefihttp) or from now on (disk, once the operating system is on it). */
export async function chooseBootDevice(task: Task, device: 'pxe' | 'uefihttp' | 'disk'): Promise<void> {
  const { management } = task.interfaces;
  const isUefiDisk = device === 'disk' && bootModeOf(task.node, task.config) === 'uefi';
  if (isUefiDisk && (await management.leavesBootToSystem?.(task)) === true) {
    task.record({
      kind: 'boot',
      message:
        'The disk is not made the boot device: machines of this make then lose the entry of the operating system in their firmware.',
    });
    return;
  }
  const rule = forcePersistent(task.node);
  const persistent = rule === 'Always' || (rule === 'Default' && device === 'disk');
  await management.setBootDevice(task, device, persistent);
}
