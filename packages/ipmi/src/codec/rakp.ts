// RAKP messages 1 to 4 (IPMI 2.0, 13.20 to 13.23), as bytes; what their codes are over is in keys.ts.
import { ProtocolError } from '../errors.ts';
import { asBuffer, checkRange, needBytes } from './bytes.ts';

export const randomNumberLength = 16;
export const guidLength = 16;
export const maximumUserNameLength = 16;

/** Set in the role of RAKP message 1: the user is looked up by the name alone, not by privilege level and name. */
export const nameOnlyLookup = 0x10;

export interface Rakp1 {
  readonly tag: number;
  readonly bmcSessionId: number;
  /** 16 bytes. */
  readonly consoleRandom: Uint8Array;
  /** Privilege level, with `nameOnlyLookup` or without. */
  readonly role: number;
  readonly userName: Uint8Array;
}

/** Any message that answers; without `status` 0 nothing else counts. */
export interface RakpRefusal {
  readonly tag: number;
  readonly status: number;
  readonly sessionId: number;
}

export interface Rakp2 {
  readonly tag: number;
  readonly status: 0;
  readonly consoleSessionId: number;
  readonly bmcRandom: Uint8Array;
  readonly bmcGuid: Uint8Array;
  readonly code: Uint8Array;
}

export interface Rakp3 {
  readonly tag: number;
  readonly status: 0;
  readonly bmcSessionId: number;
  readonly code: Uint8Array;
}

export interface Rakp4 {
  readonly tag: number;
  readonly status: 0;
  readonly consoleSessionId: number;
  readonly check: Uint8Array;
}

export function encodeRakp1(message: Rakp1): Buffer {
  checkRange(message.userName.length, maximumUserNameLength, 'user name length');
  const bytes = Buffer.alloc(28 + message.userName.length);
  bytes[0] = message.tag;
  bytes.writeUInt32LE(message.bmcSessionId, 4);
  bytes.set(message.consoleRandom, 8);
  bytes[24] = message.role;
  bytes[27] = message.userName.length;
  bytes.set(message.userName, 28);
  return bytes;
}

export function decodeRakp1(given: Uint8Array): Rakp1 {
  const bytes = asBuffer(given);
  needBytes(bytes, 28, 'RAKP message 1');
  const nameLength = bytes[27] as number;
  if (nameLength > maximumUserNameLength) {
    throw new ProtocolError('bad length', 'user name of RAKP message 1', 27, `is ${nameLength}`);
  }
  needBytes(bytes, 28 + nameLength, 'RAKP message 1');
  return {
    tag: bytes[0] as number,
    bmcSessionId: bytes.readUInt32LE(4),
    consoleRandom: bytes.subarray(8, 24),
    role: bytes[24] as number,
    userName: bytes.subarray(28, 28 + nameLength),
  };
}

function header(tag: number, status: number, sessionId: number, length: number): Buffer {
  const bytes = Buffer.alloc(8 + length);
  bytes[0] = tag;
  bytes[1] = status;
  bytes.writeUInt32LE(sessionId, 4);
  return bytes;
}

/** RAKP messages 2, 3 and 4 that refuse; the payload type of the packet says which one it is. */
export function encodeRakpRefusal(refusal: RakpRefusal): Buffer {
  return header(refusal.tag, refusal.status, refusal.sessionId, 0);
}

function decodeHeader(given: Uint8Array, what: string): { bytes: Buffer; refusal: RakpRefusal } {
  const bytes = asBuffer(given);
  needBytes(bytes, 2, what);
  const status = bytes[1] as number;
  // BMCs that refuse cut the message short in their own ways, so the session id is not asked for then.
  if (status === 0) needBytes(bytes, 8, what);
  return {
    bytes,
    refusal: { tag: bytes[0] as number, status, sessionId: bytes.length < 8 ? 0 : bytes.readUInt32LE(4) },
  };
}

export function encodeRakp2(message: Rakp2): Buffer {
  const bytes = header(message.tag, 0, message.consoleSessionId, 32 + message.code.length);
  bytes.set(message.bmcRandom, 8);
  bytes.set(message.bmcGuid, 24);
  bytes.set(message.code, 40);
  return bytes;
}

export function decodeRakp2(given: Uint8Array): Rakp2 | RakpRefusal {
  const { bytes, refusal } = decodeHeader(given, 'RAKP message 2');
  if (refusal.status !== 0) return refusal;
  needBytes(bytes, 40, 'RAKP message 2');
  return {
    tag: refusal.tag,
    status: 0,
    consoleSessionId: refusal.sessionId,
    bmcRandom: bytes.subarray(8, 24),
    bmcGuid: bytes.subarray(24, 40),
    code: bytes.subarray(40),
  };
}

export function encodeRakp3(message: Rakp3): Buffer {
  const bytes = header(message.tag, 0, message.bmcSessionId, message.code.length);
  bytes.set(message.code, 8);
  return bytes;
}

export function decodeRakp3(given: Uint8Array): Rakp3 | RakpRefusal {
  const { bytes, refusal } = decodeHeader(given, 'RAKP message 3');
  if (refusal.status !== 0) return refusal;
  return { tag: refusal.tag, status: 0, bmcSessionId: refusal.sessionId, code: bytes.subarray(8) };
}

export function encodeRakp4(message: Rakp4): Buffer {
  const bytes = header(message.tag, 0, message.consoleSessionId, message.check.length);
  bytes.set(message.check, 8);
  return bytes;
}

export function decodeRakp4(given: Uint8Array): Rakp4 | RakpRefusal {
  const { bytes, refusal } = decodeHeader(given, 'RAKP message 4');
  if (refusal.status !== 0) return refusal;
  return { tag: refusal.tag, status: 0, consoleSessionId: refusal.sessionId, check: bytes.subarray(8) };
}
