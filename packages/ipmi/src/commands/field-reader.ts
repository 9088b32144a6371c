// Reads the fields of a message one after the other; what is missing is a ProtocolError that names the field.
import { ProtocolError } from '../errors.ts';

/** Numbers are least significant byte first, as everywhere in IPMI. */
export class FieldReader {
  readonly bytes: Buffer;
  /** What the bytes are, for errors: "Get Device ID". */
  readonly what: string;
  offset = 0;

  constructor(bytes: Uint8Array, what: string) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.what = what;
  }

  /** Bytes that were not read yet. */
  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  #take(length: number, field: string): number {
    if (this.remaining < length) {
      const detail = `${length} wanted, ${this.remaining} there`;
      throw new ProtocolError('truncated', `${this.what}: ${field}`, this.offset, detail);
    }
    const at = this.offset;
    this.offset += length;
    return at;
  }

  u8(field: string): number {
    return this.bytes.readUInt8(this.#take(1, field));
  }

  /** The byte, or undefined where an old or short answer ends before it. */
  optionalU8(): number | undefined {
    return this.remaining === 0 ? undefined : this.u8('optional byte');
  }

  u16(field: string): number {
    return this.bytes.readUInt16LE(this.#take(2, field));
  }

  u24(field: string): number {
    return this.bytes.readUIntLE(this.#take(3, field), 3);
  }

  u32(field: string): number {
    return this.bytes.readUInt32LE(this.#take(4, field));
  }

  /** A copy, so that it does not keep the packet. */
  take(length: number, field: string): Buffer {
    const at = this.#take(length, field);
    return Buffer.from(this.bytes.subarray(at, at + length));
  }

  skip(length: number, field: string): void {
    this.#take(length, field);
  }

  /** All that is left, as a copy. */
  rest(): Buffer {
    return this.take(this.remaining, 'rest');
  }
}
