// Learns from the addresses of network cards which physical network each is on (inspector.physical_network_cidr_map).
import { BlockList, isIP } from 'node:net';
import { readMac } from '@wrought/contract';
import { parseNetwork } from '../../config/networks.ts';
import { type InspectionHook, objectsAt } from './hook.ts';

/**
 * The physical network of an address: that of the first network of the map that holds it.
 * @param map names of physical networks by networks, such as "192.0.2.0/24"
 */
export function physicalNetworkOf(address: unknown, map: Readonly<Record<string, string>>): string | undefined {
  const version = typeof address === 'string' ? isIP(address) : 0;
  if (typeof address !== 'string' || version === 0) {
    return undefined;
  }
  return Object.entries(map).find(([cidr]) => {
    const network = parseNetwork(cidr);
    const list = new BlockList();
    if (network !== undefined) {
      list.addSubnet(network.address, network.length, network.family);
    }
    return list.check(address, version === 6 ? 'ipv6' : 'ipv4');
  })?.[1];
}

export const physicalNetwork: InspectionHook = ({ inventory, physicalNetworks }, found) => {
  const ports = objectsAt(inventory, 'interfaces').flatMap(
    ({ mac_address: mac, ipv4_address: ipv4, ipv6_address: ipv6 }) => {
      const address = typeof mac === 'string' ? readMac(mac) : undefined;
      const name = physicalNetworkOf(ipv4, physicalNetworks) ?? physicalNetworkOf(ipv6, physicalNetworks);
      return address === undefined || name === undefined ? [] : [{ address, physical_network: name }];
    },
  );
  return { ...found, ports: [...found.ports, ...ports] };
};
