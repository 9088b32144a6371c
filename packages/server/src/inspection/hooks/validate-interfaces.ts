// Finds the network cards that have a valid MAC address; a machine without any is of no use.
import { readMac } from '@wrought/contract';
import { InspectionFailure, type InspectionHook, objectAt, objectsAt } from './hook.ts';

/** A MAC address in the form of kernel arguments (01-52-54-00-12-34-56) or the usual one. */
function bootAddress(value: unknown): string | undefined {
  if (typeof value !== 'string') {
    return undefined;
  }
  const text = value.replaceAll('-', ':');
  return readMac(text.length > 17 ? text.slice(3) : text);
}

export const validateInterfaces: InspectionHook = ({ inventory, pluginData }, found) => {
  const boot = bootAddress(objectAt(inventory, 'boot').pxe_interface) ?? bootAddress(pluginData.boot_interface);
  const addresses = objectsAt(inventory, 'interfaces').flatMap(({ mac_address: mac }) =>
    typeof mac === 'string' ? (readMac(mac) ?? []) : [],
  );
  if (addresses.length === 0) {
    throw new InspectionFailure('The inventory has no network card with a valid MAC address.');
  }
  const cards = [...new Set(addresses)].map((address) => ({
    address,
    isBootCard: boot === undefined || address === boot,
  }));
  return { ...found, cards };
};
