// One question to a BMC: the packet is sent, sent again while nothing comes, and ends with an answer or an error.
import { TimeoutError } from '../errors.ts';
import type { Budget } from './budget.ts';
import type { RoundTrip } from './round-trip.ts';
import type { Timed, TimerWheel } from './timer-wheel.ts';

/** Where packets go. */
export interface Peer {
  readonly address: string;
  readonly port: number;
  readonly family: 4 | 6;
}

/** The address as people write it. */
export const peerName = (peer: Peer): string =>
  peer.family === 6 ? `[${peer.address}]:${peer.port}` : `${peer.address}:${peer.port}`;

export interface Question {
  readonly peer: Peer;
  /** What is asked, for errors. */
  readonly what: string;
  /** Makes the packet of one attempt; called when it is really sent. */
  readonly makePacket: () => Buffer;
  readonly roundTrip: RoundTrip;
  /** The time for the answer. */
  readonly budget: Budget;
  /** How often the packet is sent at most; as often as the budget allows when absent. */
  readonly maximumAttempts?: number;
  /** Milliseconds that are waited at least before it is sent again. */
  readonly minimumWait?: number;
  readonly signal?: AbortSignal | undefined;
  /** The first of several questions; it waits while others are further. */
  readonly begins?: boolean;
}

/** An exchange as the transport sees it. */
export interface Outgoing {
  readonly peer: Peer;
  readonly settled: boolean;
  readonly begins: boolean;
  /** Whether its packet counts as under way; kept by the transport. */
  flying: boolean;
  /** When that was sent. */
  readonly sentAt: number;
  /** The packet to send now; the waiting for its answer begins. */
  nextPacket(now: number): Buffer;
  /** The packet did not leave, or what came could not be read: told when nothing better comes. */
  refused(error: Error): void;
  fail(reason: unknown): void;
}

/** What the exchange needs of the transport. */
export interface Sender {
  readonly wheel: TimerWheel;
  enqueue(exchange: Outgoing): void;
  /** No packet of the exchange is under way any more; `measured` is the round-trip time in milliseconds. */
  landed(exchange: Outgoing, measured?: number): void;
}

export class Exchange<Answer> implements Timed, Outgoing {
  expiresAt = 0;
  slot = -1;
  flying = false;
  sentAt = 0;
  readonly answered: Promise<Answer>;
  readonly peer: Peer;
  #refusal: Error | undefined;
  readonly #question: Question;
  readonly #sender: Sender;
  #attempts = 0;
  #firstSentAt = 0;
  /** On the clock of `performance.now()`; known once the first packet was sent. */
  #deadline = Number.POSITIVE_INFINITY;
  #settled = false;
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (reason: unknown) => void;
  #onAbort: (() => void) | undefined;

  constructor(question: Question, sender: Sender) {
    this.#question = question;
    this.#sender = sender;
    this.peer = question.peer;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.answered = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    const { signal } = question;
    if (signal?.aborted) {
      this.fail(signal.reason);
      return;
    }
    if (signal !== undefined) {
      this.#onAbort = () => this.fail(signal.reason);
      signal.addEventListener('abort', this.#onAbort);
    }
    sender.enqueue(this);
  }

  get begins(): boolean {
    return this.#question.begins === true;
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** How often the packet went out. */
  get attempts(): number {
    return this.#attempts;
  }

  nextPacket(now: number): Buffer {
    const packet = this.#question.makePacket();
    this.#attempts++;
    if (this.#attempts === 1) {
      this.#firstSentAt = now;
      this.#deadline = now + this.#question.budget.left;
    }
    this.sentAt = now;
    const wait = Math.max(this.#question.roundTrip.timeout(this.#attempts), this.#question.minimumWait ?? 0);
    this.#sender.wheel.schedule(this, Math.min(now + wait, this.#deadline));
    return packet;
  }

  expire(now: number): void {
    const { maximumAttempts = Number.POSITIVE_INFINITY } = this.#question;
    if (now >= this.#deadline || this.#attempts >= maximumAttempts) this.#timedOut(now);
    else this.#sender.enqueue(this);
  }

  #timedOut(now: number): void {
    const { peer, what } = this.#question;
    const error = new TimeoutError(peerName(peer), what, this.#attempts, Math.round(now - this.#firstSentAt));
    if (this.#refusal !== undefined) error.cause = this.#refusal;
    this.fail(error);
  }

  refused(error: Error): void {
    this.#refusal = error;
  }

  answer(answer: Answer): void {
    if (this.#settled) return;
    // Whether an answer belongs to the first or a later packet cannot be told, so only single packets are measured.
    const measured = this.#attempts === 1 ? performance.now() - this.sentAt : undefined;
    if (measured !== undefined) this.#question.roundTrip.measured(measured);
    this.#settle(measured);
    this.#resolve(answer);
  }

  fail(reason: unknown): void {
    if (this.#settled) return;
    this.#settle();
    this.#reject(reason);
  }

  #settle(measured?: number): void {
    this.#settled = true;
    if (this.#attempts > 0) this.#question.budget.spend(performance.now() - this.#firstSentAt);
    this.#sender.wheel.cancel(this);
    this.#sender.landed(this, measured);
    if (this.#onAbort !== undefined) this.#question.signal?.removeEventListener('abort', this.#onAbort);
  }
}
