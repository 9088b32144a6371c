// DCMI: asset tag, management controller identifier, temperatures (DCMI 1.5, 6.4 and 6.7).
import type { Connection } from '../connection.ts';
import { ProtocolError } from '../errors.ts';
import { groupRequest, groups } from './group-extension.ts';

/** A text that is read and written in pieces of 16 bytes. */
interface PiecedText {
  readonly name: string;
  readonly get: number;
  readonly set: number;
  /** How many bytes are asked for before its length is known. */
  readonly firstBytes: number;
  /** Whether a zero at its end belongs to it. */
  readonly endsWithZero: boolean;
}

const pieceLength = 16;
const longestBytes = 63;
const assetTag: PiecedText = { name: 'Asset Tag', get: 0x06, set: 0x08, firstBytes: pieceLength, endsWithZero: false };
const identifier: PiecedText = {
  name: 'Management Controller Identifier String',
  get: 0x09,
  set: 0x0a,
  // BMCs refuse to read past its end, and one byte it always has.
  firstBytes: 1,
  endsWithZero: true,
};

async function getText(connection: Connection, text: PiecedText): Promise<string> {
  const name = `Get ${text.name}`;
  const pieces: Buffer[] = [];
  let offset = 0;
  let total: number | undefined;
  while (total === undefined || offset < total) {
    const count = total === undefined ? text.firstBytes : Math.min(pieceLength, total - offset);
    const reader = await groupRequest(connection, groups.dcmi, text.get, name, [offset, count]);
    total = reader.u8('total length');
    const piece = reader.rest();
    if (piece.length === 0 && offset < total) throw new ProtocolError('truncated', name, offset, 'no bytes');
    pieces.push(piece);
    offset += piece.length;
  }
  // A byte order mark says that the text is UTF-8, which ASCII is too.
  const bytes = Buffer.concat(pieces).subarray(0, total);
  return bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .replace(/\0.*$/s, '');
}

async function setText(connection: Connection, text: PiecedText, value: string): Promise<void> {
  const bytes = Buffer.from(text.endsWithZero ? `${value}\0` : value, 'utf8');
  if (Buffer.byteLength(value) > longestBytes) {
    const has = Buffer.byteLength(value);
    throw new RangeError(`"${value}" has ${has} bytes; ${longestBytes} are allowed for the ${text.name}`);
  }
  // An empty text is one piece without bytes.
  for (let offset = 0; offset === 0 || offset < bytes.length; offset += pieceLength) {
    const piece = bytes.subarray(offset, offset + pieceLength);
    const data = [offset, piece.length, ...piece];
    await groupRequest(connection, groups.dcmi, text.set, `Set ${text.name}`, data, { repeatable: true });
  }
}

/** Get Asset Tag (6.4.2). */
export function getAssetTag(connection: Connection): Promise<string> {
  return getText(connection, assetTag);
}

/** Set Asset Tag (6.4.3): at most 63 bytes of UTF-8. */
export function setAssetTag(connection: Connection, tag: string): Promise<void> {
  return setText(connection, assetTag, tag);
}

/** Get Management Controller Identifier String (6.4.6.1): the name of the BMC, for instance in its DHCP requests. */
export function getManagementControllerIdentifier(connection: Connection): Promise<string> {
  return getText(connection, identifier);
}

/** Set Management Controller Identifier String (6.4.6.2): at most 63 bytes. */
export function setManagementControllerIdentifier(connection: Connection, name: string): Promise<void> {
  return setText(connection, identifier, name);
}

/** Entities whose temperatures DCMI reports. */
export const dcmiTemperatureEntities = { inlet: 0x40, processor: 0x41, baseboard: 0x42 } as const;

const temperatureSensorType = 0x01;
const allInstances = 0;

export interface DcmiTemperature {
  readonly instance: number;
  /** Degrees Celsius, -127 to 127. */
  readonly celsius: number;
}

/** Get Temperature Readings (6.7.3): every instance of an entity, eight an answer. */
export async function getTemperatureReadings(connection: Connection, entityId: number): Promise<DcmiTemperature[]> {
  const readings: DcmiTemperature[] = [];
  for (;;) {
    const data = [temperatureSensorType, entityId, allInstances, readings.length + 1];
    const reader = await groupRequest(connection, groups.dcmi, 0x10, 'Get Temperature Readings', data);
    const total = reader.u8('total instances');
    const count = reader.u8('instances in this answer');
    for (let index = 0; index < count; index += 1) {
      const temperature = reader.u8('temperature');
      const magnitude = temperature & 0x7f;
      readings.push({ celsius: temperature >= 0x80 ? -magnitude : magnitude, instance: reader.u8('instance') });
    }
    if (count === 0 || readings.length >= total) return readings;
  }
}

/** Get DCMI Sensor Info (6.5.2): the ids of the sensor data records of an entity's temperatures. */
export async function getDcmiSensorRecords(connection: Connection, entityId: number): Promise<number[]> {
  const recordIds: number[] = [];
  for (;;) {
    const data = [temperatureSensorType, entityId, allInstances, recordIds.length + 1];
    const reader = await groupRequest(connection, groups.dcmi, 0x07, 'Get DCMI Sensor Info', data);
    const total = reader.u8('total instances');
    const count = reader.u8('record ids in this answer');
    for (let index = 0; index < count; index += 1) recordIds.push(reader.u16('record id'));
    if (count === 0 || recordIds.length >= total) return recordIds;
  }
}
