// Reads what a switch says of itself by LLDP (IEEE 802.1AB): names and values from the TLVs that a ramdisk collected.
import { isIP } from 'node:net';
import { type JsonObject, readMac } from '@wrought/contract';

/** Types of TLVs (IEEE 802.1AB table 8-1). */
const TLV = {
  chassisId: 1,
  portId: 2,
  portDescription: 4,
  systemName: 5,
  systemDescription: 6,
  capabilities: 7,
  managementAddress: 8,
  organization: 127,
} as const;

/** How a chassis and a port are named that are named by a MAC address (tables 8-2 and 8-3). */
const MAC_SUBTYPES = { [TLV.chassisId]: 4, [TLV.portId]: 3 } as const;
const NETWORK_ADDRESS_SUBTYPES = { [TLV.chassisId]: 5, [TLV.portId]: 4 } as const;

/** Bits of the capabilities TLV from the lowest (table 8-4). */
const CAPABILITIES = [
  'Other',
  'Repeater',
  'Bridge',
  'WLAN',
  'Router',
  'Telephone',
  'DOCSIS cable device',
  'Station only',
  'C-Tag Component of VLAN Bridge',
  'S-Tag Component of VLAN Bridge',
  'Two-Port MAC Relay',
];

const IEEE_8021 = '0080c2';
const IEEE_8023 = '00120f';
/** Address families (IANA). */
const FAMILY_IPV4 = 1;
const FAMILY_IPV6 = 2;

/** Raw TLVs: pairs of type and value in hexadecimal, as Ironic's agent tells them; whatever has another shape is left out. */
export function readTlvs(value: unknown): readonly (readonly [number, Buffer])[] {
  return (Array.isArray(value) ? value : []).flatMap((pair: unknown) => {
    const [type, hex] = Array.isArray(pair) ? (pair as unknown[]) : [];
    const isWhole = typeof type === 'number' && typeof hex === 'string' && /^([0-9a-f]{2})*$/i.test(hex);
    return isWhole ? [[type, Buffer.from(hex, 'hex')] as const] : [];
  });
}

/** Text as switches send it: UTF-8, some with a zero at its end; null for what is none. */
function textOf(value: Buffer): string | null {
  const text = value.toString('utf8').replace(/\0+$/, '').trim();
  // A value with control characters is a number, not a name.
  return text === '' || /[\p{Cc}\ufffd]/u.test(text.replace(/[\r\n\t]/g, ' ')) ? null : text;
}

function macOf(value: Buffer): string | null {
  return value.length === 6 ? (readMac(value.toString('hex').replace(/(..)(?=.)/g, '$1:')) ?? null) : null;
}

function addressOf(family: number | undefined, value: Buffer): string | null {
  if (family === FAMILY_IPV4 && value.length === 4) {
    return value.join('.');
  }
  const text = value.toString('hex').replace(/(.{4})(?=.)/g, '$1:');
  // In the short form of RFC 5952, as a URL writes it.
  return family === FAMILY_IPV6 && isIP(text) === 6 ? new URL(`http://[${text}]`).hostname.slice(1, -1) : null;
}

/** The name of a chassis or of a port: a subtype, and what that says the rest is. */
function identity(type: 1 | 2, value: Buffer): string | null {
  const rest = value.subarray(1);
  switch (value[0]) {
    case MAC_SUBTYPES[type]:
      return macOf(rest);
    case NETWORK_ADDRESS_SUBTYPES[type]:
      return addressOf(rest[0], rest.subarray(1));
    default:
      return textOf(rest);
  }
}

function capabilitiesOf(value: Buffer, at: 0 | 2): string[] | null {
  const bits = value.length >= 4 ? value.readUInt16BE(at) : 0;
  return value.length >= 4 ? CAPABILITIES.filter((_name, bit) => (bits & (1 << bit)) !== 0) : null;
}

/** What the TLVs of IEEE 802.1 (annex D) and 802.3 (annex F) tell of VLANs, bonds and frames. */
function organizationFacts(value: Buffer): JsonObject {
  const [oui, subtype, rest] = [value.toString('hex', 0, 3), value[3], value.subarray(4)];
  if (oui === IEEE_8021 && subtype === 1 && rest.length >= 2) {
    return { switch_port_untagged_vlan_id: rest.readUInt16BE(0) };
  }
  if (oui === IEEE_8021 && subtype === 3 && rest.length >= 3) {
    return { switch_port_vlans: [{ id: rest.readUInt16BE(0), name: textOf(rest.subarray(3, 3 + (rest[2] ?? 0))) }] };
  }
  if (oui === IEEE_8023 && subtype === 3 && rest.length >= 5) {
    return {
      switch_port_link_aggregation_support: ((rest[0] ?? 0) & 1) !== 0,
      switch_port_link_aggregation_enabled: ((rest[0] ?? 0) & 2) !== 0,
      switch_port_link_aggregation_id: rest.readUInt32BE(1),
    };
  }
  return oui === IEEE_8023 && subtype === 4 && rest.length >= 2 ? { switch_port_mtu: rest.readUInt16BE(0) } : {};
}

function factsOf(type: number, value: Buffer): JsonObject {
  switch (type) {
    case TLV.chassisId:
      return { switch_chassis_id: identity(type, value) };
    case TLV.portId:
      return { switch_port_id: identity(type, value) };
    case TLV.portDescription:
      return { switch_port_description: textOf(value) };
    case TLV.systemName:
      return { switch_system_name: textOf(value) };
    case TLV.systemDescription:
      return { switch_system_description: textOf(value) };
    case TLV.capabilities:
      return {
        switch_capabilities_support: capabilitiesOf(value, 0),
        switch_capabilities_enabled: capabilitiesOf(value, 2),
      };
    case TLV.managementAddress: {
      // Its length counts the family as well.
      const address = addressOf(value[1], value.subarray(2, 1 + (value[0] ?? 0)));
      return { switch_mgmt_addresses: address === null ? null : [address] };
    }
    case TLV.organization:
      return organizationFacts(value);
    default:
      return {};
  }
}

/**
 * What the TLVs of one announcement say, by the names under which Ironic keeps it in `parsed_lldp` (switch_chassis_id, switch_port_id,
 * switch_system_name, ...); lists of several TLVs are joined. What can not be read is left out.
 * @param value raw TLVs of one network card, of any shape
 */
export function parseLldp(value: unknown): JsonObject {
  const facts: JsonObject = {};
  for (const [type, content] of readTlvs(value)) {
    for (const [name, fact] of Object.entries(factsOf(type, content))) {
      const present = facts[name];
      if (fact !== null) {
        facts[name] = Array.isArray(present) && Array.isArray(fact) ? [...present, ...fact] : fact;
      }
    }
  }
  return facts;
}
