// How long to wait before a packet is sent again, from measured round-trip times in the form of RFC 6298.

const initialMilliseconds = 1000;
/** BMCs are slow and uneven processors: a shorter wait sends again what is already being worked on. */
const minimumMilliseconds = 500;
const maximumMilliseconds = 8000;
const smoothing = 1 / 8;
const deviationSmoothing = 1 / 4;

export class RoundTrip {
  #smoothed = 0;
  #deviation = 0;

  /** A time that was measured on a packet that was sent once (Karn's rule). */
  measured(milliseconds: number): void {
    if (this.#smoothed === 0) {
      this.#smoothed = milliseconds;
      this.#deviation = milliseconds / 2;
      return;
    }
    const difference = Math.abs(this.#smoothed - milliseconds);
    this.#deviation += deviationSmoothing * (difference - this.#deviation);
    this.#smoothed += smoothing * (milliseconds - this.#smoothed);
  }

  /** Milliseconds to wait for the answer to the packet that was sent `attempts` times; doubles with each. */
  timeout(attempts: number): number {
    const base =
      this.#smoothed === 0 ? initialMilliseconds : Math.max(minimumMilliseconds, this.#smoothed + 4 * this.#deviation);
    return Math.min(maximumMilliseconds, base * 2 ** (attempts - 1));
  }
}
