// Finds the boot loader on an EFI system partition: by the list that shim installs, else by the known names.
import { mkdtemp, readFile, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listDirectory } from '../hardware/sysfs.ts';
import type { Run } from '../process.ts';

export type EfiLoader = {
  /** Path on the partition with backslashes, such as `\EFI\BOOT\BOOTX64.EFI`. */
  path: string;
  /** What the firmware's menu shows. */
  label: string;
};

const DEFAULT_LABEL = 'Wrought instance';
/** Loaders by their usual names, best first: shim before what it starts. */
const KNOWN_LOADERS = {
  x64: ['shimx64.efi', 'bootx64.efi', 'grubx64.efi', 'systemd-bootx64.efi'],
  arm64: ['shimaa64.efi', 'bootaa64.efi', 'grubaa64.efi', 'systemd-bootaa64.efi'],
} as const;
const CSV_NAMES = { x64: 'bootx64.csv', arm64: 'bootaa64.csv' } as const;

/**
 * Reads a list such as shim's `BOOTX64.CSV`: UTF-16 with byte order mark, a line `file,label,options,comment` a loader.
 *
 * @returns the first line's loader, or null when there is none.
 */
export function parseLoaderCsv(bytes: Buffer): { file: string; label: string } | null {
  const hasMark = bytes.length >= 2 && bytes[0] === 0xff && bytes[1] === 0xfe;
  const looksWide = bytes.length >= 2 && bytes[1] === 0;
  const text = hasMark || looksWide ? bytes.subarray(hasMark ? 2 : 0).toString('utf16le') : bytes.toString('utf8');
  const [file, label] = (text.split(/\r?\n/)[0] ?? '').split(',').map((part) => part.replaceAll('\0', '').trim());
  return file === undefined || file === '' ? null : { file, label: label || DEFAULT_LABEL };
}

/** Loaders can be there in any case: FAT does not tell cases apart. */
function findName(directory: string, name: string): string | undefined {
  return listDirectory(directory).find((candidate) => candidate.toLowerCase() === name);
}

/** Looks for a loader in the mounted partition; vendors' folders come before the fallback folder BOOT. */
export async function findLoader(mountPoint: string, architecture: 'x64' | 'arm64'): Promise<EfiLoader | null> {
  const efi = findName(mountPoint, 'efi');
  if (efi === undefined) return null;
  const root = join(mountPoint, efi);
  const folders = listDirectory(root).sort((left, right) => Number(isFallback(left)) - Number(isFallback(right)));
  for (const folder of folders) {
    const csv = findName(join(root, folder), CSV_NAMES[architecture]);
    if (csv === undefined) continue;
    const listed = parseLoaderCsv(await readFile(join(root, folder, csv)));
    const file = listed === null ? undefined : findName(join(root, folder), listed.file.toLowerCase());
    if (listed !== null && file !== undefined) return { path: `\\${efi}\\${folder}\\${file}`, label: listed.label };
  }
  for (const folder of folders) {
    for (const name of KNOWN_LOADERS[architecture]) {
      const file = findName(join(root, folder), name);
      if (file !== undefined) return { path: `\\${efi}\\${folder}\\${file}`, label: DEFAULT_LABEL };
    }
  }
  return null;
}

function isFallback(folder: string): boolean {
  return folder.toLowerCase() === 'boot';
}

/** Mounts an EFI system partition read-only for the time of a function. */
export async function withMountedEsp<Result>(
  run: Run,
  partition: string,
  use: (mountPoint: string) => Promise<Result>,
): Promise<Result> {
  const mountPoint = await mkdtemp(join(tmpdir(), 'esp-'));
  try {
    await run('mount', ['-t', 'vfat', '-o', 'ro', partition, mountPoint]);
    try {
      return await use(mountPoint);
    } finally {
      await run('umount', [mountPoint]);
    }
  } finally {
    await rmdir(mountPoint);
  }
}
