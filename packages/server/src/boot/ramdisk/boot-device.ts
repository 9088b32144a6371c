// Sets the boot device for a network boot or for the disk, under the rules of driver_info/force_persistent_boot_device.
import { type Node, registeredError } from '@wrought/contract';
import type { Task } from '../../drivers/kit/index.ts';

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

/** Tells the BMC what to boot from next (pxe) or from now on (disk). */
export async function chooseBootDevice(task: Task, device: 'pxe' | 'disk'): Promise<void> {
  const rule = forcePersistent(task.node);
  const persistent = rule === 'Always' || (rule === 'Default' && device === 'disk');
  await task.interfaces.management.setBootDevice(task, device, persistent);
}
