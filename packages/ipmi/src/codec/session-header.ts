// Session packets: the IPMI 1.5 header and the RMCP+ header with its trailer (IPMI 2.0, 13.6), as bytes without keys.
import { ProtocolError } from '../errors.ts';
import { asBuffer, checkRange, needBytes } from './bytes.ts';
import { payloadType } from './payload-types.ts';
import { rmcpHeaderLength, writeRmcpHeader } from './rmcp.ts';

/** Authentication types of the first byte of the session header (table 13-11). */
export const authenticationType = { none: 0, md2: 1, md5: 2, straightPassword: 4, oem: 5, rmcpPlus: 6 } as const;

const authenticationCodeLength = 16;
/** Lengths of whole packets that some Ethernet chips drop: such a packet gets one byte more (13.6, legacy pad). */
const paddedLengths = new Set([56, 84, 112, 128, 156]);

/** A packet of IPMI 1.5, also used before any session. */
export interface V15Packet {
  readonly authenticationType: number;
  readonly sequence: number;
  readonly sessionId: number;
  /** 16 bytes; absent when the authentication type is none. */
  readonly authenticationCode?: Uint8Array;
  readonly payload: Uint8Array;
}

/** A whole packet. */
export function encodeV15(packet: V15Packet): Buffer {
  checkRange(packet.payload.length, 0xff, 'payload length');
  const code = packet.authenticationType === authenticationType.none ? undefined : packet.authenticationCode;
  if (code !== undefined && code.length !== authenticationCodeLength) {
    throw new RangeError(`authentication code has ${code.length} bytes; it must have ${authenticationCodeLength}`);
  }
  const length = rmcpHeaderLength + 10 + (code?.length ?? 0) + packet.payload.length;
  const bytes = Buffer.alloc(length + (paddedLengths.has(length) ? 1 : 0));
  writeRmcpHeader(bytes, 'ipmi');
  bytes[4] = packet.authenticationType;
  bytes.writeUInt32LE(packet.sequence, 5);
  bytes.writeUInt32LE(packet.sessionId, 9);
  let at = 13;
  if (code !== undefined) {
    bytes.set(code, at);
    at += code.length;
  }
  bytes[at] = packet.payload.length;
  bytes.set(packet.payload, at + 1);
  return bytes;
}

/** Takes what follows the RMCP header. The authentication code is not checked. */
export function decodeV15(given: Uint8Array): V15Packet & { readonly payload: Buffer } {
  const bytes = asBuffer(given);
  needBytes(bytes, 10, 'session header');
  const type = bytes[0] as number;
  const known: readonly number[] = Object.values(authenticationType);
  if (type === authenticationType.rmcpPlus || !known.includes(type)) {
    throw new ProtocolError('unsupported', 'authentication type', 0, `is ${type}`);
  }
  const coded = type !== authenticationType.none;
  let at = 9;
  if (coded) {
    needBytes(bytes, at + authenticationCodeLength + 1, 'session header');
    at += authenticationCodeLength;
  }
  const length = bytes[at] as number;
  needBytes(bytes, at + 1 + length, 'session payload');
  return {
    authenticationType: type,
    sequence: bytes.readUInt32LE(1),
    sessionId: bytes.readUInt32LE(5),
    ...(coded ? { authenticationCode: bytes.subarray(9, at) } : {}),
    payload: bytes.subarray(at + 1, at + 1 + length),
  };
}

