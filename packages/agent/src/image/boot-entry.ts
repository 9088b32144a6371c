// Makes the firmware boot the deployed disk: one entry for its loader, none left over from before.
import { AgentFailure } from '../errors.ts';
import { isUefi } from '../hardware/system.ts';
import type { Log } from '../log.ts';
import type { Run } from '../process.ts';
import { findLoader, withMountedEsp } from './efi-loader.ts';
import { createBootEntry, deleteBootEntry, listBootEntries } from './efi-variables.ts';
import { findEsp, type PartitionTable } from './partition-table.ts';

/** A device path that begins on a disk's partition; network and firmware entries begin otherwise. */
const DISK_PATH = /^HD\(/;

/**
 * Creates the boot entry of a deployed disk in the firmware's variables; does nothing on machines that booted by BIOS.
 * Entries for disks with the same label are removed first; network entries stay.
 *
 * @throws AgentFailure when the machine booted by UEFI and the image cannot be booted that way.
 */
export async function installBootEntry(
  run: Run,
  disk: string,
  table: PartitionTable | null,
  log: Log,
  systemRoot = '',
): Promise<void> {
  if (!isUefi(systemRoot)) {
    log.info('booted by BIOS: no boot entry is needed');
    return;
  }
  const esp = table === null ? undefined : findEsp(table);
  if (esp === undefined) {
    throw new AgentFailure(
      'DeploymentError',
      `the machine booted by UEFI, but the image on ${disk} has no EFI system partition: ` +
        'use an image that boots by UEFI, or set the node to boot mode bios',
    );
  }
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x64';
  const loader = await withMountedEsp(run, esp.path, (mountPoint) => findLoader(mountPoint, architecture));
  if (loader === null) {
    throw new AgentFailure(
      'DeploymentError',
      `the EFI system partition ${esp.path} holds no boot loader for ${architecture}`,
    );
  }
  const { entries } = await listBootEntries(run);
  for (const entry of entries) {
    if (entry.label !== loader.label || !DISK_PATH.test(entry.devicePath)) continue;
    await deleteBootEntry(run, entry.number);
    log.info(`boot entry ${entry.number} "${entry.label}" of an earlier deployment removed`);
  }
  await createBootEntry(run, disk, esp.number, loader.path, loader.label);
  log.info(`boot entry "${loader.label}" made for ${loader.path} on ${esp.path}`);
}
