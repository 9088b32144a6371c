// A session that is open: seals what goes out, opens what comes in, counts sequence numbers, keeps replays out.
import {
  authenticationType,
  checkV15Code,
  type DecodedV20,
  encodeV15,
  nextSequence,
  openPacket,
  type PacketKeys,
  payloadType,
  SequenceWindow,
  sealPacket,
  type V15Packet,
  v15Code,
  windowV15,
  windowV20,
} from '../codec/index.ts';
import { ProtocolError } from '../errors.ts';

/** What is inside a packet of the session. */
export interface Opened {
  readonly payloadType: number;
  readonly payload: Buffer;
}

export interface ActiveSession {
  /** The id that the BMC gave the session, as Close Session wants it. */
  readonly bmcSessionId: number;
  /** A whole packet with the next sequence number. */
  seal(payloadType: number, payload: Uint8Array): Buffer;
}

export class ActiveV20 implements ActiveSession {
  readonly bmcSessionId: number;
  readonly consoleSessionId: number;
  readonly #keys: PacketKeys;
  #sequence = 0;
  readonly #window = new SequenceWindow(1);

  constructor(consoleSessionId: number, bmcSessionId: number, keys: PacketKeys) {
    this.consoleSessionId = consoleSessionId;
    this.bmcSessionId = bmcSessionId;
    this.#keys = keys;
  }

  /** Whether payloads are encrypted and authenticated; Activate Payload has to say the same. */
  get encrypted(): boolean {
    return this.#keys.aesKey !== undefined;
  }

  get authenticated(): boolean {
    return this.#keys.integrity.codeLength > 0;
  }

  seal(type: number, payload: Uint8Array): Buffer {
    this.#sequence = nextSequence(this.#sequence);
    return sealPacket(this.#keys, {
      payloadType: type,
      sessionId: this.bmcSessionId,
      sequence: this.#sequence,
      payload,
    });
  }

  /** Throws a ProtocolError for forged packets; undefined: a replay. */
  open(packet: DecodedV20): Opened | undefined {
    const payload = openPacket(this.#keys, packet);
    // Without authentication anyone can make up numbers, and some BMCs send zeros: no window then.
    if (this.authenticated && !this.#window.accept(packet.sequence, windowV20)) return undefined;
    return { payloadType: packet.payloadType, payload };
  }
}

export class ActiveV15 implements ActiveSession {
  readonly bmcSessionId: number;
  readonly #type: number;
  readonly #password: Uint8Array;
  /** Of the next packet. */
  #sequence: number;
  readonly #window: SequenceWindow;

  /** `sequence` is the first number that the BMC wants from us, `firstFromBmc` the first that it will send. */
  constructor(bmcSessionId: number, type: number, password: Uint8Array, sequence: number, firstFromBmc: number) {
    this.bmcSessionId = bmcSessionId;
    this.#type = type;
    this.#password = password;
    this.#sequence = sequence;
    this.#window = new SequenceWindow(firstFromBmc);
  }

  seal(_type: number, payload: Uint8Array): Buffer {
    const packet = {
      authenticationType: this.#type,
      sequence: this.#sequence,
      sessionId: this.bmcSessionId,
      payload,
    };
    this.#sequence = nextSequence(this.#sequence);
    const code = v15Code(packet, this.#password);
    return encodeV15(code === undefined ? packet : { ...packet, authenticationCode: code });
  }

  open(packet: V15Packet & { readonly payload: Buffer }): Opened | undefined {
    if (packet.authenticationType !== this.#type) {
      throw new ProtocolError('bad value', 'authentication type', 0, `is ${packet.authenticationType}`);
    }
    checkV15Code(packet, this.#password);
    const counted = this.#type !== authenticationType.none;
    if (counted && !this.#window.accept(packet.sequence, windowV15)) return undefined;
    return { payloadType: payloadType.ipmi, payload: packet.payload };
  }
}
