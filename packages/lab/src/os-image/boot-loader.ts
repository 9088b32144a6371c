// Makes a disk image bootable by GRUB from BIOS and UEFI, without installing anything on the host.
import { readFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { run } from '../process/run.ts';

const sectorBytes = 512;
const biosModules = '/usr/lib/grub/i386-pc';

// Fields of GRUB's boot.img and of the first sector of core.img (grub-core/boot/i386/pc/{boot,diskboot}.S).
const bootCoreSectorOffset = 0x5c;
const bootDriveCheckOffset = 0x66;
const bootCodeEnd = 440;
const coreBlockListOffset = 0x1f4;
const coreSecondSectorSegment = 0x820;
const twoNops = Buffer.from([0x90, 0x90]);

const commonModules = ['part_gpt', 'ext2', 'search', 'search_label', 'linux', 'normal', 'configfile', 'echo'];

/** Builds a GRUB core image that takes its configuration from `configurationFile` (a file of early commands). */
export async function makeGrubCore(
  platform: 'i386-pc' | 'x86_64-efi',
  configurationFile: string,
  output: string,
): Promise<void> {
  const modules = [...commonModules, platform === 'i386-pc' ? 'biosdisk' : 'fat'];
  const options = ['-O', platform, '-o', output, '-p', '/boot/grub', '-c', configurationFile];
  await run('grub-mkimage', [...options, ...modules]);
}

/**
 * Writes GRUB's BIOS boot code: the first sector into the master boot record (its disk id and partition table stay),
 * the core image into the BIOS boot partition that begins at `coreSector`.
 */
export async function installBiosBootCode(image: FileHandle, coreFile: string, coreSector: number): Promise<void> {
  const boot = readFileSync(`${biosModules}/boot.img`);
  boot.writeBigUInt64LE(BigInt(coreSector), bootCoreSectorOffset);
  // boot.img trusts the drive number that the BIOS hands over only when this jump is gone.
  twoNops.copy(boot, bootDriveCheckOffset);
  await image.write(boot, 0, bootCodeEnd, 0);

  const core = readFileSync(coreFile);
  const sectors = Math.ceil(core.length / sectorBytes);
  core.writeBigUInt64LE(BigInt(coreSector + 1), coreBlockListOffset);
  core.writeUInt16LE(sectors - 1, coreBlockListOffset + 8);
  core.writeUInt16LE(coreSecondSectorSegment, coreBlockListOffset + 10);
  await image.write(core, 0, core.length, coreSector * sectorBytes);
}
