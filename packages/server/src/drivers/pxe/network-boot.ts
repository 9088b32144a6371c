// What the network boot interfaces have in common: files of the node, scripts of its ports, DHCP, boot device.

import { join } from 'node:path';
import { type Port, registeredError } from '@wrought/contract';
import { addressName, type BootRoot } from '../../boot/boot-files.ts';
import { bootModeOf, checkBootMode } from '../../boot/boot-mode.ts';
import type { ServerEnvironment } from '../../boot/services.ts';
import { webOptions } from '../../boot/web.ts';
import type { BootOffer } from '../../network/dhcp/provider.ts';
import type { BootInterface, RamdiskPurpose, Task } from '../kit/index.ts';
import { chooseBootDevice, forcePersistent } from './boot-device.ts';
import { kernelArguments } from './kernel-arguments.ts';
import { properties } from './properties.ts';
import { ramdiskSource } from './ramdisk-source.ts';

export const KERNEL_NAME = 'deploy_kernel';
export const RAMDISK_NAME = 'deploy_ramdisk';

/** A file with its name under the root. */
export interface BootScript {
  readonly name: string;
  readonly content: string;
}

/** What tells one network boot interface from another. */
export interface Flavour {
  readonly name: string;
  /** Where kernel, ramdisk and scripts lie. */
  readonly root: BootRoot;
  /** Throws when the server is not set up for it. */
  check(task: Task): Promise<void>;
  offer(task: Task): BootOffer;
  /** Scripts that boot the ramdisk through this port. */
  ramdiskScripts(task: Task, port: Port, args: readonly string[]): readonly BootScript[];
  /** Scripts that leave the machine to its disk; needed where firmware boots from the network whatever it is told. */
  diskScripts(task: Task, port: Port): readonly BootScript[];
}

/** Ports that boot from the network. */
export function bootPorts(task: Task): readonly Port[] {
  return task.ports.filter((port) => port.pxe_enabled);
}

/** The common part as a boot interface. */
export function networkBoot(environment: ServerEnvironment, flavour: Flavour): BootInterface {
  const { bootFiles, dhcp, fileCache } = environment;
  const { root } = flavour;

  async function withdraw(task: Task): Promise<void> {
    for (const port of task.ports) {
      await dhcp.withdrawBoot(port.address);
      for (const { name } of [...flavour.ramdiskScripts(task, port, []), ...flavour.diskScripts(task, port)]) {
        await bootFiles.remove(root, name);
      }
    }
    await bootFiles.remove(root, task.node.uuid);
  }

  async function publish(task: Task, scriptsOf: (port: Port) => readonly BootScript[]): Promise<void> {
    for (const port of bootPorts(task)) {
      for (const { name, content } of scriptsOf(port)) {
        await bootFiles.write(root, name, content);
      }
      await dhcp.offerBoot(port.address, flavour.offer(task));
    }
  }

  async function validateFor(task: Task, purpose: RamdiskPurpose): Promise<void> {
    const { node, config } = task;
    if (bootPorts(task).length === 0) {
      throw registeredError('MissingParameterValue', {
        reason: `Node ${node.uuid} has no port that boots from the network. Create a port with the MAC address of its network card (and pxe_enabled true).`,
      });
    }
    forcePersistent(node);
    checkBootMode(node, config);
    kernelArguments(node, config);
    await ramdiskSource(node, config, purpose);
    await flavour.check(task);
  }

  return {
    kind: 'boot',
    name: flavour.name,
    properties,
    validate: (task) => validateFor(task, 'deploy'),
    validateRescue: (task) => validateFor(task, 'rescue'),
    async prepareRamdisk(task, purpose) {
      await validateFor(task, purpose);
      const { node, config } = task;
      const { kernel, ramdisk } = await ramdiskSource(node, config, purpose);
      const folder = join(bootFiles.rootFolder(root), node.uuid);
      await fileCache.place(kernel, join(folder, KERNEL_NAME), webOptions(config));
      await fileCache.place(ramdisk, join(folder, RAMDISK_NAME), webOptions(config));
      const args = kernelArguments(node, config, purpose);
      await publish(task, (port) => flavour.ramdiskScripts(task, port, args));
      await chooseBootDevice(task, 'pxe');
      task.record({
        kind: 'boot',
        message: `Network boot (${flavour.name}) of the ramdisk is prepared for ${bootPorts(task)
          .map(({ address }) => address)
          .join(', ')}.`,
        data: { purpose, boot_mode: bootModeOf(node, config) },
      });
      return { driver_internal_info: { deploy_boot_mode: bootModeOf(node, config) } };
    },
    async cleanUpRamdisk(task) {
      await withdraw(task);
      return {};
    },
    async prepareInstance(task) {
      await withdraw(task);
      if (task.config.pxe.enable_netboot_fallback) {
        await publish(task, (port) => flavour.diskScripts(task, port));
      }
      await chooseBootDevice(task, 'disk');
      return {};
    },
    async cleanUpInstance(task) {
      await withdraw(task);
      return {};
    },
  };
}

/** Folder and name of a per-MAC script. */
export function scriptName(task: Task, port: Port, prefix = ''): string {
  return `${task.config.pxe.pxe_config_subdir}/${prefix}${addressName(port.address)}`;
}
