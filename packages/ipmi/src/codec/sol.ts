// Serial over LAN payload (IPMI 2.0, 15.9): four bytes of header, then characters.
import { asBuffer, checkRange, needBytes } from './bytes.ts';

export const solHeaderLength = 4;

/** Operation bits that the console sends. */
export const solOperation = {
  flushOutbound: 0x01,
  flushInbound: 0x02,
  dropDcdDsr: 0x04,
  ctsPause: 0x08,
  generateBreak: 0x10,
  ringWor: 0x20,
  nack: 0x40,
} as const;

/** Status bits that the BMC sends. */
export const solStatus = {
  breakDetected: 0x04,
  transmitOverrun: 0x08,
  deactivating: 0x10,
  transferUnavailable: 0x20,
  nack: 0x40,
} as const;

export interface SolPacket {
  /** 1 to 15; 0: the packet only acknowledges. */
  readonly sequence: number;
  /** The packet that is acknowledged, 1 to 15; 0: none. */
  readonly acknowledged: number;
  /** How many characters of that packet were taken. */
  readonly accepted: number;
  /** `solOperation` towards the BMC, `solStatus` from it. */
  readonly flags: number;
  readonly data: Uint8Array;
}

export function encodeSol(packet: SolPacket): Buffer {
  checkRange(packet.sequence, 15, 'SOL sequence number');
  checkRange(packet.acknowledged, 15, 'acknowledged SOL sequence number');
  checkRange(packet.accepted, 255, 'accepted character count');
  const bytes = Buffer.allocUnsafe(solHeaderLength + packet.data.length);
  bytes[0] = packet.sequence;
  bytes[1] = packet.acknowledged;
  bytes[2] = packet.accepted;
  bytes[3] = packet.flags;
  bytes.set(packet.data, solHeaderLength);
  return bytes;
}

export function decodeSol(given: Uint8Array): SolPacket & { readonly data: Buffer } {
  const bytes = asBuffer(given);
  needBytes(bytes, solHeaderLength, 'SOL payload');
  return {
    sequence: (bytes[0] as number) & 0x0f,
    acknowledged: (bytes[1] as number) & 0x0f,
    accepted: bytes[2] as number,
    flags: bytes[3] as number,
    data: bytes.subarray(solHeaderLength),
  };
}
