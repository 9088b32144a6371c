// LAN configuration parameters, each with its bytes in both directions (IPMI 2.0, table 23-4).
import { type Choice, choices, flags } from './bit-fields.ts';
import type { FieldReader } from './field-reader.ts';
import { parameter, setInProgress } from './parameter.ts';

const ipv4Length = 4;
const macLength = 6;
const ipv6Length = 16;

const formatMac = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');

function parseIpv4(address: string): number[] {
  const bytes = address.split('.').map(Number);
  if (bytes.length !== ipv4Length || bytes.some((byte) => !Number.isInteger(byte) || byte < 0 || byte > 255)) {
    throw new RangeError(`"${address}" is no IPv4 address`);
  }
  return bytes;
}

function parseMac(address: string): number[] {
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(address)) throw new RangeError(`"${address}" is no MAC address`);
  return address.split(':').map((byte) => Number.parseInt(byte, 16));
}

/** An IPv6 address as RFC 5952 writes it. */
function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}

const ipv4 = (number: number, name: string) =>
  parameter(number, name, (reader) => [...reader.take(ipv4Length, 'address')].join('.'), parseIpv4);
const mac = (number: number, name: string) =>
  parameter(number, name, (reader) => formatMac(reader.take(macLength, 'address')), parseMac);
const byte = (number: number, name: string) =>
  parameter(
    number,
    name,
    (reader) => reader.u8(name),
    (value: number) => [value],
  );
const port = (number: number, name: string) =>
  parameter(
    number,
    name,
    (reader) => reader.u16(name),
    (value: number) => [value & 0xff, value >> 8],
  );

export const ipAddressSources = choices({
  0: 'unspecified',
  1: 'static',
  2: 'DHCP',
  3: 'BIOS or system software',
  4: 'other',
});
export type IpAddressSource = (typeof ipAddressSources.names)[number];

/** Authentication types of IPMI 1.5, by their number. */
const authenticationTypes = flags({ none: 0, md2: 1, md5: 2, straightPassword: 4, oem: 5 });
const privileges = ['callback', 'user', 'operator', 'administrator', 'oem'] as const;
type AuthenticationEnables = Readonly<
  Record<(typeof privileges)[number], ReturnType<typeof authenticationTypes.decode>>
>;

const arpFlags = flags({ gratuitousArp: 0, respondsToArp: 1 });
const addressSupport = flags({ ipv6Only: 0, both: 1, ipv6Alerts: 2 });
const addressEnables = choices({ 0: 'IPv4 only', 1: 'IPv6 only', 2: 'both' });

/** Levels of the cipher suite entries in their order: the highest privilege with which each may be used. */
const suitePrivileges = choices({
  0: 'unused',
  1: 'callback',
  2: 'user',
  3: 'operator',
  4: 'administrator',
  5: 'oem',
});

function readIpv6Address(reader: FieldReader) {
  const index = reader.u8('set selector');
  const source = reader.u8('source and enable');
  return {
    index,
    isEnabled: (source & 0x80) !== 0,
    /** 0: static; 1: stateless configuration; 2: DHCPv6. */
    source: source & 0x0f,
    address: formatIpv6(reader.take(ipv6Length, 'address')),
    prefixLength: reader.u8('prefix length'),
    /** 0: active; 1: disabled; 2: pending; 3: failed; 4: deprecated; 5: invalid. */
    status: reader.u8('status'),
  };
}

const communityStringLength = 18;
const vlanEnable = 0x8000;
const vlanId = 0x0fff;

