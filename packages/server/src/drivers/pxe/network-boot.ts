// What the network boot interfaces have in common: files of the node, scripts of its ports, DHCP, boot device.

import { join } from 'node:path';
import { type Port, registeredError } from '@wrought/contract';
import { agentApiUrl } from '../../boot/addresses.ts';
import { addressName, type BootRoot } from '../../boot/boot-files.ts';
import { bootModeOf, checkBootMode } from '../../boot/boot-mode.ts';
import type { FileSource } from '../../boot/file-cache.ts';
import { chooseBootDevice, forcePersistent } from '../../boot/ramdisk/boot-device.ts';
import { applyBootMode, applySecureBoot } from '../../boot/ramdisk/firmware-mode.ts';
import { kernelArguments } from '../../boot/ramdisk/kernel-arguments.ts';
import { ramdiskSource } from '../../boot/ramdisk/ramdisk-source.ts';
import type { ServerEnvironment } from '../../boot/services.ts';
import { webOptions } from '../../boot/web.ts';
import type { BootOffer } from '../../network/dhcp/provider.ts';
import type { BootInterface, Facts, LocalState, RamdiskPurpose, Task } from '../kit/index.ts';
import { preparedBoot, preparedBootFact } from './prepared-boot.ts';
import { properties } from './properties.ts';

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
  /** What the BMC is told to boot from; `uefihttp`: firmware downloads the loader by its URL, and no TFTP is needed. */
  readonly bootDevice: 'pxe' | 'uefihttp';
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

function networkKernelArguments({ node, config }: Task, purpose: RamdiskPurpose): string[] {
  return kernelArguments(node, {
    purpose,
    append: config.pxe.kernel_append_params,
    apiUrl: agentApiUrl(config),
    collectsLldp: config.inspector.collect_lldp,
  });
}

/** Throws where firmware can not be told to boot over HTTP. */
async function checkHttpBoot(task: Task, name: string): Promise<void> {
  const { node, config } = task;
  const { management } = task.interfaces;
  const mode = bootModeOf(node, config);
  if (mode !== 'uefi') {
    throw registeredError('InvalidParameterValue', {
      reason: `The boot interface ${name} is for UEFI, and node ${node.uuid} boots in mode "${mode}" (properties/capabilities boot_mode, else deploy.default_boot_mode). Change that, or choose ipxe or pxe.`,
    });
  }
  // Where somebody else sets the boot device, there are none to choose from.
  const devices = await management.supportedBootDevices(task);
  if (devices.length > 0 && !devices.includes('uefihttp')) {
    throw registeredError('InvalidParameterValue', {
      reason: `The boot interface ${name} needs the boot device uefihttp, and the management interface ${management.name} of node ${node.uuid} has ${devices.join(', ')}. Choose ipxe or pxe, or another management interface.`,
    });
  }
}

