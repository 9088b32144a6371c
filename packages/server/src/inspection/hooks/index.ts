// The inspection hooks in the order in which they run.
import { architecture } from './architecture.ts';
import type { Finding, InspectionData, InspectionHook } from './hook.ts';
import { localLinkConnection } from './local-link-connection.ts';
import { parseLldpHook } from './parse-lldp.ts';
import { physicalNetwork } from './physical-network.ts';
import { pxeEnabled } from './pxe-enabled.ts';
import { ramdiskError } from './ramdisk-error.ts';
import { size } from './size.ts';
import { validateInterfaces } from './validate-interfaces.ts';

const hooks: readonly InspectionHook[] = [
  ramdiskError,
  validateInterfaces,
  architecture,
  size,
  parseLldpHook,
  localLinkConnection,
  physicalNetwork,
  pxeEnabled,
];

const nothing: Finding = { properties: {}, cards: [], ports: [], pluginData: {} };

/** What all hooks together learn. Throws InspectionFailure. */
export function runInspectionHooks(data: InspectionData): Finding {
  return hooks.reduce<Finding>((found, hook) => hook(data, found), nothing);
}

/** Addresses of the network cards that the node gets ports for. */
export function bootCards({ cards }: Finding): string[] {
  return cards.filter(({ isBootCard }) => isBootCard).map(({ address }) => address);
}
