// The host and option files of dnsmasq, one of each for each machine that is offered network boot.
//
// A host file is written once and stays while dnsmasq runs: dnsmasq 2.90 links the tags of a host to the tags of the present
// request, and dies when it later frees them, on SIGHUP and when a file changes or goes. Option files may change; of several
// values the newest counts, so an offer is taken back by another value. It is not empty, since dnsmasq dies of that as well, as soon
// as a client asks that does not ask for a boot file, such as an operating system.
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BootOffer } from './provider.ts';

/** Tag of every machine that is offered boot files; `dnsmasq-config.ts` relies on it. */
export const BOOT_TAG = 'wrought-boot';

export interface DnsmasqFolders {
  readonly hosts: string;
  readonly options: string;
}

/** The boot file of machines that are offered none any more. Nobody has it, so firmware goes on to its next device at once. */
export const NO_BOOT_FILE = 'no-network-boot';

const fileName = (address: string) => address.replaceAll(':', '-');
const tagOf = (address: string) => `wrought-${address.replaceAll(':', '')}`;

/** The line of the host file: the machine is known by its MAC and carries two tags. */
export function hostLine(address: string): string {
  return `${address},set:${BOOT_TAG},set:${tagOf(address)}\n`;
}

/**
 * The lines of the option file. The tags `ipxe`, `efi` and `efihttp` are set by what the client says of itself, because a
 * machine asks several times in one boot: as firmware, as iPXE, and as the ramdisk.
 */
export function optionLines(address: string, offer: BootOffer): string {
  const tag = `tag:${tagOf(address)}`;
  const { ipxeScriptUrl, biosBootFile, uefiBootFile, uefiHttpUrl, tftpServer } = offer;
  const notIpxe = ipxeScriptUrl === null ? tag : `${tag},tag:!ipxe`;
  const lines = [
    ...(ipxeScriptUrl === null ? [] : [`${tag},tag:ipxe,option:bootfile-name,${ipxeScriptUrl}`]),
    `${notIpxe},tag:!efi,tag:!efihttp,option:bootfile-name,${biosBootFile}`,
    `${notIpxe},tag:efi,tag:!efihttp,option:bootfile-name,${uefiBootFile}`,
    ...(uefiHttpUrl === null ? [] : [`${notIpxe},tag:efihttp,option:bootfile-name,${uefiHttpUrl}`]),
    `${tag},option:tftp-server,${tftpServer}`,
    `${tag},option:server-ip-address,${tftpServer}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** Takes the place of the lines above when the machine shall not boot from the network any more. */
export function withdrawnLine(address: string): string {
  return `tag:${tagOf(address)},option:bootfile-name,${NO_BOOT_FILE}\n`;
}

/** dnsmasq may read a folder at any time, so a file must be complete when it gets its name; dot files are ignored. */
async function writeWhole(folder: string, name: string, content: string): Promise<void> {
  const temporary = join(folder, `.${name}.new`);
  await writeFile(temporary, content, { mode: 0o644 });
  await rename(temporary, join(folder, name));
}

export async function makeFolders({ hosts, options }: DnsmasqFolders): Promise<void> {
  await mkdir(hosts, { recursive: true });
  await mkdir(options, { recursive: true });
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return false;
    }
    throw error;
  }
}

/** Offers boot files to a machine. */
export async function writeOffer(folders: DnsmasqFolders, address: string, offer: BootOffer): Promise<void> {
  const name = fileName(address);
  await writeWhole(folders.options, name, optionLines(address, offer));
  if (!(await exists(join(folders.hosts, name)))) {
    await writeWhole(folders.hosts, name, hostLine(address));
  }
}

/** Takes an offer back; does nothing when there is none. */
export async function withdrawOffer({ options }: DnsmasqFolders, address: string): Promise<void> {
  const name = fileName(address);
  if (await exists(join(options, name))) {
    await writeWhole(options, name, withdrawnLine(address));
  }
}

/** Removes the files of machines whose offer was taken back; only while no dnsmasq reads the folders. */
export async function forgetWithdrawn({ hosts, options }: DnsmasqFolders): Promise<void> {
  for (const name of await readdir(options)) {
    const address = name.replaceAll('-', ':');
    if ((await readFile(join(options, name), 'utf8')) === withdrawnLine(address)) {
      await rm(join(hosts, name), { force: true });
      await rm(join(options, name), { force: true });
    }
  }
}
