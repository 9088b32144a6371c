// Small helpers for reading bytes that come from the network.
import { ProtocolError } from '../errors.ts';

/** A Buffer over the same memory, so that decoders take any Uint8Array. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Throws when there are fewer than `length` bytes. */
export function needBytes(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length < length) {
    throw new ProtocolError('truncated', what, bytes.length, `${length} bytes needed`);
  }
}

/** Throws when a value to be encoded does not fit its field; a mistake of the caller, hence a RangeError. */
export function checkRange(value: number, maximum: number, what: string): void {
  if (!Number.isInteger(value) || value < 0 || value > maximum) {
    throw new RangeError(`${what} is ${value}; it must be a whole number from 0 to ${maximum}`);
  }
}

/** The bytes, followed by zeros up to `length`; a RangeError when they are longer. */
export function padded(bytes: Uint8Array, length: number, what: string): Buffer {
  if (bytes.length > length) throw new RangeError(`${what} has ${bytes.length} bytes; at most ${length} are allowed`);
  const result = Buffer.alloc(length);
  result.set(bytes);
  return result;
}
