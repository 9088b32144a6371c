// Sensor data records of every type: their header, and which decoder reads the rest (IPMI 2.0, section 43).
import { ProtocolError } from '../../errors.ts';
import { FieldReader } from '../field-reader.ts';
import {
  type CompactSensor,
  decodeCompactSensor,
  decodeEventOnlySensor,
  type EventOnlySensor,
  encodeCompactSensor,
  encodeEventOnlySensor,
} from './compact-sensor.ts';
import { decodeFullSensor, encodeFullSensor, type FullSensor } from './full-sensor.ts';
import {
  decodeFruDeviceLocator,
  decodeGenericDeviceLocator,
  decodeManagementControllerLocator,
  encodeFruDeviceLocator,
  encodeGenericDeviceLocator,
  encodeManagementControllerLocator,
  type FruDeviceLocator,
  type GenericDeviceLocator,
  type ManagementControllerLocator,
} from './locators.ts';

/** A record that the manufacturer defines (43.12). */
export interface OemRecord {
  readonly type: 'OEM';
  readonly manufacturerId: number;
  readonly data: Buffer;
}

/** Any other type, as bytes. */
export interface OtherRecord {
  readonly type: 'other';
  readonly recordType: number;
  readonly data: Buffer;
}

export type SensorRecord = FullSensor | CompactSensor | EventOnlySensor;

export type SdrBody =
  | SensorRecord
  | GenericDeviceLocator
  | FruDeviceLocator
  | ManagementControllerLocator
  | OemRecord
  | OtherRecord;

export type SensorDataRecord = SdrBody & {
  readonly recordId: number;
  /** "1.5" for all of IPMI 1.5 and 2.0. */
  readonly version: string;
};

export const sdrHeaderLength = 5;

const recordTypes = {
  'full sensor': 0x01,
  'compact sensor': 0x02,
  'event-only sensor': 0x03,
  'generic device locator': 0x10,
  'FRU device locator': 0x11,
  'management controller locator': 0x12,
  OEM: 0xc0,
} as const satisfies Record<Exclude<SdrBody['type'], 'other'>, number>;

const decoders: Readonly<Record<number, (reader: FieldReader) => SdrBody>> = {
  [recordTypes['full sensor']]: decodeFullSensor,
  [recordTypes['compact sensor']]: decodeCompactSensor,
  [recordTypes['event-only sensor']]: decodeEventOnlySensor,
  [recordTypes['generic device locator']]: decodeGenericDeviceLocator,
  [recordTypes['FRU device locator']]: decodeFruDeviceLocator,
  [recordTypes['management controller locator']]: decodeManagementControllerLocator,
  [recordTypes.OEM]: (reader) => ({
    type: 'OEM',
    manufacturerId: reader.u24('manufacturer id') & 0xfffff,
    data: reader.rest(),
  }),
};

/** Reads a whole record, header included. Throws ProtocolError for one that is shorter than it says. */
export function decodeSdr(bytes: Uint8Array): SensorDataRecord {
  const header = new FieldReader(bytes, 'sensor data record');
  const recordId = header.u16('record id');
  const version = header.u8('SDR version');
  const recordType = header.u8('record type');
  const length = header.u8('record length');
  if (header.remaining < length) {
    throw new ProtocolError('truncated', 'sensor data record', bytes.length, `${length} bytes after the header wanted`);
  }
  // The header's length bounds the fields: what a BMC sends after it belongs to no record.
  const body = new FieldReader(bytes.subarray(0, sdrHeaderLength + length), `sensor data record ${recordId}`);
  body.skip(sdrHeaderLength, 'header');
  const decoder = decoders[recordType];
  const decoded: SdrBody = decoder?.(body) ?? { type: 'other', recordType, data: body.rest() };
  return { ...decoded, recordId, version: `${version & 0x0f}.${version >> 4}` };
}

function encodeBody(record: SdrBody): { readonly type: number; readonly bytes: Uint8Array } {
  if (record.type === 'other') return { type: record.recordType, bytes: record.data };
  const type = recordTypes[record.type];
  switch (record.type) {
    case 'full sensor':
      return { type, bytes: encodeFullSensor(record) };
    case 'compact sensor':
      return { type, bytes: encodeCompactSensor(record) };
    case 'event-only sensor':
      return { type, bytes: encodeEventOnlySensor(record) };
    case 'generic device locator':
      return { type, bytes: encodeGenericDeviceLocator(record) };
    case 'FRU device locator':
      return { type, bytes: encodeFruDeviceLocator(record) };
    case 'management controller locator':
      return { type, bytes: encodeManagementControllerLocator(record) };
    case 'OEM': {
      const manufacturer = Buffer.alloc(3);
      manufacturer.writeUIntLE(record.manufacturerId, 0, 3);
      return { type, bytes: Buffer.concat([manufacturer, record.data]) };
    }
  }
}

/** The bytes of a whole record, header included. */
export function encodeSdr(record: SensorDataRecord): Buffer {
  const { type, bytes } = encodeBody(record);
  const [major = 0, minor = 0] = record.version.split('.').map(Number);
  const header = [record.recordId & 0xff, record.recordId >> 8, (minor << 4) | major, type, bytes.length];
  return Buffer.concat([Uint8Array.from(header), bytes]);
}

/** Whether a record describes a sensor. */
export function isSensorRecord<Body extends SdrBody>(record: Body): record is Body & SensorRecord {
  return record.type === 'full sensor' || record.type === 'compact sensor' || record.type === 'event-only sensor';
}
