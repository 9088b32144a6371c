// Session sequence numbers: counting on, and the window in which each is accepted once (IPMI 2.0, 6.12.12 and 6.12.13).

const modulus = 2 ** 32;
/** Bits of one number in which the sequence numbers seen below the highest are kept. */
const maximumBack = 31;

export interface WindowSize {
  /** How far behind the highest number a packet may be. */
  readonly back: number;
  /** How far ahead of it. */
  readonly ahead: number;
}

export const windowV20: WindowSize = { back: 16, ahead: 15 };
export const windowV15: WindowSize = { back: 8, ahead: 8 };

/** The next number; 0 is left out, for it means "outside a session". */
export function nextSequence(sequence: number): number {
  return sequence >= modulus - 1 ? 1 : sequence + 1;
}

/** Lets each sequence number through once, and none that is too far from the highest seen. */
export class SequenceWindow {
  #highest: number;
  /** Bit n: the number n below the highest was seen; at first, everything before the first packet counts as seen. */
  #seen = 0xffffffff;

  /** `first` is the number of the first packet. */
  constructor(first: number) {
    this.#highest = (first - 1 + modulus) % modulus;
  }

  /** Whether a packet with this number is new; it is then counted as seen. Ask only after its code was checked. */
  accept(sequence: number, size: WindowSize): boolean {
    const ahead = (sequence - this.#highest + modulus) % modulus;
    if (ahead !== 0 && ahead <= size.ahead) {
      this.#seen = ahead > maximumBack ? 1 : ((this.#seen << ahead) | 1) >>> 0;
      this.#highest = sequence;
      return true;
    }
    const behind = (this.#highest - sequence + modulus) % modulus;
    if (behind > size.back || behind > maximumBack) return false;
    const bit = (1 << behind) >>> 0;
    if ((this.#seen & bit) !== 0) return false;
    this.#seen = (this.#seen | bit) >>> 0;
    return true;
  }
}
