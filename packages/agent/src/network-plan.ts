// Turns network data (OpenStack's network_data.json) into the commands that set a machine's network up without DHCP.
import { isIPv4, isIPv6 } from 'node:net';
import type { JsonObject } from '@wrought/contract';

/** A network interface of this machine. */
export type LocalInterface = { name: string; address: string };

export type NetworkPlan = {
  /** Argument lists of the program `ip`, in their order. */
  commands: string[][];
  /** Interfaces that ask for their address by DHCP. */
  dhcp: string[];
  nameservers: string[];
  /** What was passed over, as sentences. */
  problems: string[];
};

const objects = (value: unknown): JsonObject[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
const text = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : null;

/** What a bond may have as `bond_NAME`: options of the Linux driver, by the names of ip-link(8). */
const BOND_OPTIONS = [
  ...['ad_select', 'arp_interval', 'arp_ip_target', 'arp_validate', 'downdelay', 'fail_over_mac', 'lacp_rate'],
  ...['miimon', 'min_links', 'updelay', 'xmit_hash_policy'],
] as const;

const addressBytes = (address: string): number[] => {
  if (isIPv4(address)) return address.split('.').map(Number);
  const [head = '', tail] = address.split('::');
  const groups = (part: string | undefined) => (part === undefined || part === '' ? [] : part.split(':'));
  const middle = tail === undefined ? [] : Array(8 - groups(head).length - groups(tail).length).fill('0');
  return [...groups(head), ...middle, ...groups(tail)].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
};

/**
 * The number of leading ones in a mask: "255.255.255.0", "ffff:ffff::", "24", or undefined when it is none.
 */
export function prefixLength(mask: string, family: 4 | 6): number | undefined {
  const most = family === 4 ? 32 : 128;
  if (/^\d{1,3}$/.test(mask)) return Number(mask) <= most ? Number(mask) : undefined;
  if (!(family === 4 ? isIPv4(mask) : isIPv6(mask))) return undefined;
  const bits = addressBytes(mask)
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : undefined;
}

/** Makes the plan; links are found by their MAC addresses. */
export function planNetwork(data: JsonObject, interfaces: readonly LocalInterface[]): NetworkPlan {
  const plan: NetworkPlan = { commands: [], dhcp: [], nameservers: [], problems: [] };
  /** Interface names by link id. */
  const names = new Map<string, string>();
  const links = objects(data.links);

  const up = (name: string, link: JsonObject): void => {
    const mtu = text(link.mtu);
    plan.commands.push(['link', 'set', name, ...(mtu === null ? [] : ['mtu', mtu]), 'up']);
  };

  for (const link of links.filter(({ type }) => type !== 'bond' && type !== 'vlan')) {
    const address = text(link.ethernet_mac_address)?.toLowerCase();
    const found = interfaces.find((each) => each.address.toLowerCase() === address);
    if (found === undefined) {
      plan.problems.push(`Link ${link.id}: this machine has no interface ${address}.`);
      continue;
    }
    names.set(String(link.id), found.name);
    up(found.name, link);
  }
  for (const [index, link] of links.filter(({ type }) => type === 'bond').entries()) {
    const members = (Array.isArray(link.bond_links) ? link.bond_links : []).flatMap(
      (id) => names.get(String(id)) ?? [],
    );
    if (members.length === 0) {
      plan.problems.push(`Link ${link.id}: none of the links of the bond is there.`);
      continue;
    }
    const name = `bond${index}`;
    const options = BOND_OPTIONS.flatMap((option) => {
      const value = text(link[`bond_${option}`]);
      return value === null ? [] : [option, value];
    });
    plan.commands.push(['link', 'add', name, 'type', 'bond', 'mode', String(link.bond_mode), ...options]);
    const address = text(link.ethernet_mac_address);
    if (address !== null) plan.commands.push(['link', 'set', name, 'address', address]);
    for (const member of members) {
      // Only interfaces that are down can be put into a bond.
      plan.commands.push(['link', 'set', member, 'down'], ['link', 'set', member, 'master', name]);
    }
    names.set(String(link.id), name);
    up(name, link);
  }
  for (const link of links.filter(({ type }) => type === 'vlan')) {
    const parent = names.get(String(link.vlan_link));
    if (parent === undefined) {
      plan.problems.push(`Link ${link.id}: the link ${link.vlan_link} below the VLAN is not there.`);
      continue;
    }
    const name = `vlan${link.vlan_id}`;
    const address = text(link.vlan_mac_address);
    const mac = address === null ? [] : ['address', address];
    plan.commands.push([
      'link',
      'add',
      'link',
      parent,
      'name',
      name,
      ...mac,
      'type',
      'vlan',
      'id',
      String(link.vlan_id),
    ]);
    names.set(String(link.id), name);
    up(name, link);
  }

  for (const network of objects(data.networks)) {
    const name = names.get(String(network.link));
    if (name === undefined) {
      plan.problems.push(`Network ${network.id}: its link ${network.link} is not there.`);
      continue;
    }
    const type = String(network.type);
    if (type === 'ipv4_dhcp' || type === 'ipv6_dhcp') {
      if (!plan.dhcp.includes(name)) plan.dhcp.push(name);
    } else if (type === 'ipv4' || type === 'ipv6') {
      addStatic(plan, network, name, type === 'ipv4' ? 4 : 6);
    }
    // ipv6_slaac: the kernel does it by itself.
    addNameservers(plan, network.services);
  }
  addNameservers(plan, data.services);
  return plan;
}

function addNameservers(plan: NetworkPlan, services: unknown): void {
  for (const { type, address } of objects(services)) {
    const server = text(address);
    if (type === 'dns' && server !== null && !plan.nameservers.includes(server)) plan.nameservers.push(server);
  }
}

function addStatic(plan: NetworkPlan, network: JsonObject, name: string, family: 4 | 6): void {
  const [address = '', suffix] = (text(network.ip_address) ?? '').split('/');
  const length = prefixLength(suffix ?? text(network.netmask) ?? (family === 4 ? '32' : '128'), family);
  if (!(family === 4 ? isIPv4(address) : isIPv6(address)) || length === undefined) {
    plan.problems.push(`Network ${network.id}: ${network.ip_address} with ${network.netmask} is no address.`);
    return;
  }
  const flag = family === 4 ? '-4' : '-6';
  // Nobody else has the address of a machine that is being deployed: it is usable at once.
  const isSure = family === 6 ? ['nodad'] : [];
  plan.commands.push([flag, 'address', 'replace', `${address}/${length}`, 'dev', name, ...isSure]);
  for (const route of objects(network.routes)) {
    const gateway = text(route.gateway);
    const [target = '', targetSuffix] = (text(route.network) ?? '').split('/');
    const targetLength = prefixLength(targetSuffix ?? text(route.netmask) ?? '', family);
    if (gateway === null || targetLength === undefined) {
      plan.problems.push(`Network ${network.id}: the route to ${route.network} has no gateway or mask.`);
      continue;
    }
    const destination = targetLength === 0 ? 'default' : `${target}/${targetLength}`;
    // A gateway may lie outside of the prefix of the address.
    plan.commands.push([flag, 'route', 'replace', destination, 'via', gateway, 'dev', name, 'onlink']);
    addNameservers(plan, route.services);
  }
}