/** Parameters by name. Those that are only read refuse to be encoded with a RangeError. */
export const lanParameters = {
  setInProgress,
  authenticationTypeSupport: readOnly(1, 'authentication type support', (reader) =>
    authenticationTypes.decode(reader.u8('types')),
  ),
  /** For each privilege level. */
  authenticationTypeEnables: parameter<AuthenticationEnables>(
    2,
    'authentication type enables',
    (reader) =>
      Object.fromEntries(
        privileges.map((level) => [level, authenticationTypes.decode(reader.u8(level))]),
      ) as AuthenticationEnables,
    (value) => privileges.map((level) => authenticationTypes.encode(value[level])),
  ),
  ipAddress: ipv4(3, 'IP address'),
  ipAddressSource: parameter<Choice<IpAddressSource>>(
    4,
    'IP address source',
    (reader) => ipAddressSources.decode(reader.u8('source') & 0x0f),
    (source) => [ipAddressSources.encode(source)],
  ),
  macAddress: mac(5, 'MAC address'),
  subnetMask: ipv4(6, 'subnet mask'),
  /** Time to live, flags, precedence and type of service as they are in the header. */
  ipv4Header: parameter(
    7,
    'IPv4 header parameters',
    (reader) => ({
      timeToLive: reader.u8('time to live'),
      flags: reader.u8('flags') >> 5,
      typeOfService: reader.u8('type of service'),
    }),
    (value) => [value.timeToLive, value.flags << 5, value.typeOfService],
  ),
  primaryPort: port(8, 'primary RMCP port'),
  secondaryPort: port(9, 'secondary RMCP port'),
  bmcGeneratedArp: parameter(
    10,
    'BMC-generated ARP control',
    (reader) => arpFlags.decode(reader.u8('flags')),
    (value) => [arpFlags.encode(value)],
  ),
  /** Half seconds. */
  gratuitousArpInterval: byte(11, 'gratuitous ARP interval'),
  defaultGateway: ipv4(12, 'default gateway address'),
  defaultGatewayMac: mac(13, 'default gateway MAC address'),
  backupGateway: ipv4(14, 'backup gateway address'),
  backupGatewayMac: mac(15, 'backup gateway MAC address'),
  communityString: parameter(
    16,
    'community string',
    (reader) =>
      reader.take(Math.min(communityStringLength, reader.remaining), 'text').toString('latin1').replace(/\0.*$/s, ''),
    (text: string) => {
      const bytes = Buffer.alloc(communityStringLength);
      if (text.length > communityStringLength)
        throw new RangeError(`community string of more than ${communityStringLength} bytes`);
      bytes.write(text, 'latin1');
      return bytes;
    },
  ),
  /** undefined: no VLAN. */
  vlanId: parameter<number | undefined>(
    20,
    '802.1q VLAN id',
    (reader) => {
      const value = reader.u16('VLAN id');
      return (value & vlanEnable) === 0 ? undefined : value & vlanId;
    },
    (id) => {
      const value = id === undefined ? 0 : id | vlanEnable;
      return [value & 0xff, value >> 8];
    },
  ),
  vlanPriority: parameter(
    21,
    '802.1q VLAN priority',
    (reader) => reader.u8('priority') & 7,
    (value: number) => [value],
  ),
  cipherSuiteCount: readOnly(22, 'cipher suite entry count', (reader) => reader.u8('count') & 0x1f),
  cipherSuites: readOnly(23, 'cipher suite entries', (reader) => {
    reader.skip(1, 'reserved');
    return [...reader.rest()];
  }),
  /** In the order of the entries; sixteen. */
  cipherSuitePrivileges: parameter(
    24,
    'cipher suite privilege levels',
    (reader) => {
      reader.skip(1, 'reserved');
      return [...reader.take(8, 'levels')].flatMap((pair) => [pair & 0x0f, pair >> 4]).map(suitePrivileges.decode);
    },
    (levels: readonly ReturnType<typeof suitePrivileges.decode>[]) => {
      const numbers = levels.map(suitePrivileges.encode);
      return [
        0,
        ...Array.from({ length: 8 }, (_, index) => (numbers[index * 2] ?? 0) | ((numbers[index * 2 + 1] ?? 0) << 4)),
      ];
    },
  ),
  ipv6Support: readOnly(50, 'IPv6 and IPv4 support', (reader) => addressSupport.decode(reader.u8('support'))),
  ipv6Enables: parameter(
    51,
    'IPv6 and IPv4 addressing enables',
    (reader) => addressEnables.decode(reader.u8('enables')),
    (value) => [addressEnables.encode(value)],
  ),
  /** How many static and dynamic addresses there are. */
  ipv6Status: readOnly(55, 'IPv6 status', (reader) => ({
    staticAddresses: reader.u8('static address maximum'),
    dynamicAddresses: reader.u8('dynamic address maximum'),
  })),
  /** One of several: the set selector says which. */
  ipv6StaticAddress: readOnly(56, 'IPv6 static address', readIpv6Address),
  ipv6DynamicAddress: readOnly(59, 'IPv6 dynamic address', readIpv6Address),
} as const;

function readOnly<Value>(number: number, name: string, decode: (reader: FieldReader) => Value) {
  return parameter<Value>(number, name, decode, () => {
    throw new RangeError(`the LAN parameter "${name}" cannot be set`);
  });
}
