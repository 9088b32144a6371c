// Options of deployment and erasure: how boot files are served, and what the agent is told to do with disks.
import { address, boolean, choice, integer, path, url } from './option.ts';

export const deploy = {
  http_url: url({
    default: null,
    description:
      'URL under which machines find the boot files of `http_root`. Unset: the address of the built-in server.',
  }),
  http_root: path({
    default: '$data_dir/httpboot',
    description: 'Folder of the boot files that are served over HTTP.',
  }),
  http_listen: address({
    default: null,
    description:
      'Address of the built-in HTTP server for boot files. Unset: port 8088 of the interface that dnsmasq serves, when nobody named `http_url` either; otherwise `http_root` is served by another server.',
  }),
  external_http_url: url({
    default: null,
    reloadable: true,
    description:
      'The same for BMCs that fetch boot media, where they see this server under another URL than machines do.',
  }),
  external_callback_url: url({
    default: null,
    reloadable: true,
    description: 'URL of the API for ramdisks that boot from media of ours. Unset: the one that all ramdisks get.',
  }),
  default_boot_mode: choice({
    default: 'uefi',
    allowed: ['uefi', 'bios'],
    reloadable: true,
    description: 'Boot mode of nodes that name none.',
  }),
  erase_devices_priority: integer({
    default: null,
    minimum: 0,
    reloadable: true,
    description: 'Priority of the clean step erase_devices (whole disks). 0: left out. Unset: what the agent says.',
  }),
  erase_devices_metadata_priority: integer({
    default: null,
    minimum: 0,
    reloadable: true,
    description: 'Priority of the clean step erase_devices_metadata. 0: left out. Unset: what the agent says.',
  }),
  shred_random_overwrite_iterations: integer({
    default: 1,
    minimum: 0,
    reloadable: true,
    description: 'Passes of random data over a disk that can not erase itself.',
  }),
  shred_final_overwrite_with_zeros: boolean({
    default: true,
    reloadable: true,
    description: 'End such an overwrite with a pass of zeros.',
  }),
  continue_if_disk_secure_erase_fails: boolean({
    default: false,
    reloadable: true,
    description: 'Overwrite a disk whose own secure erase failed; false: the clean step fails.',
  }),
  enable_ata_secure_erase: boolean({
    default: true,
    reloadable: true,
    description: 'Use the secure erase of ATA disks that have one.',
  }),
  enable_nvme_secure_erase: boolean({
    default: true,
    reloadable: true,
    description: 'Use the format command of NVMe disks that have one.',
  }),
  disk_erasure_concurrency: integer({
    default: 4,
    minimum: 1,
    reloadable: true,
    description: 'Disks of one machine erased at one time.',
  }),
  erase_skip_read_only: boolean({
    default: false,
    reloadable: true,
    description: 'Pass over read-only disks; false: the clean step fails.',
  }),
  power_off_after_deploy_failure: boolean({
    default: true,
    reloadable: true,
    description: 'Power a node off when its deployment fails.',
  }),
} as const;
