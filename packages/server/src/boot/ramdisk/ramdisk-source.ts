// Which kernel and initramfs the agent of a node is booted from: its own, those of its architecture, or the default ones.
import { type Node, registeredError } from '@wrought/contract';
import type { Config } from '../../config/index.ts';
import { driverInfo, type RamdiskPurpose } from '../../drivers/kit/index.ts';
import type { FileSource } from '../file-cache.ts';
import { readReference, readTrustedReference } from '../file-reference.ts';

export interface RamdiskSource {
  readonly kernel: FileSource;
  readonly ramdisk: FileSource;
}

/** CPU architecture as properties name it; x86_64 when they do not. */
export function architectureOf(node: Node): string {
  const { cpu_arch } = node.properties;
  return typeof cpu_arch === 'string' && cpu_arch !== '' ? cpu_arch : 'x86_64';
}

/** What the keys of a ramdisk begin with, in driver_info and in the configuration. */
type Family = 'deploy' | 'rescue';

/** The ramdisk that a node names itself: both files, or null for none. */
async function ownRamdisk(node: Node, config: Config, family: Family): Promise<RamdiskSource | null> {
  const keys = [`${family}_kernel`, `${family}_ramdisk`] as const;
  const info = driverInfo(node);
  const [kernel, ramdisk] = keys.map((key) => info.text(key));
  if (typeof kernel === 'string' && typeof ramdisk === 'string') {
    const where = (key: string) => `driver_info/${key} of node ${node.uuid}`;
    return {
      kernel: await readReference(where(keys[0]), kernel, config),
      ramdisk: await readReference(where(keys[1]), ramdisk, config),
    };
  }
  if (typeof kernel === 'string' || typeof ramdisk === 'string') {
    const [given, lacking] = typeof kernel === 'string' ? keys : ([keys[1], keys[0]] as const);
    throw registeredError('MissingParameterValue', {
      reason: `Node ${node.uuid} has driver_info/${given} but no driver_info/${lacking}; a node names both or none.`,
    });
  }
  return null;
}

/** The ramdisk of the configuration for the node's architecture: both files, or null. */
function defaultRamdisk(node: Node, { conductor }: Config, family: Family): RamdiskSource | null {
  const architecture = architectureOf(node);
  const kernel = conductor[`${family}_kernel_by_arch`][architecture] ?? conductor[`${family}_kernel`];
  const ramdisk = conductor[`${family}_ramdisk_by_arch`][architecture] ?? conductor[`${family}_ramdisk`];
  if (kernel === null || ramdisk === null) {
    if (family === 'rescue' && kernel !== ramdisk) {
      const [given, lacking] = ramdisk === null ? ['kernel', 'ramdisk'] : ['ramdisk', 'kernel'];
      throw registeredError('MissingParameterValue', {
        reason: `The configuration has a conductor.rescue_${given} for node ${node.uuid} (${architecture}) but no conductor.rescue_${lacking}; set both or none.`,
      });
    }
    return null;
  }
  return { kernel: readTrustedReference(kernel), ramdisk: readTrustedReference(ramdisk) };
}

/**
 * Finds the ramdisk; a node names both files or none. Rescue has one of its own where somebody names it, and boots the one
 * that deploys where nobody does: the agent in it can do both.
 * @throws MissingParameterValue, InvalidParameterValue
 */
export async function ramdiskSource(node: Node, config: Config, purpose: RamdiskPurpose): Promise<RamdiskSource> {
  const families: readonly Family[] = purpose === 'rescue' ? ['rescue', 'deploy'] : ['deploy'];
  for (const family of families) {
    const found = (await ownRamdisk(node, config, family)) ?? defaultRamdisk(node, config, family);
    if (found !== null) {
      return found;
    }
  }
  const files = families.map((family) => `driver_info/${family}_kernel and ${family}_ramdisk`).join(', or ');
  const options = families.map((family) => `conductor.${family}_kernel and conductor.${family}_ramdisk`).join(', or ');
  throw registeredError('MissingParameterValue', {
    reason: `There is no agent ramdisk for node ${node.uuid} (${architectureOf(node)}): set ${files}, or ${options}. "wrought ramdisk build" makes both.`,
  });
}
