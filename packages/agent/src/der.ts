// Writes ASN.1 in DER (ITU-T X.690), as much of it as a certificate needs.

const TAG = { boolean: 0x01, integer: 0x02, bitString: 0x03, octetString: 0x04, oid: 0x06, utf8: 0x0c, utcTime: 0x17 };
const SEQUENCE = 0x30;
const SET = 0x31;
/** Dates from this year on have another form (RFC 5280, 4.1.2.5). */
const GENERALIZED_TIME = 0x18;
const GENERALIZED_TIME_FROM_YEAR = 2050;

function length(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes]);
  const hex = bytes.toString(16);
  const digits = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([0x80 | digits.length]), digits]);
}

/** A value under any tag. */
export function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
}

export function sequence(...parts: Buffer[]): Buffer {
  return tagged(SEQUENCE, Buffer.concat(parts));
}

export function set(...parts: Buffer[]): Buffer {
  return tagged(SET, Buffer.concat(parts));
}

/** An integer that is not negative, from its bytes, the highest first. */
export function integer(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const significant = first === -1 ? Buffer.from([0]) : bytes.subarray(first);
  // The highest bit is the sign.
  const isHigh = ((significant[0] ?? 0) & 0x80) !== 0;
  return tagged(TAG.integer, isHigh ? Buffer.concat([Buffer.from([0]), significant]) : significant);
}

export function boolean(value: boolean): Buffer {
  return tagged(TAG.boolean, Buffer.from([value ? 0xff : 0]));
}

export function utf8(text: string): Buffer {
  return tagged(TAG.utf8, Buffer.from(text, 'utf8'));
}

export function octetString(content: Buffer): Buffer {
  return tagged(TAG.octetString, content);
}

/** A bit string of whole bytes. */
export function bitString(content: Buffer): Buffer {
  return tagged(TAG.bitString, Buffer.concat([Buffer.from([0]), content]));
}

/** An object identifier such as `1.2.840.10045.4.3.2`. */
export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((part) => {
    const groups = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return tagged(TAG.oid, Buffer.from(bytes));
}

/** A point in time, to the second. */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return date.getUTCFullYear() < GENERALIZED_TIME_FROM_YEAR
    ? tagged(TAG.utcTime, Buffer.from(`${digits.slice(2)}Z`))
    : tagged(GENERALIZED_TIME, Buffer.from(`${digits}Z`));
}
