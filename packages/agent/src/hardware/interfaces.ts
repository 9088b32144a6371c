// Describes the network interfaces of the machine, from sysfs and the kernel's addresses.
import { networkInterfaces } from 'node:os';
import type { InventoryInterface } from '@wrought/contract';
import { listDirectory, readLinkName, readNumber, readValue, resolvePath } from './sysfs.ts';

const PCI_ADDRESS = /[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]/g;

type Addresses = { ipv4: string | null; ipv6: string | null };

function readAddresses(name: string): Addresses {
  const all = networkInterfaces()[name] ?? [];
  const ipv6 = all.filter((address) => address.family === 'IPv6');
  return {
    ipv4: all.find((address) => address.family === 'IPv4')?.address ?? null,
    // A link-local address is better than none.
    ipv6: (ipv6.find((address) => !address.address.startsWith('fe80:')) ?? ipv6[0])?.address ?? null,
  };
}

/** Names of the interfaces with hardware behind them; bridges, bonds, VLANs and the loopback have none. */
function listHardwareInterfaces(classDirectory: string): string[] {
  return listDirectory(classDirectory).filter((name) => resolvePath(`${classDirectory}/${name}/device`) !== null);
}

/** MACs of all interfaces with hardware behind them, lower case, for the lookup. */
export function readMacAddresses(systemRoot = ''): string[] {
  const directory = `${systemRoot}/sys/class/net`;
  return listHardwareInterfaces(directory)
    .map((name) => readValue(`${directory}/${name}/address`)?.toLowerCase() ?? '')
    .filter((mac) => /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) && mac !== '00:00:00:00:00:00');
}

/**
 * Describes the interfaces with hardware behind them, sorted by name.
 *
 * @param lldp TLVs by interface name where they were collected.
 */
export function readInterfaces(systemRoot = '', lldp = new Map<string, [number, string][]>()): InventoryInterface[] {
  const directory = `${systemRoot}/sys/class/net`;
  return listHardwareInterfaces(directory).map((name) => {
    const base = `${directory}/${name}`;
    const addresses = readAddresses(name);
    const speed = readNumber(`${base}/speed`);
    return {
      name,
      mac_address: readValue(`${base}/address`) ?? '',
      ipv4_address: addresses.ipv4,
      ipv6_address: addresses.ipv6,
      has_carrier: readValue(`${base}/carrier`) === '1',
      lldp: lldp.get(name) ?? null,
      vendor: readValue(`${base}/device/vendor`),
      product: readValue(`${base}/device/device`),
      client_id: null,
      biosdevname: null,
      // A link that is down, and virtio, tell -1.
      speed_mbps: speed !== null && speed > 0 ? speed : null,
      pci_address: resolvePath(`${base}/device`)?.match(PCI_ADDRESS)?.at(-1) ?? null,
      driver: readLinkName(`${base}/device/driver`),
    };
  });
}
