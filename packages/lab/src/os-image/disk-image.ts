// Writes a root tree into a raw disk image that boots from BIOS and UEFI.
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../process/run.ts';
import { installBiosBootCode, makeGrubCore } from './boot-loader.ts';

const mebibyte = 1024 * 1024;
const sectorBytes = 512;
const sectorsPerMebibyte = mebibyte / sectorBytes;

// The image in MiB: 1 for the partition table, then these, then 1 for the table's copy at the end.
const imageSizeMiB = 96;
const biosBoot = { startMiB: 1, sizeMiB: 1 };
const efiSystem = { startMiB: 2, sizeMiB: 16 };
const root = { startMiB: 18, sizeMiB: 77 };

export const rootLabel = 'wrought-root';

// Fixed, so that equal inputs give equal images.
const diskGuid = '6a3c1e9e-8b0f-4a57-9d52-57726f756768';
const rootFileSystemUuid = '3f9d2c1a-4f0b-4d7e-8a61-57726f756768';
const partitionGuid = (number: number) => `b1f5a7d2-0c3e-4e8a-a6d4-57726f75670${number}`;

function partitionArguments(number: number, place: { startMiB: number; sizeMiB: number }, type: string, name: string) {
  const start = place.startMiB * sectorsPerMebibyte;
  const end = start + place.sizeMiB * sectorsPerMebibyte - 1;
  return [
    [`--new=${number}:${start}:${end}`, `--typecode=${number}:${type}`],
    [`--change-name=${number}:${name}`, `--partition-guid=${number}:${partitionGuid(number)}`],
  ].flat();
}

async function makeEfiSystemPartition(workDirectory: string, earlyConfiguration: string): Promise<string> {
  const loader = join(workDirectory, 'bootx64.efi');
  const partition = join(workDirectory, 'efi-system.img');
  await makeGrubCore('x86_64-efi', earlyConfiguration, loader);
  await run('mkfs.vfat', [
    '-C',
    '-F',
    '16',
    '-n',
    'WROUGHT-EFI',
    '-i',
    '57524f55',
    partition,
    String(efiSystem.sizeMiB * 1024),
  ]);
  await run('mmd', ['-i', partition, '::/EFI', '::/EFI/BOOT']);
  await run('mcopy', ['-i', partition, loader, '::/EFI/BOOT/BOOTX64.EFI']);
  return partition;
}

/** Makes a raw image at `image` from the files below `tree`. `workDirectory` is scratch space. */
export async function makeDiskImage(tree: string, image: string, workDirectory: string): Promise<void> {
  writeFileSync(image, '');
  truncateSync(image, imageSizeMiB * mebibyte);
  await run('sgdisk', [
    ...['--clear', `--disk-guid=${diskGuid}`],
    ...partitionArguments(1, biosBoot, 'ef02', 'bios-boot'),
    ...partitionArguments(2, efiSystem, 'ef00', 'efi-system'),
    ...partitionArguments(3, root, '8300', 'root'),
    image,
  ]);

  const extended = `offset=${root.startMiB * mebibyte},hash_seed=${rootFileSystemUuid},lazy_itable_init=0`;
  const fileSystem = ['-t', 'ext4', '-O', '^has_journal', '-L', rootLabel, '-U', rootFileSystemUuid, '-m', '0'];
  await run('mke2fs', ['-q', ...fileSystem, '-E', extended, '-d', tree, image, `${root.sizeMiB}M`]);

  const earlyConfiguration = join(workDirectory, 'early.cfg');
  writeFileSync(earlyConfiguration, `search --label ${rootLabel} --set=root\nset prefix=($root)/boot/grub\n`);
  const core = join(workDirectory, 'core.img');
  await makeGrubCore('i386-pc', earlyConfiguration, core);
  const efiPartition = await makeEfiSystemPartition(workDirectory, earlyConfiguration);
  const file = await open(image, 'r+');
  try {
    await installBiosBootCode(file, core, biosBoot.startMiB * sectorsPerMebibyte);
    const bytes = readFileSync(efiPartition);
    await file.write(bytes, 0, bytes.length, efiSystem.startMiB * mebibyte);
  } finally {
    await file.close();
  }
}
