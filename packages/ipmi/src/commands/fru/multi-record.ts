// Records of the multirecord area: power supplies, outputs, loads, management access, OEM (FRU definition 1.0, 16 to 18).
import { ProtocolError } from '../../errors.ts';
import { signed } from '../bit-fields.ts';
import { FieldReader } from '../field-reader.ts';
import { byteSum } from './areas.ts';

export interface PowerSupplyInformation {
  readonly type: 'power supply';
  /** Watts. */
  readonly capacity: number;
  /** Volt-amperes; undefined when not specified. */
  readonly peakVoltAmperes: number | undefined;
  /** Volts, lowest and highest, of the two input ranges; a second range of zeros is none. */
  readonly inputRanges: readonly { readonly lowest: number; readonly highest: number }[];
  /** Hertz. */
  readonly inputFrequency: { readonly lowest: number; readonly highest: number };
  readonly hotSwap: boolean;
  readonly autoswitch: boolean;
  readonly powerFactorCorrection: boolean;
  readonly predictiveFailurePin: boolean;
  /** Watts, and for how many seconds. */
  readonly peak: { readonly watts: number; readonly seconds: number };
}

interface Direct {
  /** Number of the output, or of the output that the load takes. */
  readonly output: number;
  /** Volts, all of them; amperes. */
  readonly nominalVoltage: number;
  readonly ripple: number;
  readonly lowestCurrent: number;
  readonly highestCurrent: number;
}

export interface DcOutput extends Direct {
  readonly type: 'DC output';
  /** The output is there while the machine is off. */
  readonly standby: boolean;
  readonly maximumNegativeDeviation: number;
  readonly maximumPositiveDeviation: number;
}

export interface DcLoad extends Direct {
  readonly type: 'DC load';
  readonly lowestVoltage: number;
  readonly highestVoltage: number;
}

const accessKinds = [
  ...['', 'system management URL', 'system name', 'system ping address', 'component management URL'],
  ...['component name', 'component ping address', 'system unique id'],
] as const;

export interface ManagementAccess {
  readonly type: 'management access';
  readonly kind: string;
  /** A text; of the unique id its 16 bytes in hexadecimal. */
  readonly value: string;
}

export interface OemMultiRecord {
  readonly type: 'OEM';
  readonly recordType: number;
  readonly manufacturerId: number;
  readonly data: Buffer;
}

export interface OtherMultiRecord {
  readonly type: 'other';
  readonly recordType: number;
  readonly data: Buffer;
}

export type MultiRecord =
  | PowerSupplyInformation
  | DcOutput
  | DcLoad
  | ManagementAccess
  | OemMultiRecord
  | OtherMultiRecord;

const hundredths = (value: number) => value / 100;
const notSpecified = 0xffff;

function decodePowerSupply(reader: FieldReader): PowerSupplyInformation {
  const capacity = reader.u16('overall capacity') & 0x0fff;
  const peakVa = reader.u16('peak VA');
  reader.skip(2, 'inrush');
  const ranges = [0, 1].map(() => ({
    lowest: hundredths(reader.u16('low end of an input voltage range')),
    highest: hundredths(reader.u16('high end of an input voltage range')),
  }));
  const inputFrequency = {
    lowest: reader.u8('low end of the frequency'),
    highest: reader.u8('high end of the frequency'),
  };
  reader.skip(1, 'dropout tolerance');
  const flag = reader.u8('flags');
  const peak = reader.u16('peak wattage');
  return {
    type: 'power supply',
    capacity,
    peakVoltAmperes: peakVa === notSpecified ? undefined : peakVa,
    inputRanges: ranges.filter(({ highest }) => highest > 0),
    inputFrequency,
    predictiveFailurePin: (flag & 1) !== 0,
    powerFactorCorrection: (flag & 2) !== 0,
    autoswitch: (flag & 4) !== 0,
    hotSwap: (flag & 8) !== 0,
    peak: { watts: peak & 0x0fff, seconds: peak >> 12 },
  };
}

function decodeDc(reader: FieldReader) {
  const first = reader.u8('output number');
  const volts = (field: string) => hundredths(signed(reader.u16(field), 16));
  const nominalVoltage = volts('nominal voltage');
  const low = volts('lowest voltage');
  const high = volts('highest voltage');
  const currents = {
    ripple: reader.u16('ripple') / 1000,
    lowestCurrent: reader.u16('lowest current') / 1000,
    highestCurrent: reader.u16('highest current') / 1000,
  };
  return { standby: (first & 0x80) !== 0, low, high, direct: { output: first & 0x0f, nominalVoltage, ...currents } };
}

