// What config drives say of the networks of a machine whose tenant has tagged VLANs or a bond (Nova's network_data.json).
import type { JsonObject, Port, Portgroup } from '@wrought/contract';
import type { Task } from '../../drivers/kit/index.ts';
import { bondOf, physicalLink } from '../bond-link.ts';
import type { PortState } from '../switches/port-config.ts';
import { linkOf, stateIn } from './intended.ts';

const MTU = 1500;
/** Any switch: only its default VLAN differs, which no tenant names. */
const NO_VLAN = 1;
/** The modes of the Linux bonding driver that go with a group of a switch which negotiates nothing. */
const STATIC_MODES = ['balance-xor', 'balance-rr', 'broadcast'] as const;

/** What a system has as one: a card, or a bond of them. */
interface TenantLink {
  readonly id: string;
  readonly address: string;
  readonly links: readonly JsonObject[];
  readonly state: PortState | null;
}

/** As the switch makes the group; where the mode of the port group does not go with that, by the one that does. */
function bondedLink(portgroup: Portgroup, members: readonly Port[], state: PortState): TenantLink {
  const { uuid: id } = portgroup;
  const address = portgroup.address ?? members[0]?.address ?? '';
  const isStatic = state.lag?.aggregation === 'static';
  const mode = isStatic ? (STATIC_MODES.find((each) => each === portgroup.mode) ?? STATIC_MODES[0]) : '802.3ad';
  const bond = { id, ethernet_mac_address: address, mtu: MTU, ...bondOf(portgroup, mode, members) };
  return { id, address, links: [...members.map((port) => physicalLink(port, MTU)), bond], state };
}

function tenantLinks(task: Task): TenantLink[] {
  const ports = task.ports
    .filter((port) => linkOf(port) !== null)
    .map((port) => ({ port, state: stateIn(task, port, 'tenant', NO_VLAN) }));
  const single = ports
    .filter(({ state }) => state?.lag == null)
    .map(({ port, state }) => ({ id: port.uuid, address: port.address, links: [physicalLink(port, MTU)], state }));
  const bonded = task.portgroups.flatMap((portgroup) => {
    const members = ports.filter(({ port, state }) => state?.lag != null && port.portgroup_uuid === portgroup.uuid);
    const state = members[0]?.state ?? null;
    const cards = members.map(({ port }) => port);
    return state === null ? [] : [bondedLink(portgroup, cards, state)];
  });
  return [...bonded, ...single];
}

/** Links and networks; null where nothing is tagged or bundled, since systems find out the rest by DHCP. */
export function networkDataOf(task: Task): JsonObject | null {
  const tenant = tenantLinks(task);
  if (!tenant.some(({ state }) => state !== null && (state.allowed_vlans.length > 0 || state.lag !== null))) {
    return null;
  }
  return {
    links: tenant.flatMap(({ id, address, links, state }) => [
      ...links,
      ...(state?.allowed_vlans ?? []).map((vlan) => ({
        id: `${id}_vlan_${vlan}`,
        type: 'vlan',
        vlan_mac_address: address,
        vlan_id: vlan,
        vlan_link: id,
        mtu: MTU,
      })),
    ]),
    // Without a network a link would get no address at all.
    networks: tenant.map(({ id }) => ({ id: `${id}_network`, type: 'ipv4_dhcp', link: id })),
    services: [],
  };
}
