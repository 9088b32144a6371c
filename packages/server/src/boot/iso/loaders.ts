// The boot loaders inside boot images: GRUB behind shim in an EFI system partition, ISOLINUX for BIOS.
import { stat } from 'node:fs/promises';
import { firstThere, runTool } from './tools.ts';

const SHIM = ['/usr/lib/shim/shimx64.efi.signed', '/usr/lib/shim/shimx64.efi'];
/** The variant that looks for its configuration on a CD. */
const SIGNED_GRUB = ['/usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed'];
const PLAIN_GRUB = ['/usr/lib/grub/x86_64-efi/monolithic/gcdx64.efi'];
const MOK_MANAGER = ['/usr/lib/shim/mmx64.efi.signed', '/usr/lib/shim/mmx64.efi'];

/** How to get the loaders of UEFI, as a sentence. */
export const uefiLoaderAdvice =
  'Install the Debian packages shim-signed and grub-efi-amd64-signed on the server, or name the image of an EFI system partition in driver_info/bootloader or conductor.bootloader.';
/** How to get those of BIOS. */
export const biosLoaderAdvice = 'Install the Debian packages isolinux and syslinux-common on the server.';

/** Files of the EFI folder: names in it, and where they are. */
export type EfiFiles = readonly (readonly [name: string, path: string])[];

/** What an EFI system partition gets; null when nothing is installed. With shim it works under Secure Boot. */
export async function efiFiles(): Promise<EfiFiles | null> {
  const [shim, signed, plain, manager] = await Promise.all(
    [SHIM, SIGNED_GRUB, PLAIN_GRUB, MOK_MANAGER].map(firstThere),
  );
  if (shim && signed) {
    return [['BOOTX64.EFI', shim], ['grubx64.efi', signed], ...(manager ? [['mmx64.efi', manager] as const] : [])];
  }
  return plain ? [['BOOTX64.EFI', plain]] : null;
}

export interface BiosLoader {
  readonly isolinux: string;
  readonly ldlinux: string;
}

/** ISOLINUX where it is installed, else null. */
export async function biosLoader(): Promise<BiosLoader | null> {
  const isolinux = await firstThere(['/usr/lib/ISOLINUX/isolinux.bin']);
  const ldlinux = await firstThere(['/usr/lib/syslinux/modules/bios/ldlinux.c32']);
  return isolinux === null || ldlinux === null ? null : { isolinux, ldlinux };
}

const SECTOR = 512;
/** Room for the file system itself. */
const SPARE_BYTES = 512 * 1024;

/** Makes the FAT image of an EFI system partition with these files in /EFI/BOOT. */
export async function makeEspImage(target: string, files: EfiFiles): Promise<void> {
  const sizes = await Promise.all(files.map(async ([, path]) => (await stat(path)).size));
  const bytes = sizes.reduce((sum, size) => sum + Math.ceil(size / 4096) * 4096, SPARE_BYTES);
  // FAT16 begins at some 4 MB; every firmware reads it, and sizes in whole megabytes give plain geometries.
  const sectors = Math.max(8, Math.ceil(bytes / 1_048_576)) * (1_048_576 / SECTOR);
  await runTool('mformat', ['-C', '-i', target, '-T', String(sectors), '-h', '16', '-s', '32', '-v', 'ESP', '::']);
  await runTool('mmd', ['-i', target, '::/EFI', '::/EFI/BOOT']);
  for (const [name, path] of files) {
    await runTool('mcopy', ['-i', target, path, `::/EFI/BOOT/${name}`]);
  }
}