/** The common part as a boot interface. */
export function networkBoot(environment: ServerEnvironment, flavour: Flavour): BootInterface {
  const { bootFiles, bootRecords, dhcp, fileCache } = environment;
  const { root, bootDevice } = flavour;

  async function withdraw(task: Task): Promise<Facts> {
    for (const port of task.ports) {
      await dhcp.withdrawBoot(port.address);
      for (const { name } of [...flavour.ramdiskScripts(task, port, []), ...flavour.diskScripts(task, port)]) {
        await bootFiles.remove(root, name);
      }
    }
    await bootFiles.remove(root, task.node.uuid);
    await bootRecords.forget(task.node.uuid);
    return { driver_internal_info: preparedBootFact(null) };
  }

  async function publish(
    task: Task,
    purpose: RamdiskPurpose | 'disk',
    scriptsOf: (port: Port) => readonly BootScript[],
  ): Promise<Facts> {
    const ports = bootPorts(task);
    const scripts = ports.flatMap(scriptsOf);
    const addresses = ports.map(({ address }) => address);
    await bootRecords.keep(task.node.uuid, { root, files: scripts.map(({ name }) => name), addresses });
    for (const { name, content } of scripts) {
      await bootFiles.write(root, name, content);
    }
    for (const address of addresses) {
      await dhcp.offerBoot(address, flavour.offer(task));
    }
    return { driver_internal_info: preparedBootFact({ purpose, conductor: task.config.conductor.host }) };
  }

  const nodeFile = (task: Task, name: string) => `${task.node.uuid}/${name}`;

  /** Files and offers for the ramdisk, without a word to the BMC. */
  async function publishRamdisk(task: Task, purpose: RamdiskPurpose): Promise<Facts> {
    const { node, config } = task;
    const { kernel, ramdisk } = await ramdiskSource(node, config, purpose);
    const place = (source: FileSource, name: string) =>
      fileCache.place(source, join(bootFiles.rootFolder(root), nodeFile(task, name)), webOptions(config));
    await place(kernel, KERNEL_NAME);
    await place(ramdisk, RAMDISK_NAME);
    const args = networkKernelArguments(task, purpose);
    return publish(task, purpose, (port) => flavour.ramdiskScripts(task, port, args));
  }

  const publishDisk = (task: Task) => publish(task, 'disk', (port) => flavour.diskScripts(task, port));

  const local: LocalState = {
    holder: (node) => preparedBoot(node)?.conductor ?? null,
    async isHere(task) {
      const isDisk = preparedBoot(task.node)?.purpose === 'disk';
      const scripts = bootPorts(task).flatMap((port) =>
        isDisk ? flavour.diskScripts(task, port) : flavour.ramdiskScripts(task, port, []),
      );
      const files = isDisk ? [] : [nodeFile(task, KERNEL_NAME), nodeFile(task, RAMDISK_NAME)];
      const found = [...files, ...scripts.map(({ name }) => name)].map((name) => bootFiles.has(root, name));
      return (await Promise.all(found)).every((isThere) => isThere);
    },
    async restore(task) {
      const prepared = preparedBoot(task.node);
      if (prepared === null) {
        return {};
      }
      const { purpose, conductor } = prepared;
      const facts = await (purpose === 'disk' ? publishDisk(task) : publishRamdisk(task, purpose));
      const { host } = task.config.conductor;
      const why = conductor === host ? 'because they were missing' : `because ${conductor} had them before`;
      task.record({ kind: 'boot', message: `The boot files (${flavour.name}) were written on ${host}, ${why}.` });
      return facts;
    },
  };

  async function validateFor(task: Task, purpose: RamdiskPurpose): Promise<void> {
    const { node, config } = task;
    if (bootPorts(task).length === 0) {
      throw registeredError('MissingParameterValue', {
        reason: `Node ${node.uuid} has no port that boots from the network. Create a port with the MAC address of its network card (and pxe_enabled true).`,
      });
    }
    forcePersistent(node);
    checkBootMode(node, config);
    networkKernelArguments(task, purpose);
    await ramdiskSource(node, config, purpose);
    if (bootDevice === 'uefihttp') {
      await checkHttpBoot(task, flavour.name);
    }
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
      task.learn(await publishRamdisk(task, purpose));
      await applyBootMode(task);
      await chooseBootDevice(task, bootDevice);
      task.record({
        kind: 'boot',
        message: `Network boot (${flavour.name}) of the ramdisk is prepared for ${bootPorts(task)
          .map(({ address }) => address)
          .join(', ')}.`,
        data: { purpose, boot_mode: bootModeOf(node, config) },
      });
      return { driver_internal_info: { deploy_boot_mode: bootModeOf(node, config) } };
    },
    async prepareRamdiskAgain(task) {
      const prepared = preparedBoot(task.node);
      if (prepared === null || prepared.purpose === 'disk') {
        return null;
      }
      const facts = await publishRamdisk(task, prepared.purpose);
      await chooseBootDevice(task, bootDevice);
      return facts;
    },
    cleanUpRamdisk: withdraw,
    async prepareInstance(task) {
      task.learn(await withdraw(task));
      if (task.config.pxe.enable_netboot_fallback) {
        task.learn(await publishDisk(task));
      }
      await applySecureBoot(task, true);
      await chooseBootDevice(task, 'disk');
      return {};
    },
    async cleanUpInstance(task) {
      await applySecureBoot(task, false);
      return withdraw(task);
    },
    local,
  };
}

/** Folder and name of a per-MAC script. */
export function scriptName(task: Task, port: Port, prefix = ''): string {
  return `${task.config.pxe.pxe_config_subdir}/${prefix}${addressName(port.address)}`;
}
