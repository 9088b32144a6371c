// One end of SOL on the BMC: characters in packets with acknowledgements, one packet under way at a time (IPMI 2.0, 15.9 to 15.11).
import { decodeSol, encodeSol, solOperation, solStatus } from '@wrought/ipmi/codec';
import type { SerialConsole } from './serial-console.ts';

/** Characters a packet. */
export const solPacketCharacters = 200;
const retryMilliseconds = 500;
const mostRetries = 7;
/** Characters that wait for a console that does not acknowledge; older ones are dropped. */
const mostWaiting = 64 * 1024;
const highestSequence = 15;

export class SolPort {
  readonly #console: SerialConsole;
  readonly #send: (payload: Buffer) => void;
  #waiting: Buffer = Buffer.alloc(0);
  #underWay: { readonly sequence: number; readonly data: Buffer; tries: number } | undefined;
  #sequence = 0;
  #lastReceived = 0;
  #lastAccepted = 0;
  #timer: NodeJS.Timeout | undefined;
  #isPaused = false;

  constructor(console: SerialConsole, send: (payload: Buffer) => void) {
    this.#console = console;
    this.#send = send;
    console.attach((bytes) => this.#print(bytes));
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#console.detach();
    this.#waiting = Buffer.alloc(0);
    this.#underWay = undefined;
  }

  /** Tells the console at the other end that the payload ends. */
  announceEnd(): void {
    this.#send(
      encodeSol({ sequence: 0, acknowledged: 0, accepted: 0, flags: solStatus.deactivating, data: Buffer.alloc(0) }),
    );
  }

  receive(payload: Uint8Array): void {
    const { sequence, acknowledged, accepted, flags, data } = decodeSol(payload);
    if (acknowledged !== 0) this.#acknowledge(acknowledged, accepted, (flags & solOperation.nack) !== 0);
    // Acknowledgements alone have no operation; the number 0 says so.
    if (sequence === 0) return;
    if (sequence !== this.#lastReceived) {
      this.#lastReceived = sequence;
      this.#lastAccepted = data.length;
      this.#isPaused = (flags & solOperation.ctsPause) !== 0;
      if ((flags & solOperation.flushOutbound) !== 0) this.#waiting = Buffer.alloc(0);
      if ((flags & solOperation.generateBreak) !== 0) this.#console.sendBreak();
      if (data.length > 0) this.#console.input(data);
    }
    const acknowledgement = { sequence: 0, acknowledged: sequence, accepted: this.#lastAccepted, flags: 0 };
    this.#send(encodeSol({ ...acknowledgement, data: Buffer.alloc(0) }));
    this.#next();
  }

  #print(bytes: Uint8Array): void {
    const all = Buffer.concat([this.#waiting, bytes]);
    this.#waiting = all.subarray(Math.max(0, all.length - mostWaiting));
    this.#next();
  }

  #acknowledge(sequence: number, accepted: number, isRefused: boolean): void {
    const packet = this.#underWay;
    if (packet === undefined || packet.sequence !== sequence) return;
    clearTimeout(this.#timer);
    this.#underWay = undefined;
    const taken = Math.min(accepted, packet.data.length);
    if (taken < packet.data.length) this.#waiting = Buffer.concat([packet.data.subarray(taken), this.#waiting]);
    // A console that took nothing is asked again after the time of a retry, not at once.
    if (isRefused && taken === 0) this.#timer = setTimeout(() => this.#next(), retryMilliseconds).unref();
    else this.#next();
  }

  #next(): void {
    if (this.#underWay !== undefined || this.#isPaused || this.#waiting.length === 0) return;
    this.#sequence = (this.#sequence % highestSequence) + 1;
    const data = this.#waiting.subarray(0, solPacketCharacters);
    this.#waiting = this.#waiting.subarray(data.length);
    this.#underWay = { sequence: this.#sequence, data, tries: 0 };
    this.#transmit();
  }

  #transmit(): void {
    const packet = this.#underWay;
    if (packet === undefined) return;
    if (packet.tries > mostRetries) {
      this.#underWay = undefined;
      return;
    }
    packet.tries += 1;
    const { sequence, data } = packet;
    this.#send(encodeSol({ sequence, acknowledged: 0, accepted: 0, flags: 0, data }));
    this.#timer = setTimeout(() => this.#transmit(), retryMilliseconds).unref();
  }
}
