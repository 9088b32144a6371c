// RMCP+ Open Session Request and Response (IPMI 2.0, 13.17 and 13.18).
import { ProtocolError } from '../errors.ts';
import type { CipherSuite } from './algorithms.ts';
import { asBuffer, checkRange, needBytes } from './bytes.ts';

export interface OpenSessionRequest {
  readonly tag: number;
  /** 0: the highest that the suite allows; 1 to 5: callback to OEM. */
  readonly maximumPrivilege: number;
  readonly consoleSessionId: number;
  readonly suite: CipherSuite;
}

export interface OpenSessionResponse extends OpenSessionRequest {
  readonly status: 0;
  readonly bmcSessionId: number;
}

/** A response with a status other than zero has nothing else that counts. */
export interface OpenSessionRefusal {
  readonly tag: number;
  readonly status: number;
}

/** The algorithm payloads, in the order of the specification: authentication, integrity, confidentiality. */
const payloadLength = 8;

function writeSuite(bytes: Buffer, at: number, suite: CipherSuite): void {
  for (const [kind, number] of [suite.authentication, suite.integrity, suite.confidentiality].entries()) {
    checkRange(number, 0x3f, 'algorithm');
    bytes[at + kind * payloadLength] = kind;
    bytes[at + kind * payloadLength + 3] = payloadLength;
    bytes[at + kind * payloadLength + 4] = number;
  }
}

function readAlgorithm(bytes: Buffer, at: number, kind: number): number {
  const start = at + kind * payloadLength;
  if (bytes[start] !== kind) {
    throw new ProtocolError('bad value', 'algorithm payload', start, `has type ${bytes[start]}, not ${kind}`);
  }
  return (bytes[start + 4] as number) & 0x3f;
}

const readSuite = (bytes: Buffer, at: number): CipherSuite => ({
  authentication: readAlgorithm(bytes, at, 0),
  integrity: readAlgorithm(bytes, at, 1),
  confidentiality: readAlgorithm(bytes, at, 2),
});

export function encodeOpenSessionRequest(request: OpenSessionRequest): Buffer {
  const bytes = Buffer.alloc(32);
  bytes[0] = request.tag;
  bytes[1] = request.maximumPrivilege;
  bytes.writeUInt32LE(request.consoleSessionId, 4);
  writeSuite(bytes, 8, request.suite);
  return bytes;
}

export function decodeOpenSessionRequest(given: Uint8Array): OpenSessionRequest {
  const bytes = asBuffer(given);
  needBytes(bytes, 32, 'Open Session Request');
  return {
    tag: bytes[0] as number,
    maximumPrivilege: (bytes[1] as number) & 0x0f,
    consoleSessionId: bytes.readUInt32LE(4),
    suite: readSuite(bytes, 8),
  };
}

export function encodeOpenSessionResponse(response: OpenSessionResponse | OpenSessionRefusal): Buffer {
  if (!('suite' in response)) return Buffer.of(response.tag, response.status, 0, 0, 0, 0, 0, 0);
  const bytes = Buffer.alloc(36);
  bytes[0] = response.tag;
  bytes[2] = response.maximumPrivilege;
  bytes.writeUInt32LE(response.consoleSessionId, 4);
  bytes.writeUInt32LE(response.bmcSessionId, 8);
  writeSuite(bytes, 12, response.suite);
  return bytes;
}

export function decodeOpenSessionResponse(given: Uint8Array): OpenSessionResponse | OpenSessionRefusal {
  const bytes = asBuffer(given);
  needBytes(bytes, 2, 'Open Session Response');
  const tag = bytes[0] as number;
  const status = bytes[1] as number;
  if (status !== 0) return { tag, status };
  needBytes(bytes, 36, 'Open Session Response');
  return {
    tag,
    status,
    maximumPrivilege: (bytes[2] as number) & 0x0f,
    consoleSessionId: bytes.readUInt32LE(4),
    bmcSessionId: bytes.readUInt32LE(8),
    suite: readSuite(bytes, 12),
  };
}
