// How many packets are under way at once: as many as BMCs answer promptly, however many are wanted.
import type { Outgoing } from './exchange.ts';
import { Fifo } from './fifo.ts';

/** Answers to more at once would come later than their packets are sent again. */
const limit = 512;
/**
 * A packet counts as under way for a few of the usual round-trip times at most, within these bounds: silent BMCs must
 * not hold up the others.
 */
const shortestHold = 100;
const longestHold = 1000;
const usualTimes = 4;
const smoothing = 1 / 64;

export class Flight {
  /** In the order in which they were sent. */
  readonly #packets = new Fifo<Outgoing>();
  #count = 0;
  /** Usual round-trip time of all BMCs together, milliseconds. */
  #usual = 0;

  get full(): boolean {
    return this.#count >= limit;
  }

  started(exchange: Outgoing): void {
    exchange.flying = true;
    this.#count++;
    this.#packets.push(exchange);
  }

  /** `measured` is the round-trip time, if there is one. */
  landed(exchange: Outgoing, measured?: number): void {
    if (measured !== undefined) this.#usual += smoothing * (measured - this.#usual);
    if (!exchange.flying) return;
    exchange.flying = false;
    this.#count--;
  }

  /** Takes those out that have been under way for too long. */
  clear(now: number): void {
    const hold = Math.min(longestHold, Math.max(shortestHold, usualTimes * this.#usual));
    for (let first = this.#packets.peek(); first !== undefined; first = this.#packets.peek()) {
      if (first.flying && now - first.sentAt < hold) return;
      this.landed(first);
      this.#packets.shift();
    }
  }
}
