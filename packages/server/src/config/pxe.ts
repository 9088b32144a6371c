// Options of network boot: boot files, TFTP, kernel arguments.
import { boolean, integer, path, text, textMap } from './option.ts';

export const pxe = {
  kernel_append_params: text({
    default: 'nofb vga=normal',
    reloadable: true,
    description: 'Kernel arguments of the ramdisk; a node replaces them or extends them with %default%.',
  }),
  tftp_server: text({
    default: null,
    description: 'Address of the TFTP server in DHCP answers. Unset: the host of deploy.http_url.',
  }),
  tftp_root: path({
    default: '$data_dir/tftpboot',
    description: 'Folder of the boot files that are served over TFTP.',
  }),
  pxe_config_subdir: text({
    default: 'pxelinux.cfg',
    description: 'Folder under the roots with one link for each MAC.',
  }),
  pxe_bootfile_name: text({ default: 'pxelinux.0', description: 'Boot file of boot interface pxe, BIOS.' }),
  uefi_pxe_bootfile_name: text({ default: 'bootx64.efi', description: 'Boot file of boot interface pxe, UEFI.' }),
  ipxe_bootfile_name: text({ default: 'undionly.kpxe', description: 'Boot file of boot interface ipxe, BIOS.' }),
  uefi_ipxe_bootfile_name: text({ default: 'snponly.efi', description: 'Boot file of boot interface ipxe, UEFI.' }),
  pxe_bootfile_name_by_arch: textMap({
    default: {},
    description: 'Boot file of boot interface pxe by cpu_arch, such as { "aarch64" = "grubaa64.efi" }.',
  }),
  ipxe_bootfile_name_by_arch: textMap({
    default: {},
    description: 'Boot file of boot interface ipxe by cpu_arch, such as { "aarch64" = "snponly-arm64.efi" }.',
  }),
  loader_file_paths: textMap({
    default: {},
    description:
      'Files put into the TFTP and HTTP roots at start, name to source path, such as { "snponly.efi" = "/usr/lib/ipxe/snponly.efi" }.',
  }),
  ipxe_timeout: integer({
    default: 0,
    minimum: 0,
    unit: 'seconds',
    reloadable: true,
    description: 'Time-out of the downloads of iPXE. 0: none.',
  }),
  ipxe_fallback_script: text({
    default: null,
    reloadable: true,
    description: 'iPXE script under the HTTP root that is run when the boot of the ramdisk fails.',
  }),
  boot_retry_timeout: integer({
    default: null,
    minimum: 60,
    unit: 'seconds',
    reloadable: true,
    description:
      'A machine that waits for its ramdisk and gave no sign for so long (no DHCP, no file fetched, no agent) is set to boot from the ' +
      'network and power cycled again, each time this passes. Unset: never; the call-back time-out ends the wait.',
  }),
  boot_retry_check_interval: integer({
    default: 90,
    minimum: 1,
    unit: 'seconds',
    description: 'How often machines are looked for that have to be booted again.',
  }),
  enable_netboot_fallback: boolean({
    default: false,
    reloadable: true,
    description:
      'Leave a boot script that starts the local disk for machines whose BIOS keeps booting from the network.',
  }),
} as const;
