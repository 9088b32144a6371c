// Puts the boot loaders into the TFTP and HTTP roots: those that the configuration names, and Debian's where they are installed.

import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../config/index.ts';
import type { TaskLog } from '../drivers/kit/index.ts';

/** Where Debian's packages ipxe, pxelinux, syslinux-common, shim-signed and grub-efi-amd64-signed put the loaders. */
const defaultLoaders: Readonly<Record<string, { readonly path: string; readonly package: string }>> = {
  'undionly.kpxe': { path: '/usr/lib/ipxe/undionly.kpxe', package: 'ipxe' },
  'snponly.efi': { path: '/usr/lib/ipxe/snponly.efi', package: 'ipxe' },
  'pxelinux.0': { path: '/usr/lib/PXELINUX/pxelinux.0', package: 'pxelinux' },
  'ldlinux.c32': { path: '/usr/lib/syslinux/modules/bios/ldlinux.c32', package: 'syslinux-common' },
  'bootx64.efi': { path: '/usr/lib/shim/shimx64.efi.signed', package: 'shim-signed' },
  'grubx64.efi': { path: '/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed', package: 'grub-efi-amd64-signed' },
};

async function modificationTime(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return null;
    }
    throw error;
  }
}

/** Copies a loader unless the root has one that is as new. */
async function install(source: string, target: string): Promise<void> {
  const [of, have] = [await modificationTime(source), await modificationTime(target)];
  if (of === null) {
    throw new Error('there is no such file');
  }
  if (have === null || have < of) {
    await mkdir(dirname(target), { recursive: true });
    const temporary = join(dirname(target), `.new-${process.pid}`);
    await copyFile(source, temporary);
    await rename(temporary, target);
    await rm(temporary, { force: true });
  }
}

/**
 * Installs all loaders.
 * @throws Error when one that the configuration names can not be read
 */
export async function installLoaders(config: Config, log: TaskLog): Promise<void> {
  const roots = [config.pxe.tftp_root, config.deploy.http_root];
  const named = config.pxe.loader_file_paths;
  for (const [name, source] of Object.entries(named)) {
    for (const root of roots) {
      try {
        await install(source, join(root, name));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`pxe.loader_file_paths: "${name}" can not be copied from ${source} to ${root}: ${reason}`);
      }
    }
  }
  for (const [name, { path }] of Object.entries(defaultLoaders)) {
    if (named[name] !== undefined || (await modificationTime(path)) === null) {
      continue;
    }
    for (const root of roots) {
      await install(path, join(root, name));
    }
  }
  log.debug({ roots }, 'Boot loaders are in place.');
}

/** How to get a loader that is missing, as a sentence. */
export function loaderAdvice(name: string): string {
  const known = defaultLoaders[name];
  const install = known === undefined ? '' : `Install the Debian package ${known.package} and restart the server, or n`;
  return `${install === '' ? 'N' : install}ame its source in pxe.loader_file_paths.`;
}
