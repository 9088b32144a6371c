// What the config drive says of the networks of a machine (network_data.json of OpenStack), made from its VIFs in Neutron.
import type { JsonObject } from '@wrought/contract';
import type { Task } from '../../drivers/kit/index.ts';
import type { Neutron, NeutronSubnet } from '../../openstack/neutron.ts';
import { bondOf, physicalLink } from '../bond-link.ts';
import { type Carrier, carriersOf, portsBehind, vifOf } from '../vif-binding.ts';
import { withNeutron } from './errors.ts';

/** The mask of so many bits: "255.255.255.0", "ffff:ffff:ffff:ffff:0:0:0:0". */
export function maskOf(bits: number, version: 4 | 6): string {
  const [parts, width, base, separator] = version === 4 ? [4, 8, 10, '.'] : [8, 16, 16, ':'];
  return Array.from({ length: parts }, (_part, index) => {
    const ones = Math.min(Math.max(bits - index * width, 0), width);
    return (2 ** width - 2 ** (width - ones)).toString(base);
  }).join(separator);
}

function networkAndMask(cidr: string, version: 4 | 6): { readonly network: string; readonly netmask: string } {
  const [network = '', bits = '0'] = cidr.split('/');
  return { network, netmask: maskOf(Number(bits), version) };
}

function routesOf({ ip_version, gateway_ip, host_routes }: NeutronSubnet): JsonObject[] {
  const anywhere = ip_version === 4 ? '0.0.0.0/0' : '::/0';
  return [
    ...(gateway_ip === null ? [] : [{ ...networkAndMask(anywhere, ip_version), gateway: gateway_ip }]),
    ...host_routes.map(({ destination, nexthop }) => ({
      ...networkAndMask(destination, ip_version),
      gateway: nexthop,
    })),
  ];
}

/** The links of a carrier, the one that has the addresses first: a port, or a bond and its members. */
function linksOf(task: Task, carrier: Carrier, vifId: string, mac: string, mtu: number | null): JsonObject[] {
  const link = { id: vifId, vif_id: vifId, ethernet_mac_address: carrier.item.address ?? mac, mtu };
  if (carrier.kind === 'ports') {
    return [{ ...link, type: 'phy' }];
  }
  const members = portsBehind(task, carrier);
  return [
    { ...link, ...bondOf(carrier.item, carrier.item.mode, members) },
    ...members.map((port) => physicalLink(port, mtu)),
  ];
}

/**
 * The network metadata of the VIFs of the machine; null when it has none.
 * @throws RegisteredError NetworkError
 */
export async function networkDataOf(neutron: Neutron, task: Task): Promise<JsonObject | null> {
  const links: JsonObject[] = [];
  const networks: JsonObject[] = [];
  const services = new Map<string, JsonObject>();
  for (const carrier of carriersOf(task)) {
    const vifId = vifOf(carrier);
    if (vifId === null) {
      continue;
    }
    await withNeutron(`Reading the addresses of VIF ${vifId}`, async () => {
      const port = await neutron.port(vifId);
      const { mtu = null } = await neutron.network(port.network_id);
      links.push(...linksOf(task, carrier, vifId, port.mac_address, mtu));
      for (const { subnet_id, ip_address } of port.fixed_ips) {
        const subnet = await neutron.subnet(subnet_id);
        const { netmask } = networkAndMask(subnet.cidr, subnet.ip_version);
        const dns = subnet.dns_nameservers.map((address) => ({ type: 'dns', address }));
        for (const service of dns) {
          services.set(service.address, service);
        }
        networks.push({
          id: `network${networks.length}`,
          network_id: port.network_id,
          link: vifId,
          type: `ipv${subnet.ip_version}`,
          ip_address,
          netmask,
          routes: routesOf(subnet),
          services: dns,
        });
      }
    });
  }
  return links.length === 0 ? null : { links, networks, services: [...services.values()] };
}
