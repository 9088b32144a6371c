// The time that a BMC has to answer. It passes while a packet is under way, not while we have no room to send one: ten
// thousand BMCs that are asked at once are not silent because our own queue is long.

export class Budget {
  #left: number;
  readonly #whole: Budget | undefined;

  constructor(milliseconds: number, whole?: Budget) {
    this.#left = milliseconds;
    this.#whole = whole;
  }

  /** Milliseconds; never below zero. */
  get left(): number {
    return Math.max(0, Math.min(this.#left, this.#whole?.left ?? this.#left));
  }

  spend(milliseconds: number): void {
    this.#left -= milliseconds;
    this.#whole?.spend(milliseconds);
  }

  /** A part of what is left, for one of several tries; what it spends is spent here too. */
  part(share: number): Budget {
    return new Budget(this.left * share, this);
  }
}
