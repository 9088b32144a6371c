// The chassis, board and product areas of a FRU inventory (FRU Information Storage Definition 1.0, 10 to 12).
import { FieldReader } from '../field-reader.ts';
import { decodeFruField, encodeFruField, endOfFields, type FruField } from './field.ts';

/** Fields that each area names, in their order; more are the manufacturer's. */
export const areaFields = {
  chassis: ['partNumber', 'serialNumber'],
  board: ['manufacturer', 'productName', 'serialNumber', 'partNumber', 'fruFileId'],
  product: ['manufacturer', 'productName', 'partNumber', 'version', 'serialNumber', 'assetTag', 'fruFileId'],
} as const;

export type FruAreaName = keyof typeof areaFields;

export interface FruArea<Name extends FruAreaName> {
  /** Number of the language of the texts; 0 and 25 are English. The chassis area is always English. */
  readonly language: number;
  /** Of the chassis area: the SMBIOS number of the chassis type. */
  readonly chassisType: Name extends 'chassis' ? number : undefined;
  /** Of the board area: when it was made; undefined when that is not said. */
  readonly manufactured: Name extends 'board' ? Date | undefined : undefined;
  /** A field is absent when the area ends before it. */
  readonly fields: Readonly<Partial<Record<(typeof areaFields)[Name][number], FruField>>>;
  readonly custom: readonly FruField[];
}

const epoch = Date.UTC(1996, 0, 1);
const millisecondsAMinute = 60_000;
const blockLength = 8;

/** The sum of all bytes, which is 0 modulo 256 for everything that ends in a checksum. */
export function byteSum(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => (sum + byte) & 0xff, 0);
}

export interface DecodedArea<Name extends FruAreaName> {
  readonly area: FruArea<Name>;
  readonly problems: readonly string[];
}

/** Reads an area whose length byte was obeyed. What is wrong with it is told beside what could be read. */
export function decodeFruArea<Name extends FruAreaName>(name: Name, bytes: Uint8Array): DecodedArea<Name> {
  const problems: string[] = [];
  if (byteSum(bytes) !== 0) problems.push(`${name} area: checksum is wrong`);
  // The last byte is the checksum.
  const reader = new FieldReader(bytes.subarray(0, -1), `${name} area`);
  reader.skip(2, 'version and length');
  const head = reader.u8(name === 'chassis' ? 'chassis type' : 'language');
  const minutes = name === 'board' ? reader.u24('manufacturing time') : 0;
  const language = name === 'chassis' ? 0 : head;
  const found: FruField[] = [];
  try {
    for (;;) {
      const field = decodeFruField(reader, language);
      if (field === undefined) break;
      found.push(field);
    }
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  const names: readonly string[] = areaFields[name];
  const area = {
    language,
    chassisType: name === 'chassis' ? head : undefined,
    manufactured: minutes === 0 ? undefined : new Date(epoch + minutes * millisecondsAMinute),
    fields: Object.fromEntries(found.slice(0, names.length).map((field, index) => [names[index], field])),
    custom: found.slice(names.length),
  };
  // Which of the optional members an area has follows from its name.
  return { area: area as unknown as FruArea<Name>, problems };
}

/** The bytes of an area, filled up to a multiple of eight. Throws a RangeError for what does not fit. */
export function encodeFruArea<Name extends FruAreaName>(name: Name, area: FruArea<Name>): Buffer {
  const head = [1, 0, name === 'chassis' ? (area.chassisType ?? 0) : area.language];
  if (name === 'board') {
    const made: Date | undefined = area.manufactured;
    const minutes = made === undefined ? 0 : Math.round((made.getTime() - epoch) / millisecondsAMinute);
    head.push(minutes & 0xff, (minutes >> 8) & 0xff, (minutes >> 16) & 0xff);
  }
  const names: readonly (typeof areaFields)[Name][number][] = areaFields[name];
  const empty: FruField = { text: '', encoding: 'text' };
  const fields = [...names.map((field) => area.fields[field] ?? empty), ...area.custom];
  const content = Buffer.concat([
    Uint8Array.from(head),
    ...fields.map((field) => encodeFruField(field, area.language)),
    Uint8Array.of(endOfFields),
  ]);
  const length = Math.ceil((content.length + 1) / blockLength) * blockLength;
  if (length / blockLength > 0xff) throw new RangeError(`the ${name} area has more than ${0xff * blockLength} bytes`);
  const bytes = Buffer.alloc(length);
  bytes.set(content);
  bytes[1] = length / blockLength;
  bytes[length - 1] = -byteSum(bytes) & 0xff;
  return bytes;
}
