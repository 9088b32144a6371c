// How many bytes are read at a time: it shrinks when a BMC cannot return so many, and stays there.
import { CompletionCodeError } from '../errors.ts';

/** Completion codes with which BMCs say that the answer would be too long, or the request asks for too much. */
const tooMuch: ReadonlySet<number> = new Set([0xc7, 0xc8, 0xca]);
/** Some BMCs answer this when their buffer is too small; it is believed only as long as there is something to shrink. */
const unspecifiedError = 0xff;

const smallestBytes = 8;

export class ReadSize {
  bytes: number;

  constructor(bytes: number) {
    this.bytes = bytes;
  }

  /** Halves the size when the error says that it was too large; false when the error is another one or nothing is left. */
  shrinkAfter(error: unknown, asked: number): boolean {
    if (!(error instanceof CompletionCodeError) || asked <= smallestBytes) return false;
    if (!tooMuch.has(error.code) && error.code !== unspecifiedError) return false;
    this.bytes = Math.max(smallestBytes, asked >> 1);
    return true;
  }
}
