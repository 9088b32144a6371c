// Reads how to reach a BMC out of driver_info and refuses what can not be, naming key, value and what is allowed.
import { type Node, registeredError } from '@wrought/contract';
import { type DriverInfo, driverInfo } from '../kit/index.ts';

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

/** A channel or address as ipmitool takes it: decimal or 0x and hexadecimal digits. */
function busNumber(info: DriverInfo, key: string, why: string): string {
  const text = info.required(key, why);
  if (!/^(0x[0-9a-f]{1,2}|\d{1,3})$/i.test(text) || Number(text) > 255) {
    throw info.invalid(key, 'a number from 0 to 255, decimal or 0x and hexadecimal digits');
  }
  return text;
}

function bridgingOf(info: DriverInfo): Bridging | null {
  const kind = info.oneOf('ipmi_bridging', ['no', 'single', 'dual']);
  if (kind === null || kind === 'no') {
    return null;
  }
  const why = `with ipmi_bridging "${kind}"`;
  const number = (key: string) => busNumber(info, key, why);
  return {
    kind,
    localAddress: info.text('ipmi_local_address') === null ? null : number('ipmi_local_address'),
    targetChannel: number('ipmi_target_channel'),
    targetAddress: number('ipmi_target_address'),
    transitChannel: kind === 'dual' ? number('ipmi_transit_channel') : null,
    transitAddress: kind === 'dual' ? number('ipmi_transit_address') : null,
  };
}

/** Host names and addresses only, so that a value can never be taken for an option. */
function addressOf(info: DriverInfo): string {
  const address = info.required('ipmi_address', 'to reach its BMC').trim();
  if (!/^[a-z0-9_.:%[\]][a-z0-9_.:%[\]-]*$/i.test(address)) {
    throw info.invalid('ipmi_address', 'an IP address or a host name');
  }
  return address;
}

/**
 * Reads and checks all keys that the ipmitool interfaces have.
 * @throws MissingParameterValue, InvalidParameterValue
 */
export function readConnection(node: Node): IpmiConnection {
  const info = driverInfo(node);
  const address = addressOf(info);
  const kgKeyHex = info.text('ipmi_hex_kg_key');
  if (kgKeyHex !== null && !(/^([0-9a-f]{2})+$/i.test(kgKeyHex) && kgKeyHex.length <= KG_KEY_MAX_HEX_DIGITS)) {
    throw registeredError('InvalidParameterValue', {
      reason: `driver_info/ipmi_hex_kg_key of node ${node.uuid} must be an even number of hexadecimal digits, at most ${KG_KEY_MAX_HEX_DIGITS}.`,
    });
  }
  const protocolVersion = info.oneOf('ipmi_protocol_version', ['2.0', '1.5']) ?? '2.0';
  const cipherSuite = info.oneOf('ipmi_cipher_suite', ['3', '17']);
  if (cipherSuite !== null && protocolVersion === '1.5') {
    throw info.invalid('ipmi_cipher_suite', 'none, because ipmi_protocol_version is "1.5"');
  }
  return {
    address,
    port: info.port('ipmi_port') ?? DEFAULT_PORT,
    username: info.text('ipmi_username'),
    password: info.text('ipmi_password') ?? '',
    privilegeLevel: info.oneOf('ipmi_priv_level', privilegeLevels) ?? 'ADMINISTRATOR',
    kgKeyHex,
    protocolVersion,
    cipherSuite,
    bridging: bridgingOf(info),
    terminalPort: info.port('ipmi_terminal_port'),
    forceBootDevice: info.boolean('ipmi_force_boot_device') ?? info.boolean('force_boot_device') ?? false,
    disableBootTimeout: info.boolean('ipmi_disable_boot_timeout'),
  };
}

/** "10.0.0.7:623", for queues and messages. */
export function endpointOf(connection: IpmiConnection): string {
  const { address, port } = connection;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
