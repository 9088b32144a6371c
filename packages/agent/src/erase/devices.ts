// The clean step erase_devices: each disk by the best way it offers.
import { AgentFailure } from '../errors.ts';
import type { Disk } from '../hardware/disks.ts';
import type { Log } from '../log.ts';
import type { Run } from '../process.ts';
import { ataSecureErase } from './ata.ts';
import { nvmeSecureErase } from './nvme.ts';
import { overwriteDisk } from './overwrite.ts';
import type { EraseSettings } from './settings.ts';

/** Lets the disk erase itself. @returns false when it cannot, or failed and may be overwritten instead. */
async function secureErase(run: Run, disk: Disk, settings: EraseSettings, log: Log): Promise<boolean> {
  const isNvme = disk.transport === 'nvme' || disk.name.startsWith('/dev/nvme');
  try {
    if (isNvme) return settings.nvmeSecureErase && (await nvmeSecureErase(run, disk.name, log));
    return settings.ataSecureErase && (await ataSecureErase(run, disk.name, log));
  } catch (error) {
    if (!settings.continueIfSecureEraseFailed) throw error;
    log.warning(`${error instanceof Error ? error.message : error}; overwriting instead, as the node allows`);
    return false;
  }
}

/** Erases one disk. @throws AgentFailure naming it. */
export async function eraseDisk(run: Run, disk: Disk, settings: EraseSettings, log: Log): Promise<void> {
  if (disk.isReadOnly) {
    if (settings.skipReadOnly) {
      log.warning(`${disk.name} is read-only and is left alone, as agent_erase_skip_read_only says`);
      return;
    }
    throw new AgentFailure('BlockDeviceEraseError', `${disk.name} is read-only and cannot be erased`);
  }
  if (!(await secureErase(run, disk, settings, log))) await overwriteDisk(run, disk.name, settings, log);
  log.info(`${disk.name} is erased`);
}

/** Erases disks, `concurrency` at a time, all of them even when one fails. @throws AgentFailure naming each failure. */
export async function eraseDisks(run: Run, disks: readonly Disk[], settings: EraseSettings, log: Log): Promise<void> {
  const waiting = [...disks];
  const failures: string[] = [];
  const work = async (): Promise<void> => {
    for (let disk = waiting.shift(); disk !== undefined; disk = waiting.shift()) {
      try {
        await eraseDisk(run, disk, settings, log);
      } catch (error) {
        failures.push(error instanceof AgentFailure ? error.details : String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: settings.concurrency }, work));
  if (failures.length > 0) throw new AgentFailure('BlockDeviceEraseError', failures.join('; '));
}
