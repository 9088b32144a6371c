// ASF presence ping and pong: is there a BMC, and does it speak IPMI? (IPMI 2.0, 13.2.3 and 13.2.4)
import { ProtocolError } from '../errors.ts';
import { asBuffer, checkRange, needBytes } from './bytes.ts';
import { decodeRmcp, rmcpHeaderLength, writeRmcpHeader } from './rmcp.ts';

/** The IANA enterprise number of the ASF forum; the one multi-byte field of IPMI packets that is big-endian. */
const asfEnterprise = 4542;
const headerLength = 8;
const pongLength = 16;
const type = { ping: 0x80, pong: 0x40 } as const;
const supportsIpmi = 0x80;
const asfVersion1 = 0x01;

export interface PresencePing {
  readonly type: 'ping';
  /** 0 to 254; the pong has the same. */
  readonly tag: number;
}

export interface PresencePong {
  readonly type: 'pong';
  readonly tag: number;
  readonly enterprise: number;
  readonly oemDefined: number;
  readonly supportsIpmi: boolean;
  readonly supportedInteractions: number;
}

function header(kind: 'ping' | 'pong', tag: number, dataLength: number): Buffer {
  checkRange(tag, 0xff, 'message tag');
  const packet = Buffer.alloc(rmcpHeaderLength + headerLength + dataLength);
  writeRmcpHeader(packet, 'asf');
  packet.writeUInt32BE(asfEnterprise, 4);
  packet[8] = type[kind];
  packet[9] = tag;
  packet[11] = dataLength;
  return packet;
}

/** A whole packet. */
export function encodePing(tag: number): Buffer {
  return header('ping', tag, 0);
}

/** A whole packet. */
export function encodePong(pong: Omit<PresencePong, 'type'>): Buffer {
  const packet = header('pong', pong.tag, pongLength);
  packet.writeUInt32BE(pong.enterprise, 12);
  packet.writeUInt32BE(pong.oemDefined, 16);
  packet[20] = (pong.supportsIpmi ? supportsIpmi : 0) | asfVersion1;
  packet[21] = pong.supportedInteractions;
  return packet;
}

/** Takes a whole packet. */
export function decodeAsf(bytes: Uint8Array): PresencePing | PresencePong {
  const packet = asBuffer(bytes);
  const { messageClass, data } = decodeRmcp(packet);
  if (messageClass !== 'asf') throw new ProtocolError('unsupported', 'RMCP message class', 3, 'is not ASF');
  needBytes(data, headerLength, 'ASF header');
  if (data.readUInt32BE(0) !== asfEnterprise) {
    throw new ProtocolError('bad value', 'ASF enterprise number', rmcpHeaderLength);
  }
  const tag = data[5] as number;
  const length = data[7] as number;
  needBytes(data, headerLength + length, 'ASF data');
  if (data[4] === type.ping) return { type: 'ping', tag };
  if (data[4] !== type.pong) {
    throw new ProtocolError('unsupported', 'ASF message type', rmcpHeaderLength + 4, `is ${data[4]}`);
  }
  if (length < pongLength) throw new ProtocolError('bad length', 'ASF pong', rmcpHeaderLength + 7, `is ${length}`);
  return {
    type: 'pong',
    tag,
    enterprise: data.readUInt32BE(8),
    oemDefined: data.readUInt32BE(12),
    supportsIpmi: ((data[16] as number) & supportsIpmi) !== 0,
    supportedInteractions: data[17] as number,
  };
}
