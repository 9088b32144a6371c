// Data of the commands that open and close sessions (IPMI 2.0, 22.16 to 22.19); responses without completion code.
import { asBuffer, needBytes, padded } from './bytes.ts';

export const getSessionChallenge = 0x39;
export const activateSession = 0x3a;
export const setSessionPrivilegeLevel = 0x3b;
export const closeSession = 0x3c;

export const privilegeLevel = { callback: 1, user: 2, operator: 3, administrator: 4, oem: 5 } as const;
export type PrivilegeLevel = keyof typeof privilegeLevel;

const challengeLength = 16;
const v15UserNameLength = 16;

export interface ChallengeRequest {
  readonly authenticationType: number;
  /** At most 16 bytes; zeros at its end are not part of it. */
  readonly userName: Uint8Array;
}

export function encodeChallengeRequest(request: ChallengeRequest): Buffer {
  const userName = padded(request.userName, v15UserNameLength, 'user name');
  return Buffer.concat([Buffer.of(request.authenticationType), userName]);
}

export function decodeChallengeRequest(given: Uint8Array): ChallengeRequest {
  const bytes = asBuffer(given);
  needBytes(bytes, 1 + v15UserNameLength, 'Get Session Challenge request');
  const name = bytes.subarray(1, 1 + v15UserNameLength);
  let end = name.length;
  while (end > 0 && name[end - 1] === 0) end--;
  return { authenticationType: (bytes[0] as number) & 0x0f, userName: name.subarray(0, end) };
}

export interface Challenge {
  readonly temporarySessionId: number;
  /** 16 bytes. */
  readonly challenge: Uint8Array;
}

export function encodeChallenge(response: Challenge): Buffer {
  const bytes = Buffer.alloc(4 + challengeLength);
  bytes.writeUInt32LE(response.temporarySessionId);
  bytes.set(response.challenge, 4);
  return bytes;
}

export function decodeChallenge(given: Uint8Array): Challenge {
  const bytes = asBuffer(given);
  needBytes(bytes, 4 + challengeLength, 'Get Session Challenge response');
  return { temporarySessionId: bytes.readUInt32LE(0), challenge: bytes.subarray(4, 4 + challengeLength) };
}

export interface ActivateRequest {
  readonly authenticationType: number;
  readonly privilege: number;
  readonly challenge: Uint8Array;
  /** With which the BMC is to begin in its packets to us; not zero. */
  readonly outboundSequence: number;
}

export function encodeActivateRequest(request: ActivateRequest): Buffer {
  const bytes = Buffer.alloc(6 + challengeLength);
  bytes[0] = request.authenticationType;
  bytes[1] = request.privilege;
  bytes.set(request.challenge, 2);
  bytes.writeUInt32LE(request.outboundSequence, 2 + challengeLength);
  return bytes;
}

export function decodeActivateRequest(given: Uint8Array): ActivateRequest {
  const bytes = asBuffer(given);
  needBytes(bytes, 6 + challengeLength, 'Activate Session request');
  return {
    authenticationType: (bytes[0] as number) & 0x0f,
    privilege: (bytes[1] as number) & 0x0f,
    challenge: bytes.subarray(2, 2 + challengeLength),
    outboundSequence: bytes.readUInt32LE(2 + challengeLength),
  };
}

export interface ActivateResponse {
  /** Of all further packets; the BMC may switch to none (per-message authentication off). */
  readonly authenticationType: number;
  readonly sessionId: number;
  /** With which we are to begin. */
  readonly inboundSequence: number;
  readonly privilege: number;
}

export function encodeActivateResponse(response: ActivateResponse): Buffer {
  const bytes = Buffer.alloc(10);
  bytes[0] = response.authenticationType;
  bytes.writeUInt32LE(response.sessionId, 1);
  bytes.writeUInt32LE(response.inboundSequence, 5);
  bytes[9] = response.privilege;
  return bytes;
}

export function decodeActivateResponse(given: Uint8Array): ActivateResponse {
  const bytes = asBuffer(given);
  needBytes(bytes, 10, 'Activate Session response');
  return {
    authenticationType: (bytes[0] as number) & 0x0f,
    sessionId: bytes.readUInt32LE(1),
    inboundSequence: bytes.readUInt32LE(5),
    privilege: (bytes[9] as number) & 0x0f,
  };
}
