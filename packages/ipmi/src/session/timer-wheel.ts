// One timer for many deadlines: 10,000 sessions must not mean 10,000 timers.

const slotCount = 512;

/** Something that is waited for; it knows its place in the wheel, so that taking it out is cheap. */
export interface Timed {
  /** Milliseconds on the clock of `performance.now()`. Kept by the wheel. */
  expiresAt: number;
  /** The slot it is in; -1: none. Kept by the wheel. */
  slot: number;
  expire(now: number): void;
}

/** Deadlines in steps of a tick: each expires at its time or up to two ticks later. */
export class TimerWheel {
  readonly #tickMilliseconds: number;
  readonly #slots: Set<Timed>[] = Array.from({ length: slotCount }, () => new Set());
  #count = 0;
  /** The tick up to which everything has expired. */
  #tick = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #keepsProcessAlive: boolean;

  constructor(tickMilliseconds: number, keepsProcessAlive: boolean) {
    this.#tickMilliseconds = tickMilliseconds;
    this.#keepsProcessAlive = keepsProcessAlive;
  }

  /** Puts it in, or moves it. */
  schedule(entry: Timed, expiresAt: number): void {
    this.cancel(entry);
    if (this.#count === 0) this.#tick = this.#tickOf(performance.now());
    entry.expiresAt = expiresAt;
    this.#insert(entry);
    this.#start();
  }

  cancel(entry: Timed): void {
    if (entry.slot < 0) return;
    this.#slots[entry.slot]?.delete(entry);
    entry.slot = -1;
    this.#count--;
  }

  #tickOf(time: number): number {
    return Math.floor(time / this.#tickMilliseconds);
  }

  /** Entries beyond one turn of the wheel wait in its last slot, and are put in again from there. */
  #insert(entry: Timed): void {
    const ahead = Math.max(1, this.#tickOf(entry.expiresAt) + 1 - this.#tick);
    entry.slot = (this.#tick + Math.min(ahead, slotCount - 1)) % slotCount;
    this.#slots[entry.slot]?.add(entry);
    this.#count++;
  }

  #start(): void {
    if (this.#timer !== undefined) return;
    // What came in while the process was busy is read before anything counts as unanswered.
    this.#timer = setTimeout(() => setImmediate(() => this.#turn()), this.#tickMilliseconds);
    if (!this.#keepsProcessAlive) this.#timer.unref();
  }

  #turn(): void {
    this.#timer = undefined;
    const now = performance.now();
    const target = this.#tickOf(now);
    // After a long pause one turn of the wheel has seen every slot.
    this.#tick = Math.max(this.#tick, target - slotCount);
    while (this.#tick < target && this.#count > 0) {
      this.#tick++;
      const slot = this.#slots[this.#tick % slotCount] as Set<Timed>;
      if (slot.size === 0) continue;
      for (const entry of [...slot]) {
        // An entry that expired before may have cancelled this one.
        if (entry.slot < 0) continue;
        this.cancel(entry);
        if (entry.expiresAt > now) this.#insert(entry);
        else entry.expire(now);
      }
    }
    this.#tick = target;
    if (this.#count > 0) this.#start();
  }
}
