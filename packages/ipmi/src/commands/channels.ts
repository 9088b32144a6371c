// Channels: what they are, who may use them, and which logins they offer (IPMI 2.0, 22.13, 22.15, 22.20 to 22.24).
import {
  type Capabilities,
  type CipherSuiteRecord,
  decodeCapabilities,
  decodeCipherSuiteRecords,
  encodeCapabilitiesRequest,
} from '../codec/capabilities.ts';
import { networkFunction } from '../codec/message.ts';
import type { Connection } from '../connection.ts';
import { CompletionCodeError } from '../errors.ts';
import { type Choice, choices } from './bit-fields.ts';
import { FieldReader } from './field-reader.ts';
import { type AccessLevel, accessLevels } from './users.ts';

const netFn = networkFunction.application;

const media = choices({
  1: 'IPMB',
  2: 'ICMB 1.0',
  3: 'ICMB 0.9',
  4: '802.3 LAN',
  5: 'serial/modem',
  6: 'other LAN',
  7: 'PCI SMBus',
  8: 'SMBus 1.0/1.1',
  9: 'SMBus 2.0',
  10: 'USB 1.x',
  11: 'USB 2.x',
  12: 'system interface',
});

const protocols = choices({
  1: 'IPMB',
  2: 'ICMB',
  4: 'IPMI SMBus',
  5: 'KCS',
  6: 'SMIC',
  7: 'BT 1.0',
  8: 'BT 1.5',
  9: 'terminal mode',
});

const sessionSupports = choices({ 0: 'none', 1: 'single', 2: 'multiple', 3: 'based on channel' });

export interface ChannelInfo {
  readonly channel: number;
  readonly medium: Choice<(typeof media.names)[number]>;
  readonly protocol: Choice<(typeof protocols.names)[number]>;
  readonly sessions: Choice<(typeof sessionSupports.names)[number]>;
  readonly activeSessions: number;
  /** IANA number of who defined the protocol; 7154 is IPMI. */
  readonly protocolVendor: number;
}

export function decodeChannelInfo(data: Uint8Array): ChannelInfo {
  const reader = new FieldReader(data, 'Get Channel Info');
  const channel = reader.u8('channel number') & 0x0f;
  const medium = reader.u8('medium type') & 0x7f;
  const protocol = reader.u8('protocol type') & 0x1f;
  const session = reader.u8('session support');
  return {
    channel,
    medium: media.decode(medium),
    protocol: protocols.decode(protocol),
    sessions: sessionSupports.decode(session >> 6),
    activeSessions: session & 0x3f,
    protocolVendor: reader.u24('protocol vendor'),
  };
}

/** Get Channel Info (22.24); 0x0e is the present channel. */
export async function getChannelInfo(connection: Connection, channel: number): Promise<ChannelInfo> {
  return decodeChannelInfo(await connection.request({ netFn, command: 0x42, data: Uint8Array.of(channel) }));
}

export const accessModes = choices({ 0: 'disabled', 1: 'pre-boot only', 2: 'always available', 3: 'shared' });

export interface ChannelAccess {
  readonly alertingDisabled: boolean;
  readonly perMessageAuthenticationDisabled: boolean;
  readonly userLevelAuthenticationDisabled: boolean;
  readonly accessMode: Choice<(typeof accessModes.names)[number]>;
  readonly privilegeLimit: Choice<AccessLevel>;
}

/** What is in use now, or what is kept for the next start of the BMC. */
export type AccessSetting = 'present' | 'non-volatile';
const settingBits: Readonly<Record<AccessSetting, number>> = { present: 0x80, 'non-volatile': 0x40 };

export function decodeChannelAccess(data: Uint8Array): ChannelAccess {
  const reader = new FieldReader(data, 'Get Channel Access');
  const access = reader.u8('access');
  return {
    alertingDisabled: (access & 0x20) !== 0,
    perMessageAuthenticationDisabled: (access & 0x10) !== 0,
    userLevelAuthenticationDisabled: (access & 0x08) !== 0,
    accessMode: accessModes.decode(access & 7),
    privilegeLimit: accessLevels.decode(reader.u8('privilege limit') & 0x0f),
  };
}

function accessByte(access: ChannelAccess): number {
  return (
    (access.alertingDisabled ? 0x20 : 0) |
    (access.perMessageAuthenticationDisabled ? 0x10 : 0) |
    (access.userLevelAuthenticationDisabled ? 0x08 : 0) |
    accessModes.encode(access.accessMode)
  );
}

