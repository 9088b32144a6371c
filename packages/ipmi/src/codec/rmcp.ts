// The RMCP header around every packet (IPMI 2.0, 13.1.3).
import { ProtocolError } from '../errors.ts';
import { asBuffer, needBytes } from './bytes.ts';

export const rmcpHeaderLength = 4;

const version = 6;
/** IPMI messages are never acknowledged, which this sequence number says. */
const noAcknowledge = 0xff;
const acknowledgeBit = 0x80;

export const messageClass = { asf: 6, ipmi: 7 } as const;
export type MessageClass = keyof typeof messageClass;

export interface RmcpPacket {
  readonly messageClass: MessageClass;
  readonly acknowledge: boolean;
  readonly sequence: number;
  /** What follows the header, in the memory of the packet. */
  readonly data: Buffer;
}

/** Writes the four bytes of the header at the start of `packet`. */
export function writeRmcpHeader(packet: Buffer, kind: MessageClass): void {
  packet[0] = version;
  packet[1] = 0;
  packet[2] = noAcknowledge;
  packet[3] = messageClass[kind];
}

export function decodeRmcp(bytes: Uint8Array): RmcpPacket {
  const packet = asBuffer(bytes);
  needBytes(packet, rmcpHeaderLength, 'RMCP header');
  if (packet[0] !== version) throw new ProtocolError('unsupported', 'RMCP version', 0, `is ${packet[0]}`);
  const sequence = packet[2] as number;
  const last = packet[3] as number;
  const kind = last & 0x1f;
  if (kind !== messageClass.ipmi && kind !== messageClass.asf) {
    throw new ProtocolError('unsupported', 'RMCP message class', 3, `is ${kind}`);
  }
  return {
    messageClass: kind === messageClass.ipmi ? 'ipmi' : 'asf',
    acknowledge: (last & acknowledgeBit) !== 0,
    sequence,
    data: packet.subarray(rmcpHeaderLength),
  };
}
