// Boot interface pxe: PXELINUX for BIOS and GRUB behind shim for UEFI, all over TFTP.
import { registeredError } from '@wrought/contract';
import { tftpServer } from '../../boot/addresses.ts';
import { bootModeOf } from '../../boot/boot-mode.ts';
import { loaderAdvice } from '../../boot/loaders.ts';
import {
  grubDiskConfiguration,
  grubRamdiskConfiguration,
  grubScriptName,
  pxelinuxDiskConfiguration,
  pxelinuxRamdiskConfiguration,
} from '../../boot/pxe-script.ts';
import { architectureOf } from '../../boot/ramdisk/ramdisk-source.ts';
import type { ServerEnvironment } from '../../boot/services.ts';
import type { BootInterface, Task } from '../kit/index.ts';
import { KERNEL_NAME, networkBoot, RAMDISK_NAME, scriptName } from './network-boot.ts';

/** "01-" stands for Ethernet in the names that PXELINUX looks for. */
const ETHERNET_PREFIX = '01-';

function loaders({ node, config }: Task): { bios: string; uefi: string } {
  const { pxe } = config;
  return {
    bios: pxe.pxe_bootfile_name,
    uefi: pxe.pxe_bootfile_name_by_arch[architectureOf(node)] ?? pxe.uefi_pxe_bootfile_name,
  };
}

export function pxeBoot(environment: ServerEnvironment): BootInterface {
  const { bootFiles, dhcp } = environment;
  return networkBoot(environment, {
    name: 'pxe',
    root: 'tftp',
    bootDevice: 'pxe',
    async check(task) {
      if (dhcp.name === 'none') {
        return;
      }
      tftpServer(task.config);
      const name = loaders(task)[bootModeOf(task.node, task.config)];
      if (!(await bootFiles.has('tftp', name))) {
        throw registeredError('MissingParameterValue', {
          reason: `The boot loader ${name} is not in ${task.config.pxe.tftp_root}, so node ${task.node.uuid} can not boot from the network. ${loaderAdvice(name)}`,
        });
      }
    },
    offer(task) {
      const { bios, uefi } = loaders(task);
      return {
        ipxeScriptUrl: null,
        bootMode: bootModeOf(task.node, task.config),
        biosBootFile: bios,
        uefiBootFile: uefi,
        uefiHttpUrl: null,
        tftpServer: tftpServer(task.config),
      };
    },
    ramdiskScripts(task, port, args) {
      const files = { kernel: `${task.node.uuid}/${KERNEL_NAME}`, ramdisk: `${task.node.uuid}/${RAMDISK_NAME}`, args };
      return [
        { name: scriptName(task, port, ETHERNET_PREFIX), content: pxelinuxRamdiskConfiguration(files) },
        { name: grubScriptName(port.address), content: grubRamdiskConfiguration(files) },
      ];
    },
    diskScripts: (task, port) => [
      { name: scriptName(task, port, ETHERNET_PREFIX), content: pxelinuxDiskConfiguration() },
      { name: grubScriptName(port.address), content: grubDiskConfiguration() },
    ],
  });
}
