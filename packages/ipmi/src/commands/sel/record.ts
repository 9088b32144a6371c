// Records of the system event log: system events and the two kinds of OEM records (IPMI 2.0, 32.1 to 32.3).
import { ProtocolError } from '../../errors.ts';
import { FieldReader } from '../field-reader.ts';

export const selRecordLength = 16;

/** Who made the event: a controller on a channel, or software on the machine. */
export type EventGenerator =
  | { readonly kind: 'controller'; readonly address: number; readonly channel: number; readonly lun: number }
  | { readonly kind: 'software'; readonly id: number; readonly channel: number; readonly lun: number };

export interface SystemEvent {
  readonly type: 'system event';
  readonly recordId: number;
  /** Seconds of the BMC's clock; see `selTime`. */
  readonly timestamp: number;
  readonly generator: EventGenerator;
  /** 4 for IPMI 1.5 and 2.0, 3 for IPMI 1.0. */
  readonly messageRevision: number;
  readonly sensorType: number;
  readonly sensorNumber: number;
  readonly direction: 'assertion' | 'deassertion';
  /** Table 42-1. */
  readonly eventType: number;
  readonly data: readonly [number, number, number];
}

/** Record types 0xc0 to 0xdf. */
export interface TimestampedOemRecord {
  readonly type: 'OEM timestamped';
  readonly recordId: number;
  readonly recordType: number;
  readonly timestamp: number;
  readonly manufacturerId: number;
  /** Six bytes. */
  readonly data: Buffer;
}

/** Record types 0xe0 to 0xff, and those that the specification reserves. */
export interface OemRecordWithoutTime {
  readonly type: 'OEM';
  readonly recordId: number;
  readonly recordType: number;
  /** Thirteen bytes. */
  readonly data: Buffer;
}

export type SelRecord = SystemEvent | TimestampedOemRecord | OemRecordWithoutTime;

const systemEventType = 0x02;
const isTimestampedOem = (recordType: number) => recordType >= 0xc0 && recordType <= 0xdf;

function decodeGenerator(id: number, more: number): EventGenerator {
  const where = { channel: more >> 4, lun: more & 3 };
  return (id & 1) === 1 ? { kind: 'software', id: id >> 1, ...where } : { kind: 'controller', address: id, ...where };
}

function encodeGenerator(generator: EventGenerator): number[] {
  const id = generator.kind === 'software' ? (generator.id << 1) | 1 : generator.address;
  return [id, (generator.channel << 4) | generator.lun];
}

function decodeSystemEvent(recordId: number, reader: FieldReader): SystemEvent {
  const timestamp = reader.u32('timestamp');
  const generator = decodeGenerator(reader.u8('generator id'), reader.u8('generator channel and LUN'));
  const messageRevision = reader.u8('event message format version');
  const sensorType = reader.u8('sensor type');
  const sensorNumber = reader.u8('sensor number');
  const kind = reader.u8('event direction and type');
  return {
    type: 'system event',
    recordId,
    timestamp,
    generator,
    messageRevision,
    sensorType,
    sensorNumber,
    direction: (kind & 0x80) === 0 ? 'assertion' : 'deassertion',
    eventType: kind & 0x7f,
    data: [reader.u8('event data 1'), reader.u8('event data 2'), reader.u8('event data 3')],
  };
}

/** Reads a record of 16 bytes. */
export function decodeSelRecord(bytes: Uint8Array): SelRecord {
  if (bytes.length > selRecordLength) {
    throw new ProtocolError('too long', 'SEL record', selRecordLength, `${bytes.length} bytes`);
  }
  const reader = new FieldReader(bytes, 'SEL record');
  const recordId = reader.u16('record id');
  const recordType = reader.u8('record type');
  if (recordType === systemEventType) return decodeSystemEvent(recordId, reader);
  if (!isTimestampedOem(recordType)) return { type: 'OEM', recordId, recordType, data: reader.take(13, 'OEM data') };
  return {
    type: 'OEM timestamped',
    recordId,
    recordType,
    timestamp: reader.u32('timestamp'),
    manufacturerId: reader.u24('manufacturer id'),
    data: reader.take(6, 'OEM data'),
  };
}

/** The 16 bytes of a record. */
export function encodeSelRecord(record: SelRecord): Buffer {
  const bytes = Buffer.alloc(selRecordLength);
  bytes.writeUInt16LE(record.recordId, 0);
  if (record.type === 'OEM') {
    bytes[2] = record.recordType;
    bytes.set(record.data, 3);
    return bytes;
  }
  bytes.writeUInt32LE(record.timestamp, 3);
  if (record.type === 'OEM timestamped') {
    bytes[2] = record.recordType;
    bytes.writeUIntLE(record.manufacturerId, 7, 3);
    bytes.set(record.data, 10);
    return bytes;
  }
  bytes[2] = systemEventType;
  bytes.set(encodeGenerator(record.generator), 7);
  const kind = record.eventType | (record.direction === 'deassertion' ? 0x80 : 0);
  bytes.set([record.messageRevision, record.sensorType, record.sensorNumber, kind, ...record.data], 9);
  return bytes;
}
