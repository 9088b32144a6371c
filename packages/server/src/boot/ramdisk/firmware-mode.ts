// Brings the firmware of a machine into the mode that a boot needs, where its BMC can set that: BIOS or UEFI, secure boot on or off.
import { isRegisteredError } from '@wrought/contract';
import type { Task } from '../../drivers/kit/index.ts';
import { bootModeOf, wantsSecureBoot } from '../boot-mode.ts';

/** Sets the boot mode when the BMC reports another one; takes effect at the next boot. Safe to repeat. */
export async function applyBootMode(task: Task): Promise<void> {
  const { management } = task.interfaces;
  if (management.getBootMode === undefined || management.setBootMode === undefined) {
    return;
  }
  const wanted = bootModeOf(task.node, task.config);
  try {
    const seen = await management.getBootMode(task);
    if (seen !== wanted) {
      await management.setBootMode(task, wanted);
      task.record({ kind: 'bmc', message: `The boot mode is set from "${seen}" to "${wanted}".` });
    }
  } catch (error) {
    // A BMC that does not tell leaves it to whoever set the machine up.
    if (!isRegisteredError(error, 'UnsupportedDriverExtension')) {
      throw error;
    }
  }
}

/** Sets secure boot for an instance that asks for it, or takes it back; takes effect at the next boot. Safe to repeat. */
export async function applySecureBoot(task: Task, isOn: boolean): Promise<void> {
  const { management } = task.interfaces;
  if (!wantsSecureBoot(task.node) || management.setSecureBoot === undefined) {
    return;
  }
  await management.setSecureBoot(task, isOn);
  task.record({ kind: 'bmc', message: `Secure boot is switched ${isOn ? 'on' : 'off'} for the instance.` });
}
