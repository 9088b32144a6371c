// Boot interface ipxe: loaders over TFTP, everything else over HTTP.
import { bootUrl, tftpServer } from '../../boot/addresses.ts';
import { bootModeOf } from '../../boot/boot-mode.ts';
import { CHAIN_SCRIPT_NAME, localDiskScript, ramdiskScript } from '../../boot/ipxe-script.ts';
import { loaderAdvice } from '../../boot/loaders.ts';
import { architectureOf } from '../../boot/ramdisk/ramdisk-source.ts';
import type { ServerEnvironment } from '../../boot/services.ts';
import type { BootInterface, Task } from '../kit/index.ts';
import { KERNEL_NAME, networkBoot, RAMDISK_NAME, scriptName } from './network-boot.ts';

export function ipxeBoot(environment: ServerEnvironment): BootInterface {
  const { bootFiles, dhcp } = environment;

  function loaders({ node, config }: Task): { bios: string; uefi: string } {
    const { pxe } = config;
    return {
      bios: pxe.ipxe_bootfile_name,
      uefi: pxe.ipxe_bootfile_name_by_arch[architectureOf(node)] ?? pxe.uefi_ipxe_bootfile_name,
    };
  }

  return networkBoot(environment, {
    name: 'ipxe',
    root: 'http',
    async check(task) {
      bootUrl(task.config);
      if (dhcp.name === 'none') {
        return;
      }
      tftpServer(task.config);
      const { bios, uefi } = loaders(task);
      for (const name of [bios, uefi]) {
        if (!(await bootFiles.has('tftp', name))) {
          // A firmware that is iPXE already needs none of them.
          task.log.warn({ file: name }, `The boot loader is not in pxe.tftp_root. ${loaderAdvice(name)}`);
        }
      }
    },
    offer(task) {
      const url = bootUrl(task.config);
      const { bios, uefi } = loaders(task);
      return {
        ipxeScriptUrl: `${url}/${CHAIN_SCRIPT_NAME}`,
        bootMode: bootModeOf(task.node, task.config),
        biosBootFile: bios,
        uefiBootFile: uefi,
        uefiHttpUrl: `${url}/${uefi}`,
        tftpServer: tftpServer(task.config),
      };
    },
    ramdiskScripts(task, port, args) {
      const folder = `${bootUrl(task.config)}/${task.node.uuid}`;
      const content = ramdiskScript({
        kernelUrl: `${folder}/${KERNEL_NAME}`,
        ramdiskUrl: `${folder}/${RAMDISK_NAME}`,
        kernelArguments: args,
        timeoutMilliseconds: task.config.pxe.ipxe_timeout * 1000,
        fallbackScript: task.config.pxe.ipxe_fallback_script,
      });
      return [{ name: scriptName(task, port), content }];
    },
    diskScripts: (task, port) => [{ name: scriptName(task, port), content: localDiskScript() }],
  });
}
