// The boot interfaces that need neither DHCP nor TFTP: a virtual CD, and UEFI HTTP boot of the same medium.
import { registeredError } from '@wrought/contract';
import { bootModeOf } from '../../boot/boot-mode.ts';
import type { ServerEnvironment } from '../../boot/services.ts';
import type { BootInterface } from '../kit/index.ts';
import type { RedfishBmc } from './bmc/index.ts';
import { readConnection } from './connection.ts';
import { mediumBoot } from './medium-boot.ts';
import { properties } from './properties.ts';

const mediumProperties = {
  ...properties,
  deploy_iso: 'Ready-made boot medium of the agent (URL or path), in place of one made of kernel and initramfs.',
  deploy_kernel: 'Kernel of the agent ramdisk (URL or path). Default: conductor.deploy_kernel of the configuration.',
  deploy_ramdisk:
    'Initramfs of the agent ramdisk (URL or path). Default: conductor.deploy_ramdisk of the configuration.',
  rescue_iso: 'The same for rescue.',
  rescue_kernel:
    'Kernel of the rescue ramdisk (URL or path). Default: conductor.rescue_kernel, else that of the agent.',
  rescue_ramdisk:
    'Initramfs of the rescue ramdisk (URL or path). Default: conductor.rescue_ramdisk, else that of the agent.',
  bootloader:
    'Image of an EFI system partition for the medium (URL or path). Default: conductor.bootloader, else the loaders of the server.',
  kernel_append_params: 'Kernel arguments of the ramdisk; %default% stands for redfish.kernel_append_params.',
  external_http_url: 'URL under which the BMC finds the boot media of the server. Default: deploy.external_http_url.',
  force_persistent_boot_device:
    'Always: every boot device change is persistent; Never: none is; Default: only the one to the disk at the end of deployment.',
} as const;

const removableProperties = {
  config_via_removable:
    'Whether the parameters of the agent are shown on a virtual floppy or USB drive beside the medium, for ready-made media that have none. Default: false.',
  config_via_floppy: 'The former name of config_via_removable.',
} as const;

/** Boot interface "redfish-virtual-media", or that of a make: the BMC shows the machine a CD. */
export function virtualMediaBoot(
  environment: ServerEnvironment,
  load: () => Promise<RedfishBmc>,
  { name = 'redfish-virtual-media', isDell = false } = {},
): BootInterface {
  return mediumBoot(environment, {
    name,
    properties: { ...mediumProperties, ...removableProperties },
    isVirtual: true,
    async check({ node, config }) {
      readConnection(node, config);
    },
    async handOver(task, url, removableUrl) {
      const { bootFromCd, bootFromDellCd } = (await load()).mediumBoot;
      await (isDell ? bootFromDellCd : bootFromCd)(task, url, removableUrl);
    },
    takeBack: async (task, hasRemovable) => (await load()).mediumBoot.ejectCd(task, hasRemovable),
  });
}

/** Boot interface "redfish-https": the firmware downloads the medium itself. */
export function httpsBoot(environment: ServerEnvironment, load: () => Promise<RedfishBmc>): BootInterface {
  return mediumBoot(environment, {
    name: 'redfish-https',
    properties: mediumProperties,
    isVirtual: false,
    async check({ node, config }) {
      readConnection(node, config);
      if (bootModeOf(node, config) !== 'uefi') {
        throw registeredError('InvalidParameterValue', {
          reason: `Boot interface redfish-https boots by UEFI HTTP, but node ${node.uuid} boots in mode "bios". Set boot_mode:uefi in properties/capabilities, or take redfish-virtual-media.`,
        });
      }
    },
    handOver: async (task, url) => (await load()).mediumBoot.bootFromUrl(task, url),
    // It was for one boot only.
    takeBack: async () => {},
  });
}