export function encodeChannelAccess(access: ChannelAccess): Buffer {
  return Buffer.from([accessByte(access), accessLevels.encode(access.privilegeLimit)]);
}

/** Get Channel Access (22.23). */
export async function getChannelAccess(
  connection: Connection,
  channel: number,
  setting: AccessSetting = 'present',
): Promise<ChannelAccess> {
  const data = Uint8Array.of(channel, settingBits[setting]);
  return decodeChannelAccess(await connection.request({ netFn, command: 0x41, data }));
}

/** Set Channel Access (22.22), of one of the two settings. A channel that is disabled cannot be enabled over itself. */
export async function setChannelAccess(
  connection: Connection,
  channel: number,
  access: ChannelAccess,
  setting: AccessSetting,
): Promise<void> {
  const bits = settingBits[setting];
  const data = Uint8Array.of(channel, bits | accessByte(access), bits | accessLevels.encode(access.privilegeLimit));
  await connection.request({ netFn, command: 0x40, data }, { repeatable: true });
}

const invalidDataField = 0xcc;

/** Get Channel Authentication Capabilities (22.13) for a privilege level, in the form of IPMI 2.0 where the BMC has it. */
export async function getChannelAuthenticationCapabilities(
  connection: Connection,
  channel: number,
  level: AccessLevel = 'administrator',
): Promise<Capabilities> {
  const ask = async (extended: boolean) => {
    const data = encodeCapabilitiesRequest({ channel, privilege: accessLevels.encode(level), extended });
    return decodeCapabilities(await connection.request({ netFn, command: 0x38, data }));
  };
  try {
    return await ask(true);
  } catch (error) {
    // BMCs of IPMI 1.5 do not know the bit that asks for it.
    if (error instanceof CompletionCodeError && error.code === invalidDataField) return ask(false);
    throw error;
  }
}

const listBySuite = 0x80;
const ipmiPayload = 0;
const pieceLength = 16;
/** A list index has six bits. */
const mostPieces = 64;

/** Get Channel Cipher Suites (22.15): all records, put together from their pieces of 16 bytes. */
export async function getChannelCipherSuites(connection: Connection, channel: number): Promise<CipherSuiteRecord[]> {
  const pieces: Buffer[] = [];
  for (let index = 0; index < mostPieces; index += 1) {
    const data = Uint8Array.of(channel, ipmiPayload, listBySuite | index);
    const reader = new FieldReader(
      await connection.request({ netFn, command: 0x54, data }),
      'Get Channel Cipher Suites',
    );
    reader.u8('channel number');
    const piece = reader.rest();
    pieces.push(piece);
    if (piece.length < pieceLength) break;
  }
  return decodeCipherSuiteRecords(Buffer.concat(pieces));
}

export interface SessionInfo {
  /** 0: there is no such session. */
  readonly handle: number;
  readonly possibleSessions: number;
  readonly activeSessions: number;
  /** Of the session; undefined without one. */
  readonly user: { readonly id: number; readonly privilege: Choice<AccessLevel>; readonly channel: number } | undefined;
  /** Of the remote end of a LAN session. */
  readonly remote: { readonly ipAddress: string; readonly macAddress: string; readonly port: number } | undefined;
}

const lanDetailLength = 12;

/** Get Session Info (22.20): of the session with this index, counted from 1; 0 is the session that asks. */
export async function getSessionInfo(connection: Connection, index: number): Promise<SessionInfo> {
  const reader = new FieldReader(
    await connection.request({ netFn, command: 0x3d, data: Uint8Array.of(index) }),
    'Get Session Info',
  );
  const counts = {
    handle: reader.u8('session handle'),
    possibleSessions: reader.u8('possible sessions') & 0x3f,
    activeSessions: reader.u8('active sessions') & 0x3f,
  };
  if (reader.remaining < 3) return { ...counts, user: undefined, remote: undefined };
  const user = {
    id: reader.u8('user id') & 0x3f,
    privilege: accessLevels.decode(reader.u8('privilege') & 0x0f),
    channel: reader.u8('channel') & 0x0f,
  };
  if (reader.remaining < lanDetailLength) return { ...counts, user, remote: undefined };
  const ipAddress = [...reader.take(4, 'IP address')].join('.');
  const macAddress = Array.from(reader.take(6, 'MAC address'), (byte) => byte.toString(16).padStart(2, '0')).join(':');
  return { ...counts, user, remote: { ipAddress, macAddress, port: reader.u16('port') } };
}
