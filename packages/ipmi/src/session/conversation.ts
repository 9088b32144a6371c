// What a login and a session share: asking one thing at a time of one peer, and finding the answer among what comes.
import {
  authenticationType,
  bmcAddress,
  type DecodedV20,
  decodeMessage,
  encodeMessage,
  encodeV15,
  type Message,
  payloadType,
  remoteConsoleAddress,
  type V15Packet,
} from '../codec/index.ts';
import { ProtocolError } from '../errors.ts';
import type { Peer, Question } from './exchange.ts';
import { RoundTrip } from './round-trip.ts';
import type { Receiver, Transport } from './transport.ts';

type V15 = V15Packet & { readonly payload: Buffer };

/** What is waited for: looks at a payload, and says what the answer in it is; undefined: not this one. */
export type Reader<Answer> = (payload: Buffer, payloadType: number) => Answer | undefined;

export type Ask = Omit<Question, 'peer' | 'roundTrip'>;

const sequenceModulus = 64;

/** The question that is under way. */
interface Waiting {
  /** Whether the payload was the answer. */
  offer(payload: Buffer, payloadType: number): boolean;
  fail(reason: unknown): void;
  malformed(error: ProtocolError): void;
}

export abstract class Conversation implements Receiver {
  readonly transport: Transport;
  readonly roundTrip = new RoundTrip();
  #peer: Peer | undefined;
  #sequence = 0;
  #waiting: Waiting | undefined;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** Where the BMC is; known once `join` was called. */
  get peer(): Peer {
    if (this.#peer === undefined) throw new Error('the address of the BMC is not resolved yet');
    return this.#peer;
  }

  /** Begins to receive what comes from there. */
  join(peer: Peer): void {
    this.leave();
    this.#peer = peer;
    this.transport.add(peer, this);
  }

  leave(): void {
    if (this.#peer !== undefined) this.transport.remove(this.#peer, this);
  }

  /** The number for the next message; stays the same when it is sent again. */
  nextMessageSequence(): number {
    this.#sequence = (this.#sequence + 1) % sequenceModulus;
    return this.#sequence;
  }

  /** Asks, and waits for what `read` takes as the answer. */
  async ask<Answer>(ask: Ask, read: Reader<Answer>): Promise<Answer> {
    const exchange = this.transport.ask<Answer>({ ...ask, peer: this.peer, roundTrip: this.roundTrip });
    const waiting: Waiting = {
      offer(payload, type) {
        const answer = read(payload, type);
        if (answer === undefined) return false;
        exchange.answer(answer);
        return true;
      },
      fail: (reason) => exchange.fail(reason),
      malformed: (error) => exchange.refused(error),
    };
    this.#waiting = waiting;
    try {
      return await exchange.answered;
    } finally {
      if (this.#waiting === waiting) this.#waiting = undefined;
    }
  }

  /**
   * Whether a payload was the answer that is waited for. A reader that throws fails the question, unless it says that
   * the bytes are none of the protocol: anyone can send such, and the real answer may still come.
   */
  protected take(payload: Buffer, type: number): boolean {
    const waiting = this.#waiting;
    if (waiting === undefined) return false;
    try {
      return waiting.offer(payload, type);
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      waiting.fail(error);
      return true;
    }
  }

  /** Ends the question that waits for an answer, if there is one. */
  protected giveUp(reason: unknown): void {
    this.#waiting?.fail(reason);
  }

  receiveMalformed(error: ProtocolError): void {
    this.#waiting?.malformed(error);
  }

  abstract receiveV20(packet: DecodedV20): boolean;
  abstract receiveV15(packet: V15): boolean;

  /** A command outside any session, in the form of IPMI 1.5, which every BMC understands. */
  async askSessionless(
    command: { readonly netFn: number; readonly command: number; readonly data: Uint8Array },
    ask: Omit<Ask, 'makePacket'>,
  ): Promise<Message & { readonly data: Buffer }> {
    const sequence = this.nextMessageSequence();
    const packet = encodeV15({
      authenticationType: authenticationType.none,
      sequence: 0,
      sessionId: 0,
      payload: encodeMessage({
        to: bmcAddress,
        toLun: 0,
        from: remoteConsoleAddress,
        fromLun: 0,
        sequence,
        ...command,
      }),
    });
    return this.ask({ ...ask, makePacket: () => packet }, (payload, type) => {
      if (type !== payloadType.ipmi) return undefined;
      const message = decodeMessage(payload);
      return answers(message, command.netFn, command.command, sequence) ? message : undefined;
    });
  }
}

/** Whether a message is the response to a request. */
export function answers(message: Message, netFn: number, command: number, sequence: number): boolean {
  return message.netFn === (netFn | 1) && message.command === command && message.sequence === sequence;
}
