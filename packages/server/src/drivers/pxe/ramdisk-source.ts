// Which kernel and initramfs the agent of a node is booted from: its own, those of its architecture, or the default ones.
import { type Node, registeredError } from '@wrought/contract';
import type { FileSource } from '../../boot/file-cache.ts';
import { readReference, readTrustedReference } from '../../boot/file-reference.ts';
import type { Config } from '../../config/index.ts';

export interface RamdiskSource {
  readonly kernel: FileSource;
  readonly ramdisk: FileSource;
}

function textOf(node: Node, key: string): string | null {
  const value = node.driver_info[key];
  if (value === undefined || value === null || value === '') {
    return null;
  }
  if (typeof value !== 'string') {
    throw registeredError('InvalidParameterValue', {
      reason: `driver_info/${key} of node ${node.uuid} is ${JSON.stringify(value)}; allowed: a URL or path.`,
    });
  }
  return value;
}

/** CPU architecture as properties name it; x86_64 when they do not. */
export function architectureOf(node: Node): string {
  const { cpu_arch } = node.properties;
  return typeof cpu_arch === 'string' && cpu_arch !== '' ? cpu_arch : 'x86_64';
}

/**
 * Finds the ramdisk; a node names both files or none.
 * @throws MissingParameterValue, InvalidParameterValue
 */
export async function ramdiskSource(node: Node, config: Config): Promise<RamdiskSource> {
  const [kernel, ramdisk] = [textOf(node, 'deploy_kernel'), textOf(node, 'deploy_ramdisk')];
  if (kernel !== null && ramdisk !== null) {
    const where = (key: string) => `driver_info/${key} of node ${node.uuid}`;
    return {
      kernel: await readReference(where('deploy_kernel'), kernel, config),
      ramdisk: await readReference(where('deploy_ramdisk'), ramdisk, config),
    };
  }
  if (kernel !== null || ramdisk !== null) {
    const [given, lacking] =
      kernel !== null ? ['deploy_kernel', 'deploy_ramdisk'] : ['deploy_ramdisk', 'deploy_kernel'];
    throw registeredError('MissingParameterValue', {
      reason: `Node ${node.uuid} has driver_info/${given} but no driver_info/${lacking}; a node names both or none.`,
    });
  }
  const { conductor } = config;
  const architecture = architectureOf(node);
  const defaults = {
    kernel: conductor.deploy_kernel_by_arch[architecture] ?? conductor.deploy_kernel,
    ramdisk: conductor.deploy_ramdisk_by_arch[architecture] ?? conductor.deploy_ramdisk,
  };
  if (defaults.kernel === null || defaults.ramdisk === null) {
    throw registeredError('MissingParameterValue', {
      reason: `There is no agent ramdisk for node ${node.uuid} (${architecture}): set driver_info/deploy_kernel and deploy_ramdisk, or conductor.deploy_kernel and conductor.deploy_ramdisk. "wrought ramdisk build" makes both.`,
    });
  }
  return { kernel: readTrustedReference(defaults.kernel), ramdisk: readTrustedReference(defaults.ramdisk) };
}
