// The host and option files of dnsmasq, one of each for each machine that is offered network boot.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BootOffer } from './provider.ts';

/** Tag of every machine that is offered boot files; `dnsmasq-config.ts` relies on it. */
export const BOOT_TAG = 'wrought-boot';

export interface DnsmasqFolders {
  readonly hosts: string;
  readonly options: string;
}

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

/** dnsmasq reads a folder's file as soon as it is closed, so it must be complete when it gets its name; dot files are ignored. */
async function writeWhole(folder: string, name: string, content: string): Promise<void> {
  const temporary = join(folder, `.${name}.new`);
  await writeFile(temporary, content, { mode: 0o644 });
  await rename(temporary, join(folder, name));
}

export async function makeFolders({ hosts, options }: DnsmasqFolders): Promise<void> {
  await mkdir(hosts, { recursive: true });
  await mkdir(options, { recursive: true });
}

export async function writeOffer(folders: DnsmasqFolders, address: string, offer: BootOffer): Promise<void> {
  const name = fileName(address);
  await writeWhole(folders.options, name, optionLines(address, offer));
  await writeWhole(folders.hosts, name, hostLine(address));
}

export async function removeOffer(folders: DnsmasqFolders, address: string): Promise<void> {
  const name = fileName(address);
  await rm(join(folders.hosts, name), { force: true });
  await rm(join(folders.options, name), { force: true });
}