function decodeDcOutput(reader: FieldReader): DcOutput {
  const { standby, low, high, direct } = decodeDc(reader);
  return { type: 'DC output', ...direct, standby, maximumNegativeDeviation: low, maximumPositiveDeviation: high };
}

function decodeDcLoad(reader: FieldReader): DcLoad {
  const { low, high, direct } = decodeDc(reader);
  return { type: 'DC load', ...direct, lowestVoltage: low, highestVoltage: high };
}

const uniqueIdKind = 7;

function decodeManagementAccess(reader: FieldReader): ManagementAccess {
  const kind = reader.u8('sub-record type');
  const value = reader.rest();
  return {
    type: 'management access',
    kind: accessKinds[kind] || `kind ${kind}`,
    value: kind === uniqueIdKind ? value.toString('hex') : value.toString('latin1').replace(/\0+$/, ''),
  };
}

const decoders: Readonly<Record<number, (reader: FieldReader) => MultiRecord>> = {
  0: decodePowerSupply,
  1: decodeDcOutput,
  2: decodeDcLoad,
  3: decodeManagementAccess,
};

const firstOemType = 0xc0;
export const multiRecordHeaderLength = 5;

/** Type, length and whether it is the last one, of a record whose header is there. */
export function multiRecordHeader(bytes: Uint8Array) {
  const reader = new FieldReader(bytes, 'multirecord header');
  const recordType = reader.u8('record type');
  const format = reader.u8('end of list and format version');
  return { recordType, isLast: (format & 0x80) !== 0, length: reader.u8('record length') };
}

/** Reads one record without its header. */
export function decodeMultiRecord(recordType: number, data: Buffer): MultiRecord {
  const reader = new FieldReader(data, `multirecord of type ${recordType}`);
  if (recordType >= firstOemType) {
    return { type: 'OEM', recordType, manufacturerId: reader.u24('manufacturer id'), data: reader.rest() };
  }
  return decoders[recordType]?.(reader) ?? { type: 'other', recordType, data };
}

export interface DecodedMultiRecords {
  readonly records: readonly MultiRecord[];
  readonly problems: readonly string[];
}

/** Reads the records up to the last one, or as far as the bytes reach; what is wrong is told beside what could be read. */
export function decodeMultiRecords(bytes: Buffer): DecodedMultiRecords {
  const records: MultiRecord[] = [];
  const problems: string[] = [];
  let at = 0;
  for (;;) {
    if (bytes.length - at < multiRecordHeaderLength)
      return { records, problems: [...problems, 'multirecord area ends early'] };
    const header = bytes.subarray(at, at + multiRecordHeaderLength);
    // Without a right header its length would lead anywhere.
    if (byteSum(header) !== 0)
      return { records, problems: [...problems, `multirecord ${records.length}: header checksum is wrong`] };
    const { recordType, isLast, length } = multiRecordHeader(header);
    const data = bytes.subarray(at + multiRecordHeaderLength, at + multiRecordHeaderLength + length);
    if (data.length < length) return { records, problems: [...problems, 'multirecord area ends early'] };
    if (((byteSum(data) + (header[3] ?? 0)) & 0xff) !== 0)
      problems.push(`multirecord ${records.length}: checksum is wrong`);
    try {
      records.push(decodeMultiRecord(recordType, Buffer.from(data)));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      problems.push(error.message);
      records.push({ type: 'other', recordType, data: Buffer.from(data) });
    }
    if (isLast) return { records, problems };
    at += multiRecordHeaderLength + length;
  }
}

/** The bytes of records that are given as their type and data. */
export function encodeMultiRecords(
  records: readonly { readonly recordType: number; readonly data: Uint8Array }[],
): Buffer {
  const encoded = records.map(({ recordType, data }, index) => {
    const isLast = index === records.length - 1;
    const header = [recordType, 2 | (isLast ? 0x80 : 0), data.length, -byteSum(data) & 0xff];
    return Buffer.from([...header, -byteSum(Uint8Array.from(header)) & 0xff, ...data]);
  });
  return Buffer.concat(encoded);
}
