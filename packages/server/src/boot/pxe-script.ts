// Configurations of PXELINUX and of GRUB for machines that boot from TFTP.

export interface RamdiskFiles {
  /** Paths under the TFTP root. */
  readonly kernel: string;
  readonly ramdisk: string;
  readonly args: readonly string[];
}

/** What Debian's signed GRUB reads first, under the TFTP root. */
export const GRUB_MASTER_NAME = 'grub/grub.cfg';
const GRUB_MACHINE_FOLDER = 'grub/machines';

/** GRUB's `net_default_mac` is the MAC with colons, in lower case. */
export function grubScriptName(address: string): string {
  return `${GRUB_MACHINE_FOLDER}/${address.toLowerCase()}.cfg`;
}

/** `IPAPPEND 2` makes PXELINUX add BOOTIF. */
export function pxelinuxRamdiskConfiguration({ kernel, ramdisk, args }: RamdiskFiles): string {
  return `# Made by Wrought; changes are lost.
DEFAULT deploy
PROMPT 0
LABEL deploy
  KERNEL /${kernel}
  APPEND initrd=/${ramdisk} ${args.join(' ')}
  IPAPPEND 2
`;
}

export function pxelinuxDiskConfiguration(): string {
  return `# Made by Wrought; changes are lost.
DEFAULT disk
PROMPT 0
LABEL disk
  LOCALBOOT 0
`;
}

/** Words of a GRUB command in single quotes, so that nothing in them is taken for syntax. */
const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/** The commands of GRUB that boot a kernel; `more` is added to its line as it is. Paths begin with a slash. */
export function grubKernelLines(
  kernel: string,
  initramfs: readonly string[],
  args: readonly string[],
  more: readonly string[] = [],
): string {
  return `# Made by Wrought; changes are lost.
echo 'Wrought: booting the ramdisk'
linux ${[kernel, ...args.map(quoted), ...more].join(' ')}
initrd ${initramfs.join(' ')}
boot
`;
}

export function grubRamdiskConfiguration({ kernel, ramdisk, args }: RamdiskFiles): string {
  return grubKernelLines(`/${kernel}`, [`/${ramdisk}`], args, ['BOOTIF="$net_default_mac"']);
}

export function grubDiskConfiguration(): string {
  return `# Made by Wrought; changes are lost.
exit
`;
}

/**
 * The first configuration: it hands over to that of the machine, which does not come back, and leaves machines without one to
 * their next boot device. (GRUB can not ask a TFTP server whether a file exists; it can only try.)
 */
export function grubMasterConfiguration(): string {
  return `# Made by Wrought; changes are lost.
source "/${GRUB_MACHINE_FOLDER}/$net_default_mac.cfg"
echo "Wrought: no boot script for $net_default_mac; this machine is not being deployed or cleaned."
exit
`;
}
