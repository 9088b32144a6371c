// Reads and changes the firmware's list of boot entries through efibootmgr.
import type { Run } from '../process.ts';

export type BootEntry = {
  /** Four hexadecimal digits, such as `0003`. */
  number: string;
  label: string;
  isActive: boolean;
  /** The device path in text form, such as `HD(1,GPT,...)/File(\EFI\BOOT\BOOTX64.EFI)`. */
  devicePath: string;
};

export type BootEntries = { order: string[]; entries: BootEntry[] };

/** Reads the output of `efibootmgr --verbose`, in which a tab stands before the device path. */
export function parseBootEntries(output: string): BootEntries {
  const order = /^BootOrder:\s*(\S+)/m.exec(output)?.[1]?.split(',') ?? [];
  const entries: BootEntry[] = [];
  for (const match of output.matchAll(/^Boot([0-9A-Fa-f]{4})(\*?) ?([^\t\n]*)(?:\t(.*))?$/gm)) {
    entries.push({
      number: (match[1] ?? '').toUpperCase(),
      label: (match[3] ?? '').trim(),
      isActive: match[2] === '*',
      devicePath: (match[4] ?? '').trim(),
    });
  }
  return { order, entries };
}

/** Lists the firmware's boot entries. */
export async function listBootEntries(run: Run): Promise<BootEntries> {
  return parseBootEntries((await run('efibootmgr', ['--verbose'])).stdout);
}

/** Deletes a boot entry, also from the order. */
export async function deleteBootEntry(run: Run, number: string): Promise<void> {
  await run('efibootmgr', ['--bootnum', number, '--delete-bootnum']);
}

/** Creates an entry for a loader on a partition; it becomes the first of the order. */
export async function createBootEntry(
  run: Run,
  disk: string,
  partitionNumber: number,
  loader: string,
  label: string,
): Promise<void> {
  await run('efibootmgr', [
    '--create',
    '--disk',
    disk,
    '--part',
    String(partitionNumber),
    '--loader',
    loader,
    '--label',
    label,
  ]);
}
