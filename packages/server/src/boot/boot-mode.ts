// Which firmware mode a node boots in: what the instance asks for, then what the node is known to do, then the default.
import { type Node, registeredError } from '@wrought/contract';
import type { Config } from '../config/index.ts';
import { checkCapabilities, instanceCapabilities, nodeCapabilities } from './capabilities.ts';

export type BootMode = 'bios' | 'uefi';

function asMode(value: unknown): BootMode | undefined {
  const text = typeof value === 'string' ? value.toLowerCase() : undefined;
  return text === 'bios' || text === 'uefi' ? text : undefined;
}

/** Whether the instance asks for secure boot. */
export function wantsSecureBoot(node: Node): boolean {
  return instanceCapabilities(node).secure_boot?.toLowerCase() === 'true';
}

/** The mode that the node's own capabilities name, if any. */
export const knownBootMode = (node: Node): BootMode | undefined => asMode(nodeCapabilities(node).boot_mode);

/** The boot mode of the node as it is now. */
export function bootModeOf(node: Node, config: Config): BootMode {
  if (wantsSecureBoot(node)) {
    return 'uefi';
  }
  return (
    asMode(instanceCapabilities(node).boot_mode) ??
    asMode(node.instance_info.deploy_boot_mode) ??
    knownBootMode(node) ??
    asMode(node.driver_internal_info.deploy_boot_mode) ??
    config.deploy.default_boot_mode
  );
}

/**
 * Checks that capabilities are valid and agree about the boot mode.
 * @throws InvalidParameterValue
 */
export function checkBootMode(node: Node, config: Config): void {
  checkCapabilities(node);
  const ofNode = knownBootMode(node);
  const wanted = bootModeOf(node, config);
  if (ofNode !== undefined && ofNode !== wanted) {
    const why = wantsSecureBoot(node) ? ' (because it asks for secure boot)' : '';
    throw registeredError('InvalidParameterValue', {
      reason: `Node ${node.uuid} boots in mode "${ofNode}" (properties/capabilities), but the instance asks for "${wanted}"${why}. Choose another node, or change one of the two.`,
    });
  }
}
