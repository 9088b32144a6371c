// Texts of sensor data records and FRU areas: a byte of type and length, and the characters (IPMI 2.0, 43.15; FRU 13).
import type { FieldReader } from './field-reader.ts';

/** How the characters are packed. Where SDRs have "unicode", FRU areas have "binary". */
export type TextEncoding = 'unicode' | 'BCD plus' | '6-bit ASCII' | '8-bit ASCII';

const encodings: readonly TextEncoding[] = ['unicode', 'BCD plus', '6-bit ASCII', '8-bit ASCII'];
const bcdPlusCharacters = '0123456789 -.:,_';

/** Half-bytes, the upper one first: digits, space, - and . and what the specification reserves (: , _). */
export function decodeBcdPlus(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => `${bcdPlusCharacters[byte >> 4]}${bcdPlusCharacters[byte & 0x0f]}`).join('');
}

/** Throws a RangeError for characters that BCD plus lacks; an odd number of characters is filled with a space. */
export function encodeBcdPlus(text: string): Buffer {
  const padded = text.length % 2 === 0 ? text : `${text} `;
  const digits = Array.from(padded, (character) => bcdPlusCharacters.indexOf(character));
  if (digits.includes(-1)) throw new RangeError(`"${text}" has characters that BCD plus lacks`);
  return Buffer.from(digits.map((digit) => digit.toString(16)).join(''), 'hex');
}

/** Four characters in three bytes, the first one in the lowest bits; codes are those of ASCII less 0x20. */
export function decodeSixBitAscii(bytes: Uint8Array): string {
  const count = Math.floor((bytes.length * 8) / 6);
  return Array.from({ length: count }, (_, index) => {
    const bit = index * 6;
    const pair = (bytes[bit >> 3] ?? 0) | ((bytes[(bit >> 3) + 1] ?? 0) << 8);
    return String.fromCharCode(0x20 + ((pair >> (bit & 7)) & 0x3f));
  }).join('');
}

/** Throws a RangeError for characters outside of space to underscore. */
export function encodeSixBitAscii(text: string): Buffer {
  const bytes = Buffer.alloc(Math.ceil((text.length * 6) / 8));
  for (const [index, character] of [...text].entries()) {
    const code = character.charCodeAt(0) - 0x20;
    if (code < 0 || code > 0x3f) throw new RangeError(`"${text}" has characters that 6-bit ASCII lacks`);
    const bit = index * 6;
    const pair = code << (bit & 7);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (pair & 0xff);
    if (pair > 0xff) bytes[(bit >> 3) + 1] = pair >> 8;
  }
  return bytes;
}

/** A text of a sensor data record, and how it was packed. */
export interface IdString {
  readonly text: string;
  readonly encoding: TextEncoding;
}

function unpack(bytes: Buffer, encoding: TextEncoding): string {
  if (encoding === 'BCD plus') return decodeBcdPlus(bytes);
  if (encoding === '6-bit ASCII') return decodeSixBitAscii(bytes);
  // "Unicode" of no stated form: what BMCs put there in practice is ASCII, and so nothing of it is lost.
  return bytes.toString('latin1');
}

/** The id string of a sensor data record; zeros that fill its end are left out. */
export function decodeIdString(reader: FieldReader): IdString {
  const typeLength = reader.u8('id string type/length');
  const encoding = encodings[typeLength >> 6] ?? '8-bit ASCII';
  // Some BMCs state more than the record holds: what is there is the name.
  const length = Math.min(typeLength & 0x1f, reader.remaining);
  return { text: unpack(reader.take(length, 'id string'), encoding).replace(/\0+$/, ''), encoding };
}

const longestIdString = 16;

/** Throws a RangeError for a text of more than 16 bytes. */
export function encodeIdString({ text, encoding }: IdString): Buffer {
  const packed =
    encoding === 'BCD plus'
      ? encodeBcdPlus(text)
      : encoding === '6-bit ASCII'
        ? encodeSixBitAscii(text)
        : Buffer.from(text, 'latin1');
  if (packed.length > longestIdString) throw new RangeError(`id string "${text}" has more than 16 bytes`);
  return Buffer.concat([Uint8Array.of((encodings.indexOf(encoding) << 6) | packed.length), packed]);
}