/** The header of RMCP+; `payload` is what it looks like on the wire, hence encrypted if `encrypted`. */
export interface V20Packet {
  readonly payloadType: number;
  readonly encrypted: boolean;
  readonly authenticated: boolean;
  /** Only with payload type 2. */
  readonly oem?: { readonly enterprise: number; readonly payloadId: number };
  readonly sessionId: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

const encryptedBit = 0x80;
const authenticatedBit = 0x40;
const nextHeader = 0x07;
const trailerMinimum = 2;
const padByte = 0xff;

/**
 * A whole packet; with `authenticated` it ends in `codeLength` bytes that are to be filled with the authentication code
 * over everything between the RMCP header and themselves (13.28.4).
 */
export function encodeV20(packet: V20Packet, codeLength: number): Buffer {
  const { payload, oem } = packet;
  checkRange(packet.payloadType, 0x3f, 'payload type');
  checkRange(payload.length, 0xffff, 'payload length');
  if ((packet.payloadType === payloadType.oemExplicit) !== (oem !== undefined)) {
    throw new RangeError('payload type 2, and only that, has an enterprise number and a payload id');
  }
  const headerLength = 12 + (oem === undefined ? 0 : 6);
  // The authenticated range, pad length and next header included, is a multiple of four bytes long.
  const pad = packet.authenticated ? -(headerLength + payload.length + trailerMinimum) & 3 : 0;
  const trailer = packet.authenticated ? pad + trailerMinimum + codeLength : 0;
  const bytes = Buffer.allocUnsafe(rmcpHeaderLength + headerLength + payload.length + trailer);
  writeRmcpHeader(bytes, 'ipmi');
  bytes[4] = authenticationType.rmcpPlus;
  bytes[5] = packet.payloadType | (packet.encrypted ? encryptedBit : 0) | (packet.authenticated ? authenticatedBit : 0);
  let at = 6;
  if (oem !== undefined) {
    bytes.writeUInt32LE(oem.enterprise, at);
    bytes.writeUInt16LE(oem.payloadId, at + 4);
    at += 6;
  }
  bytes.writeUInt32LE(packet.sessionId, at);
  bytes.writeUInt32LE(packet.sequence, at + 4);
  bytes.writeUInt16LE(payload.length, at + 8);
  bytes.set(payload, at + 10);
  at += 10 + payload.length;
  if (packet.authenticated) {
    bytes.fill(padByte, at, at + pad);
    bytes[at + pad] = pad;
    bytes[at + pad + 1] = nextHeader;
    bytes.fill(0, at + pad + trailerMinimum);
  }
  return bytes;
}

export interface DecodedV20 extends V20Packet {
  readonly payload: Buffer;
  /** What the authentication code is over, and the code; both empty without `authenticated`. */
  readonly covered: Buffer;
  readonly authenticationCode: Buffer;
}

const nothing = Buffer.alloc(0);

/** Takes what follows the RMCP header. Neither is the code checked nor the payload decrypted. */
export function decodeV20(given: Uint8Array): DecodedV20 {
  const bytes = asBuffer(given);
  needBytes(bytes, 12, 'RMCP+ header');
  if (bytes[0] !== authenticationType.rmcpPlus) {
    throw new ProtocolError('unsupported', 'authentication type', 0, `is ${bytes[0]}`);
  }
  const second = bytes[1] as number;
  const type = second & 0x3f;
  const authenticated = (second & authenticatedBit) !== 0;
  const explicit = type === payloadType.oemExplicit;
  let at = 2;
  if (explicit) {
    needBytes(bytes, 18, 'RMCP+ header');
    at = 8;
  }
  const length = bytes.readUInt16LE(at + 8);
  const payloadStart = at + 10;
  const payloadEnd = payloadStart + length;
  needBytes(bytes, payloadEnd, 'RMCP+ payload');
  const packet = {
    payloadType: type,
    encrypted: (second & encryptedBit) !== 0,
    authenticated,
    ...(explicit ? { oem: { enterprise: bytes.readUInt32LE(2), payloadId: bytes.readUInt16LE(6) } } : {}),
    sessionId: bytes.readUInt32LE(at),
    sequence: bytes.readUInt32LE(at + 4),
    payload: bytes.subarray(payloadStart, payloadEnd),
  };
  if (!authenticated) return { ...packet, covered: nothing, authenticationCode: nothing };
  const end = trailerEnd(bytes, payloadEnd);
  return { ...packet, covered: bytes.subarray(0, end), authenticationCode: bytes.subarray(end) };
}

/** Where the trailer's code begins: after as few pad bytes as make a multiple of four, their number and the next header. */
function trailerEnd(bytes: Buffer, payloadEnd: number): number {
  const pad = -(payloadEnd + trailerMinimum) & 3;
  const end = payloadEnd + pad + trailerMinimum;
  needBytes(bytes, end, 'RMCP+ trailer');
  if (bytes[end - 2] !== pad) {
    throw new ProtocolError('bad padding', 'RMCP+ integrity pad', end - 2, `is ${bytes[end - 2]}, not ${pad}`);
  }
  if (bytes[end - 1] !== nextHeader) throw new ProtocolError('bad value', 'RMCP+ next header', end - 1);
  return end;
}
