// Learns which network cards the firmware boots from, where a BMC told that of each.
import { readMac } from '@wrought/contract';
import { type InspectionHook, objectsAt } from './hook.ts';

export const pxeEnabled: InspectionHook = ({ inventory }, found) => {
  const ports = objectsAt(inventory, 'interfaces').flatMap(({ mac_address: mac, pxe_enabled }) => {
    const address = typeof mac === 'string' ? readMac(mac) : undefined;
    return address === undefined || typeof pxe_enabled !== 'boolean' ? [] : [{ address, pxe_enabled }];
  });
  return { ...found, ports: [...found.ports, ...ports] };
};
