// The IPMI message inside session packets, with its two checksums (IPMI 2.0, 13.8), and bridging (6.13, 22.7).
import { ProtocolError } from '../errors.ts';
import { asBuffer, checkRange, needBytes } from './bytes.ts';

/** Slave address of the BMC, and the software id that remote consoles use as theirs. */
export const bmcAddress = 0x20;
export const remoteConsoleAddress = 0x81;

export const networkFunction = {
  chassis: 0x00,
  bridge: 0x02,
  sensorEvent: 0x04,
  application: 0x06,
  firmware: 0x08,
  storage: 0x0a,
  transport: 0x0c,
  group: 0x2c,
  oem: 0x2e,
} as const;

const headerLength = 6;
const overhead = headerLength + 1;

/**
 * A request or a response; the layout is the same, and a response (odd network function) has the completion code as
 * the first byte of its data.
 */
export interface Message {
  readonly to: number;
  readonly toLun: number;
  readonly netFn: number;
  readonly from: number;
  readonly fromLun: number;
  /** 0 to 63: matches responses with requests. */
  readonly sequence: number;
  readonly command: number;
  readonly data: Uint8Array;
}

/** The byte that makes the sum of `bytes[from, to)` and itself zero modulo 256. */
export function checksum(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let index = from; index < to; index++) sum += bytes[index] as number;
  return -sum & 0xff;
}

export function encodeMessage(message: Message): Buffer {
  checkRange(message.netFn, 0x3f, 'network function');
  checkRange(message.sequence, 0x3f, 'message sequence number');
  checkRange(message.command, 0xff, 'command');
  checkRange(message.to, 0xff, 'address');
  checkRange(message.from, 0xff, 'address');
  checkRange(message.toLun, 3, 'logical unit');
  checkRange(message.fromLun, 3, 'logical unit');
  const { data } = message;
  const bytes = Buffer.allocUnsafe(overhead + data.length);
  bytes[0] = message.to;
  bytes[1] = (message.netFn << 2) | message.toLun;
  bytes[2] = checksum(bytes, 0, 2);
  bytes[3] = message.from;
  bytes[4] = (message.sequence << 2) | message.fromLun;
  bytes[5] = message.command;
  bytes.set(data, headerLength);
  const last = headerLength + data.length;
  bytes[last] = checksum(bytes, 3, last);
  return bytes;
}

export function decodeMessage(given: Uint8Array): Message & { readonly data: Buffer } {
  const bytes = asBuffer(given);
  needBytes(bytes, overhead, 'IPMI message');
  const last = bytes.length - 1;
  if (checksum(bytes, 0, 3) !== 0) throw new ProtocolError('bad checksum', 'IPMI message header', 2);
  if (checksum(bytes, 3, bytes.length) !== 0) throw new ProtocolError('bad checksum', 'IPMI message', last);
  return {
    to: bytes[0] as number,
    netFn: (bytes[1] as number) >> 2,
    toLun: (bytes[1] as number) & 3,
    from: bytes[3] as number,
    sequence: (bytes[4] as number) >> 2,
    fromLun: (bytes[4] as number) & 3,
    command: bytes[5] as number,
    data: bytes.subarray(headerLength, last),
  };
}

export const sendMessageCommand = 0x34;
const trackRequest = 0x40;

/** Data of a Send Message request that hands `message` on to a channel; the BMC tracks the answer back to us. */
export function encodeSendMessage(channel: number, message: Message): Buffer {
  checkRange(channel, 0x0f, 'channel');
  return Buffer.concat([Buffer.of(trackRequest | channel), encodeMessage(message)]);
}

/** What the data of a Send Message request hands on. */
export function decodeSendMessage(data: Uint8Array): { channel: number; tracked: boolean; message: Message } {
  needBytes(data, 1, 'Send Message request');
  const first = data[0] as number;
  return {
    channel: first & 0x0f,
    tracked: (first & 0xc0) === trackRequest,
    message: decodeMessage(data.subarray(1)),
  };
}
