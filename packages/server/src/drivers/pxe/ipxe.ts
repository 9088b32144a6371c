// Boot interfaces ipxe and http-ipxe: loaders over TFTP, or over HTTP as well, and everything else over HTTP.
import { bootUrl, tftpServer } from '../../boot/addresses.ts';
import { bootModeOf } from '../../boot/boot-mode.ts';
import { CHAIN_SCRIPT_NAME, localDiskScript, ramdiskScript } from '../../boot/ipxe-script.ts';
import { loaderAdvice } from '../../boot/loaders.ts';
import { architectureOf } from '../../boot/ramdisk/ramdisk-source.ts';
import type { ServerEnvironment } from '../../boot/services.ts';
import type { BootInterface, Task } from '../kit/index.ts';
import { KERNEL_NAME, networkBoot, RAMDISK_NAME, scriptName } from './network-boot.ts';

/** Makes one of them. */
export function ipxeBoot(environment: ServerEnvironment, name: 'ipxe' | 'http-ipxe' = 'ipxe'): BootInterface {
  const { bootFiles, dhcp } = environment;
  const isHttp = name === 'http-ipxe';

  function loaders({ node, config }: Task): { bios: string; uefi: string } {
    const { pxe } = config;
    return {
      bios: pxe.ipxe_bootfile_name,
      uefi: pxe.ipxe_bootfile_name_by_arch[architectureOf(node)] ?? pxe.uefi_ipxe_bootfile_name,
    };
  }

  return networkBoot(environment, {
    name,
    root: 'http',
    bootDevice: isHttp ? 'uefihttp' : 'pxe',
    async check(task) {
      bootUrl(task.config);
      if (dhcp.name === 'none') {
        return;
      }
      tftpServer(task.config);
      const { bios, uefi } = loaders(task);
      const [where, root] = isHttp ? (['deploy.http_root', 'http'] as const) : (['pxe.tftp_root', 'tftp'] as const);
      for (const file of isHttp ? [uefi] : [bios, uefi]) {
        if (!(await bootFiles.has(root, file))) {
          // A firmware that is iPXE already needs none of them.
          task.log.warn({ file }, `The boot loader is not in ${where}. ${loaderAdvice(file)}`);
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
