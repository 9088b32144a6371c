// What config drives say of the networks of a machine whose tenant has tagged VLANs (Nova's network_data.json).
import type { JsonObject } from '@wrought/contract';
import type { Task } from '../../drivers/kit/index.ts';
import { linkOf, stateIn } from './intended.ts';

const MTU = 1500;
/** Any switch: only its default VLAN differs, which no tenant names. */
const NO_VLAN = 1;

/** Links and networks; null where no port carries tagged VLANs, since systems find out the rest by DHCP. */
export function networkDataOf(task: Task): JsonObject | null {
  const ports = task.ports
    .filter((port) => linkOf(port) !== null)
    .map((port) => ({ port, state: stateIn(task, port, 'tenant', NO_VLAN) }));
  if (!ports.some(({ state }) => state !== null && state.allowed_vlans.length > 0)) {
    return null;
  }
  return {
    links: ports.flatMap(({ port, state }) => [
      { id: port.uuid, type: 'phy', ethernet_mac_address: port.address, mtu: MTU },
      ...(state?.allowed_vlans ?? []).map((vlan) => ({
        id: `${port.uuid}_vlan_${vlan}`,
        type: 'vlan',
        vlan_mac_address: port.address,
        vlan_id: vlan,
        vlan_link: port.uuid,
        mtu: MTU,
      })),
    ]),
    // Without a network a link would get no address at all.
    networks: ports.map(({ port }) => ({ id: `${port.uuid}_network`, type: 'ipv4_dhcp', link: port.uuid })),
    services: [],
  };
}
