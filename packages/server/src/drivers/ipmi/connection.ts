// Reads how to reach a BMC out of driver_info and refuses what can not be, naming key, value and what is allowed.
import { type JsonObject, type Node, registeredError } from '@wrought/contract';

const DEFAULT_PORT = 623;
const privilegeLevels = ['ADMINISTRATOR', 'OPERATOR', 'USER', 'CALLBACK'] as const;
/** IPMI 2.0 section 13.33: a Kg key has at most 20 bytes. */
const KG_KEY_MAX_HEX_DIGITS = 40;

export interface Bridging {
  readonly kind: 'single' | 'dual';
  readonly localAddress: string | null;
  readonly targetChannel: string;
  readonly targetAddress: string;
  readonly transitChannel: string | null;
  readonly transitAddress: string | null;
}

export interface IpmiConnection {
  readonly address: string;
  readonly port: number;
  readonly username: string | null;
  readonly password: string;
  readonly privilegeLevel: (typeof privilegeLevels)[number];
  readonly kgKeyHex: string | null;
  readonly protocolVersion: '2.0' | '1.5';
  /** Null: found out by trying. */
  readonly cipherSuite: string | null;
  readonly bridging: Bridging | null;
  /** TCP port of the console; null: one of the configuration's. */
  readonly terminalPort: number | null;
  readonly forceBootDevice: boolean;
  /** Null: what the configuration says. */
  readonly disableBootTimeout: boolean | null;
}

function invalid(node: Node, key: string, value: unknown, allowed: string) {
  return registeredError('InvalidParameterValue', {
    reason: `driver_info/${key} of node ${node.uuid} is ${JSON.stringify(value)}; allowed: ${allowed}.`,
  });
}

/** The text of a member that may be given as text or number; null when it is absent or empty. */
function textOf(node: Node, info: JsonObject, key: string): string | null {
  const value = info[key];
  if (value === undefined || value === null || value === '') {
    return null;
  }
  if (typeof value !== 'string' && typeof value !== 'number') {
    throw invalid(node, key, value, 'a text');
  }
  return String(value);
}

function oneOf<const Allowed extends string>(
  node: Node,
  info: JsonObject,
  key: string,
  allowed: readonly Allowed[],
): Allowed | null {
  const text = textOf(node, info, key);
  if (text === null) {
    return null;
  }
  const found = allowed.find((each) => each.toLowerCase() === text.toLowerCase());
  if (found === undefined) {
    throw invalid(node, key, info[key], allowed.join(', '));
  }
  return found;
}

function portOf(node: Node, info: JsonObject, key: string): number | null {
  const text = textOf(node, info, key);
  if (text === null) {
    return null;
  }
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(port >= 1 && port <= 65_535)) {
    throw invalid(node, key, info[key], 'a port number from 1 to 65535');
  }
  return port;
}

function booleanOf(node: Node, info: JsonObject, key: string): boolean | null {
  const value = info[key];
  if (typeof value === 'boolean' || value === undefined || value === null) {
    return value ?? null;
  }
  const text = String(value).toLowerCase();
  if (['true', 'yes', 'on', '1'].includes(text)) {
    return true;
  }
  if (['false', 'no', 'off', '0'].includes(text)) {
    return false;
  }
  throw invalid(node, key, value, 'true or false');
}

function required(node: Node, info: JsonObject, key: string, why: string): string {
  const text = textOf(node, info, key);
  if (text === null) {
    throw registeredError('MissingParameterValue', {
      reason: `Node ${node.uuid} lacks driver_info/${key}, which is needed ${why}. Set it with a PATCH of the node.`,
    });
  }
  return text;
}

/** A channel or address as ipmitool takes it: decimal or 0x and hexadecimal digits. */
function busNumber(node: Node, info: JsonObject, key: string, why: string): string {
  const text = required(node, info, key, why);
  if (!/^(0x[0-9a-f]{1,2}|\d{1,3})$/i.test(text) || Number(text) > 255) {
    throw invalid(node, key, info[key], 'a number from 0 to 255, decimal or 0x and hexadecimal digits');
  }
  return text;
}

function bridgingOf(node: Node, info: JsonObject): Bridging | null {
  const kind = oneOf(node, info, 'ipmi_bridging', ['no', 'single', 'dual']);
  if (kind === null || kind === 'no') {
    return null;
  }
  const why = `with ipmi_bridging "${kind}"`;
  const number = (key: string) => busNumber(node, info, key, why);
  return {
    kind,
    localAddress: textOf(node, info, 'ipmi_local_address') === null ? null : number('ipmi_local_address'),
    targetChannel: number('ipmi_target_channel'),
    targetAddress: number('ipmi_target_address'),
    transitChannel: kind === 'dual' ? number('ipmi_transit_channel') : null,
    transitAddress: kind === 'dual' ? number('ipmi_transit_address') : null,
  };
}

/** Host names and addresses only, so that a value can never be taken for an option. */
function addressOf(node: Node, info: JsonObject): string {
  const address = required(node, info, 'ipmi_address', 'to reach its BMC').trim();
  if (!/^[a-z0-9_.:%[\]][a-z0-9_.:%[\]-]*$/i.test(address)) {
    throw invalid(node, 'ipmi_address', info.ipmi_address, 'an IP address or a host name');
  }
  return address;
}

/**
 * Reads and checks all keys that the ipmitool interfaces have.
 * @throws MissingParameterValue, InvalidParameterValue
 */
export function readConnection(node: Node): IpmiConnection {
  const info = node.driver_info;
  const address = addressOf(node, info);
  const kgKeyHex = textOf(node, info, 'ipmi_hex_kg_key');
  if (kgKeyHex !== null && !(/^([0-9a-f]{2})+$/i.test(kgKeyHex) && kgKeyHex.length <= KG_KEY_MAX_HEX_DIGITS)) {
    throw registeredError('InvalidParameterValue', {
      reason: `driver_info/ipmi_hex_kg_key of node ${node.uuid} must be an even number of hexadecimal digits, at most ${KG_KEY_MAX_HEX_DIGITS}.`,
    });
  }
  const protocolVersion = oneOf(node, info, 'ipmi_protocol_version', ['2.0', '1.5']) ?? '2.0';
  const cipherSuite = oneOf(node, info, 'ipmi_cipher_suite', ['3', '17']);
  if (cipherSuite !== null && protocolVersion === '1.5') {
    throw invalid(node, 'ipmi_cipher_suite', info.ipmi_cipher_suite, 'none, because ipmi_protocol_version is "1.5"');
  }
  return {
    address,
    port: portOf(node, info, 'ipmi_port') ?? DEFAULT_PORT,
    username: textOf(node, info, 'ipmi_username'),
    password: textOf(node, info, 'ipmi_password') ?? '',
    privilegeLevel: oneOf(node, info, 'ipmi_priv_level', privilegeLevels) ?? 'ADMINISTRATOR',
    kgKeyHex,
    protocolVersion,
    cipherSuite,
    bridging: bridgingOf(node, info),
    terminalPort: portOf(node, info, 'ipmi_terminal_port'),
    forceBootDevice:
      booleanOf(node, info, 'ipmi_force_boot_device') ?? booleanOf(node, info, 'force_boot_device') ?? false,
    disableBootTimeout: booleanOf(node, info, 'ipmi_disable_boot_timeout'),
  };
}

/** "10.0.0.7:623", for queues and messages. */
export function endpointOf(connection: IpmiConnection): string {
  const { address, port } = connection;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
