// One field of a FRU area: a byte of type and length, and the text or bytes (FRU Information Storage Definition 1.0, 13).
import type { FieldReader } from '../field-reader.ts';
import { decodeBcdPlus, decodeSixBitAscii, encodeBcdPlus, encodeSixBitAscii } from '../type-length.ts';

export type FruEncoding = 'binary' | 'BCD plus' | '6-bit ASCII' | 'text';

/** A text; of binary fields the bytes in hexadecimal. */
export interface FruField {
  readonly text: string;
  readonly encoding: FruEncoding;
}

const encodings: readonly FruEncoding[] = ['binary', 'BCD plus', '6-bit ASCII', 'text'];
export const endOfFields = 0xc1;
const longestField = 0x3f;

/** Languages 0 and 25 are English: then texts have one byte a character, otherwise two. */
export function isEnglish(language: number): boolean {
  return language === 0 || language === 25;
}

function unpack(bytes: Buffer, encoding: FruEncoding, language: number): string {
  if (encoding === 'binary') return bytes.toString('hex');
  if (encoding === 'BCD plus') return decodeBcdPlus(bytes);
  if (encoding === '6-bit ASCII') return decodeSixBitAscii(bytes);
  return isEnglish(language) ? bytes.toString('latin1') : bytes.toString('utf16le');
}

/** The next field; undefined at the end of the fields. Blanks and zeros that fill the end of a text are left out. */
export function decodeFruField(reader: FieldReader, language: number): FruField | undefined {
  const typeLength = reader.u8('type/length of a field');
  if (typeLength === endOfFields) return undefined;
  const encoding = encodings[typeLength >> 6] ?? 'text';
  const bytes = reader.take(typeLength & longestField, 'field');
  const text = unpack(bytes, encoding, language);
  return { text: encoding === 'binary' ? text : text.replace(/[\0 ]+$/, ''), encoding };
}

function pack({ text, encoding }: FruField, language: number): Buffer {
  if (encoding === 'binary') return Buffer.from(text, 'hex');
  if (encoding === 'BCD plus') return encodeBcdPlus(text);
  if (encoding === '6-bit ASCII') return encodeSixBitAscii(text);
  return Buffer.from(text, isEnglish(language) ? 'latin1' : 'utf16le');
}

/** Throws a RangeError for what does not fit: 63 bytes. */
export function encodeFruField(field: FruField, language: number): Buffer {
  let packed = pack(field, language);
  // A text of one byte would look like the end of the fields.
  if (field.encoding === 'text' && packed.length === 1) packed = Buffer.concat([packed, Buffer.alloc(1)]);
  if (packed.length > longestField) throw new RangeError(`"${field.text}" has more than ${longestField} bytes`);
  return Buffer.concat([Uint8Array.of((encodings.indexOf(field.encoding) << 6) | packed.length), packed]);
}
