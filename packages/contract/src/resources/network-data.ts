// Reads network data in the shape of OpenStack's network_data.json: links, networks and services.
import { isJsonObject, type Reading, readMac } from './value.ts';

type Problem = Reading & { readonly ok: false };
type Check = (value: unknown, at: string) => Problem | undefined;

const PHYSICAL_TYPES = ['bridge', 'dvs', 'hw_veb', 'hyperv', 'ovs', 'tap', 'vhostuser', 'vif', 'phy'];
const LINK_TYPES = [...PHYSICAL_TYPES, 'bond', 'vlan'];
const NETWORK_TYPES = ['ipv4', 'ipv4_dhcp', 'ipv6', 'ipv6_dhcp', 'ipv6_slaac'];
const MTU_MAXIMUM = 65_535;
const VLAN_MAXIMUM = 4095;

const problem = (at: string, found: unknown, allowed: string): Problem => ({ ok: false, at, found, allowed });

const anyText: Check = (value, at) =>
  typeof value === 'string' && value !== '' ? undefined : problem(at, value, 'text that is not empty');

const macAddress: Check = (value, at) =>
  typeof value === 'string' && readMac(value) !== undefined ? undefined : problem(at, value, 'a MAC address');

const mtu: Check = (value, at) =>
  value === null || (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MTU_MAXIMUM)
    ? undefined
    : problem(at, value, `an integer from 1 to ${MTU_MAXIMUM}, or null`);

const vlanId: Check = (value, at) =>
  Number.isInteger(Number(value)) && Number(value) >= 0 && Number(value) <= VLAN_MAXIMUM && value !== ''
    ? undefined
    : problem(at, value, `an integer from 0 to ${VLAN_MAXIMUM}`);

const oneOfWords =
  (words: readonly string[]): Check =>
  (value, at) =>
    words.includes(String(value)) ? undefined : problem(at, value, `one of ${words.join(', ')}`);

const textList: Check = (value, at) =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')
    ? undefined
    : problem(at, value, 'a list of texts');

const optional =
  (check: Check): Check =>
  (value, at) =>
    value === undefined ? undefined : check(value, at);

const listOf =
  (check: Check): Check =>
  (value, at) => {
    if (!Array.isArray(value)) {
      return problem(at, value, 'a list');
    }
    for (const [index, item] of value.entries()) {
      const found = check(item, `${at}[${index}]`);
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  };

const shape =
  (members: Readonly<Record<string, Check>>): Check =>
  (value, at) => {
    if (!isJsonObject(value)) {
      return problem(at, value, 'an object');
    }
    for (const [name, check] of Object.entries(members)) {
      const found = check(value[name], `${at}.${name}`);
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  };

const common = { id: anyText, mtu: optional(mtu), vif_id: optional(anyText) };
const physical = shape({ ...common, ethernet_mac_address: macAddress });
const bond = shape({ ...common, ethernet_mac_address: macAddress, bond_mode: anyText, bond_links: textList });
const vlan = shape({ ...common, vlan_mac_address: macAddress, vlan_id: vlanId, vlan_link: anyText });

const link: Check = (value, at) => {
  if (!isJsonObject(value)) {
    return problem(at, value, 'an object');
  }
  const found = oneOfWords(LINK_TYPES)(value.type, `${at}.type`);
  if (found !== undefined) {
    return found;
  }
  return (value.type === 'bond' ? bond : value.type === 'vlan' ? vlan : physical)(value, at);
};

const service = shape({ type: oneOfWords(['dns']), address: anyText });
const route = shape({ network: anyText, netmask: anyText, gateway: anyText, services: optional(listOf(service)) });
const network = shape({
  id: anyText,
  link: anyText,
  network_id: anyText,
  type: oneOfWords(NETWORK_TYPES),
  ip_address: optional(anyText),
  netmask: optional(anyText),
  routes: optional(listOf(route)),
});

const networkData = shape({ links: listOf(link), networks: listOf(network), services: listOf(service) });

/** Accepts the empty object, or one with all three lists whose items are complete. */
export function readNetworkData(value: Record<string, unknown>): Reading {
  if (Object.keys(value).length === 0) {
    return { ok: true, value };
  }
  return networkData(value, '') ?? { ok: true, value };
}
