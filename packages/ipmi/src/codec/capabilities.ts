// Data of the commands that ask what logins a BMC offers (IPMI 2.0, 22.13 and 22.15); responses without completion code.
import { ProtocolError } from '../errors.ts';
import { type CipherSuite, suiteOf } from './algorithms.ts';
import { asBuffer, needBytes } from './bytes.ts';

export const getChannelAuthenticationCapabilities = 0x38;
export const getChannelCipherSuites = 0x54;
/** The channel over which the request comes. */
export const presentChannel = 0x0e;

const extendedData = 0x80;

export interface CapabilitiesRequest {
  readonly channel: number;
  readonly privilege: number;
  /** Whether the answer may be in the form of IPMI 2.0. */
  readonly extended: boolean;
}

/** Set of authentication types of IPMI 1.5, and what else the BMC says before a login. */
export interface Capabilities {
  readonly channel: number;
  readonly none: boolean;
  readonly md2: boolean;
  readonly md5: boolean;
  readonly straightPassword: boolean;
  readonly oem: boolean;
  /** Two-key logins: Kg is not zero. */
  readonly bmcKeySet: boolean;
  readonly perMessageAuthenticationDisabled: boolean;
  readonly userLevelAuthenticationDisabled: boolean;
  readonly nonNullUsers: boolean;
  readonly nullUsers: boolean;
  readonly anonymousLogin: boolean;
  readonly v15: boolean;
  readonly v20: boolean;
  readonly oemEnterprise: number;
  readonly oemData: number;
}

export function encodeCapabilitiesRequest(request: CapabilitiesRequest): Buffer {
  return Buffer.of((request.extended ? extendedData : 0) | request.channel, request.privilege);
}

export function decodeCapabilitiesRequest(data: Uint8Array): CapabilitiesRequest {
  needBytes(data, 2, 'Get Channel Authentication Capabilities request');
  const first = data[0] as number;
  return {
    channel: first & 0x0f,
    privilege: (data[1] as number) & 0x0f,
    extended: (first & extendedData) !== 0,
  };
}

/** Bits of the three flag bytes, from bit 0 upward; undefined: reserved. */
const typeBits = ['none', 'md2', 'md5', undefined, 'straightPassword', 'oem'] as const;
const statusBits = [
  'anonymousLogin',
  'nullUsers',
  'nonNullUsers',
  'userLevelAuthenticationDisabled',
  'perMessageAuthenticationDisabled',
  'bmcKeySet',
] as const;
const extendedBits = ['v15', 'v20'] as const;

type Flag = Exclude<(typeof typeBits)[number], undefined> | (typeof statusBits)[number] | (typeof extendedBits)[number];

function toByte(names: readonly (Flag | undefined)[], from: Capabilities): number {
  return names.reduce((byte, name, bit) => byte | (name !== undefined && from[name] ? 1 << bit : 0), 0);
}

const isSet = (byte: number, names: readonly (Flag | undefined)[], name: Flag): boolean =>
  (byte & (1 << names.indexOf(name))) !== 0;

/** The answer; in the form of IPMI 2.0 when it was asked for and `v20` is set. */
export function encodeCapabilities(capabilities: Capabilities, extended: boolean): Buffer {
  const bytes = Buffer.alloc(8);
  const inFull = extended && capabilities.v20;
  bytes[0] = capabilities.channel;
  bytes[1] = toByte(typeBits, capabilities) | (inFull ? extendedData : 0);
  bytes[2] = toByte(statusBits, capabilities);
  bytes[3] = inFull ? toByte(extendedBits, capabilities) : 0;
  bytes.writeUIntLE(capabilities.oemEnterprise, 4, 3);
  bytes[7] = capabilities.oemData;
  return bytes;
}

export function decodeCapabilities(given: Uint8Array): Capabilities {
  const bytes = asBuffer(given);
  needBytes(bytes, 8, 'Get Channel Authentication Capabilities response');
  const [channel, types, status, third] = bytes as unknown as [number, number, number, number];
  const extended = (types & extendedData) !== 0;
  return {
    channel: channel & 0x0f,
    none: isSet(types, typeBits, 'none'),
    md2: isSet(types, typeBits, 'md2'),
    md5: isSet(types, typeBits, 'md5'),
    straightPassword: isSet(types, typeBits, 'straightPassword'),
    oem: isSet(types, typeBits, 'oem'),
    bmcKeySet: isSet(status, statusBits, 'bmcKeySet'),
    perMessageAuthenticationDisabled: isSet(status, statusBits, 'perMessageAuthenticationDisabled'),
    userLevelAuthenticationDisabled: isSet(status, statusBits, 'userLevelAuthenticationDisabled'),
    nonNullUsers: isSet(status, statusBits, 'nonNullUsers'),
    nullUsers: isSet(status, statusBits, 'nullUsers'),
    anonymousLogin: isSet(status, statusBits, 'anonymousLogin'),
    v15: !extended || isSet(third, extendedBits, 'v15'),
    v20: extended && isSet(third, extendedBits, 'v20'),
    oemEnterprise: bytes.readUIntLE(4, 3),
    oemData: bytes[7] as number,
  };
}

/** One record of Get Channel Cipher Suites. */
export interface CipherSuiteRecord extends CipherSuite {
  readonly id: number;
  /** IANA number of the manufacturer that defined the suite; absent: the specification did. */
  readonly enterprise?: number;
}

const standardRecord = 0xc0;
const oemRecord = 0xc1;
const tagMask = 0xc0;
const integrityTag = 0x40;
const confidentialityTag = 0x80;

/** Records of suites of the specification, to be handed out 16 bytes at a time. */
export function encodeCipherSuiteRecords(ids: readonly number[]): Buffer {
  const records = ids.map((id) => {
    const suite = suiteOf(id);
    return [
      standardRecord,
      id,
      suite.authentication,
      integrityTag | suite.integrity,
      confidentialityTag | suite.confidentiality,
    ];
  });
  return Buffer.from(records.flat());
}

/**
 * Records from all the pieces of the answer put together. A record may list several algorithms of a kind; the first
 * counts. BMCs that leave kinds out mean "none".
 */
export function decodeCipherSuiteRecords(given: Uint8Array): CipherSuiteRecord[] {
  const bytes = asBuffer(given);
  const records: CipherSuiteRecord[] = [];
  let at = 0;
  while (at < bytes.length) {
    const start = bytes[at] as number;
    if (start !== standardRecord && start !== oemRecord) {
      throw new ProtocolError('bad value', 'cipher suite record', at, `starts with ${start}`);
    }
    const headLength = start === oemRecord ? 5 : 2;
    if (at + headLength > bytes.length) throw new ProtocolError('truncated', 'cipher suite record', bytes.length);
    const id = bytes[at + 1] as number;
    const enterprise = start === oemRecord ? { enterprise: bytes.readUIntLE(at + 2, 3) } : {};
    at += headLength;
    const found: (number | undefined)[] = [];
    while (at < bytes.length && ((bytes[at] as number) & tagMask) !== tagMask) {
      const kind = (bytes[at] as number) >> 6;
      found[kind] ??= (bytes[at] as number) & 0x3f;
      at++;
    }
    const [authentication = 0, integrity = 0, confidentiality = 0] = found;
    records.push({ id, ...enterprise, authentication, integrity, confidentiality });
  }
  return records;
}
