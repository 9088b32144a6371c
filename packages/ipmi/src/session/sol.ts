// Serial over LAN: a Duplex of characters over a session (IPMI 2.0, section 15).
import { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import {
  activatePayload,
  deactivatePayload,
  decodeActivatePayloadResponse,
  decodeSol,
  encodeActivatePayload,
  encodeDeactivatePayload,
  encodeSol,
  networkFunction,
  payloadType,
  type SolPacket,
  solHeaderLength,
  solOperation,
  solStatus,
} from '../codec/index.ts';
import { getDeviceId } from '../commands/device.ts';
import type { RequestOptions } from '../connection.ts';
import { ClosedError, CompletionCodeError, IpmiError } from '../errors.ts';
import { behaviourOf } from '../quirks.ts';
import type { ActiveV20 } from './active.ts';
import { Budget } from './budget.ts';
import type { Exchange } from './exchange.ts';
import { RoundTrip } from './round-trip.ts';
import type { PayloadReceiver, Session } from './session.ts';

/** Milliseconds without an acknowledgement, retransmissions included, after which the line counts as dead. */
const acknowledgeMilliseconds = 15_000;
/** Pause before characters are sent again that the BMC had no room for. */
const refusedPauseMilliseconds = 100;
/** The accepted character count is one byte. */
const maximumCharacters = 255;
const minimumCharacters = 1;
/** Used when a BMC states a size that cannot be, or is known to state wrong ones; every BMC takes this much. */
const carefulCharacters = 32;
/** Characters that are kept for a reader that does not keep up; then the BMC has to hold them. */
const readableBytes = 64 * 1024;
const lastSequence = 15;
const alreadyActive = 0x80;
const alreadyInactive = 0x80;

export interface SolOptions extends Pick<RequestOptions, 'signal' | 'timeout'> {
  /** Payload instance, 1 to 15; 1 when absent. */
  readonly instance?: number;
  /** Whether whoever has the console now loses it; otherwise that is an error. */
  readonly takeOver?: boolean;
}

/** What BMCs state is in bytes with or without the header, at times with the bytes swapped. */
function charactersOf(stated: number): number {
  for (const size of [stated, ((stated & 0xff) << 8) | (stated >> 8)]) {
    const characters = size - solHeaderLength;
    if (characters >= minimumCharacters && characters <= maximumCharacters) return characters;
  }
  return carefulCharacters;
}

/**
 * The console of a machine. What is written goes to its serial port, what the port says is read; `break` is emitted
 * when the machine sends a break. Ending or destroying it gives the console back; so does the session's end, with an
 * error. Readers that do not keep up make the BMC hold characters, and lose what it has no room for.
 */
export class SolStream extends Duplex implements PayloadReceiver {
  readonly #session: Session;
  readonly #instance: number;
  readonly #roundTrip = new RoundTrip();
  #active: ActiveV20 | undefined;
  /** Characters a packet to the BMC may have. */
  #characters = carefulCharacters;
  #outgoing: { readonly sequence: number; readonly exchange: Exchange<SolPacket> } | undefined;
  #sequence = 0;
  #sending: Promise<void> = Promise.resolve();
  #received = { sequence: 0, length: 0 };
  #full = false;

  constructor(session: Session, instance: number) {
    super({ readableHighWaterMark: readableBytes, allowHalfOpen: false });
    this.#session = session;
    this.#instance = instance;
  }

  /** Takes the console. */
  async activate(options: SolOptions): Promise<void> {
    const { hasSolPayloadSizes } = behaviourOf(await getDeviceId(this.#session, options));
    const active = this.#session.attach(this);
    const request = {
      netFn: networkFunction.application,
      command: activatePayload,
      data: encodeActivatePayload({
        payloadType: payloadType.sol,
        instance: this.#instance,
        encrypted: active.encrypted,
        authenticated: active.authenticated,
      }),
    };
    const activation = await this.#session.request(request, options).catch(async (error: unknown) => {
      const held = error instanceof CompletionCodeError && error.code === alreadyActive;
      if (!held || options.takeOver !== true) throw error;
      await this.#deactivate(options);
      return this.#session.request(request, options);
    });
    // The port is not looked at: with address translation it is the BMC's own, and no BMC is known to use another.
    if (hasSolPayloadSizes) this.#characters = charactersOf(decodeActivatePayloadResponse(activation).inboundSize);
    this.#active = active;
  }

  async #deactivate(options: Pick<RequestOptions, 'signal' | 'timeout'>): Promise<void> {
    const data = encodeDeactivatePayload(payloadType.sol, this.#instance);
    try {
      const request = { netFn: networkFunction.application, command: deactivatePayload, data };
      await this.#session.request(request, { ...options, repeatable: true });
    } catch (error) {
      if (!(error instanceof CompletionCodeError) || error.code !== alreadyInactive) throw error;
    }
  }

  /** Puts the line to the break state for as long as the BMC does that. */
  sendBreak(): Promise<void> {
    return this.#inOrder(() => this.#sendPacket(Buffer.alloc(0), solOperation.generateBreak).then(() => undefined));
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#inOrder(() => this.#sendCharacters(chunk)).then(() => done(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    done();
    // Not left to the reader: who ends the console gives it back, read to the end or not.
    setImmediate(() => this.destroy());
  }

  override _read(): void {
    this.#full = false;
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const wasActive = this.#active !== undefined;
    this.#active = undefined;
    this.#outgoing?.exchange.fail(error ?? new IpmiError('the console was closed'));
    this.#session.detach(this);
    if (!wasActive) {
      done(error);
      return;
    }
    this.#deactivate({}).then(
      () => done(error),
      (failure: Error) => done(error ?? failure),
    );
  }

  #inOrder(act: () => Promise<void>): Promise<void> {
    const sent = this.#sending.then(act);
    // A failure is told to whoever wanted to send; what comes after fails by itself.
    this.#sending = sent.catch(() => undefined);
    return sent;
  }

  async #sendCharacters(characters: Buffer): Promise<void> {
    let at = 0;
    let since = performance.now();
    while (at < characters.length) {
      const piece = characters.subarray(at, at + this.#characters);
      const acknowledgement = await this.#sendPacket(piece, 0);
      const refused = (acknowledgement.flags & (solStatus.nack | solStatus.transferUnavailable)) !== 0;
      // BMCs that accept everything say so with the count, or leave it at zero without refusing.
      const accepted = refused || acknowledgement.accepted > 0 ? acknowledgement.accepted : piece.length;
      at += Math.min(accepted, piece.length);
      if (accepted > 0) {
        since = performance.now();
        continue;
      }
      if (performance.now() - since > acknowledgeMilliseconds) {
        throw new IpmiError(`the console of ${this.#session.address} takes no characters`);
      }
      await pause(refusedPauseMilliseconds);
    }
  }

  /** Sends one packet, again if need be, until it is acknowledged: only one may be under way. */
  async #sendPacket(data: Buffer, flags: number): Promise<SolPacket> {
    const active = this.#active;
    if (active === undefined) throw new IpmiError(`the console of ${this.#session.address} is not active`);
    this.#sequence = this.#sequence === lastSequence ? 1 : this.#sequence + 1;
    const sequence = this.#sequence;
    const payload = encodeSol({ sequence, acknowledged: 0, accepted: 0, flags, data });
    const exchange = this.#session.transport.ask<SolPacket>({
      peer: this.#session.peer,
      what: 'Serial over LAN packet',
      makePacket: () => active.seal(payloadType.sol, payload),
      roundTrip: this.#roundTrip,
      budget: new Budget(acknowledgeMilliseconds),
    });
    this.#outgoing = { sequence, exchange };
    try {
      return await exchange.answered;
    } finally {
      this.#outgoing = undefined;
    }
  }

  receive(payload: Buffer): void {
    const packet = decodeSol(payload);
    if (packet.acknowledged !== 0 && packet.acknowledged === this.#outgoing?.sequence) {
      this.#outgoing.exchange.answer(packet);
    }
    if ((packet.flags & solStatus.breakDetected) !== 0) this.emit('break');
    if (packet.sequence !== 0) this.#receiveCharacters(packet);
    if ((packet.flags & solStatus.deactivating) !== 0) {
      this.#active = undefined;
      this.lost(
        new IpmiError(
          `the BMC ended the console of ${this.#session.address}: somebody else took it, or SOL was disabled`,
        ),
      );
    }
  }

  #receiveCharacters(packet: SolPacket & { readonly data: Buffer }): void {
    const { sequence, data } = packet;
    const again = sequence === this.#received.sequence;
    // A packet that is sent again may have more characters at its end than it had before.
    const fresh = again ? data.subarray(this.#received.length) : data;
    // Not acknowledged: the BMC keeps it and sends it again.
    if (this.#full && fresh.length > 0) return;
    this.#received = { sequence, length: again ? Math.max(this.#received.length, data.length) : data.length };
    const acknowledgement = encodeSol({
      sequence: 0,
      acknowledged: sequence,
      accepted: Math.min(data.length, maximumCharacters),
      flags: 0,
      data: Buffer.alloc(0),
    });
    const active = this.#active;
    if (active !== undefined) {
      this.#session.transport.send(this.#session.peer, active.seal(payloadType.sol, acknowledgement));
    }
    if (fresh.length > 0 && !this.readableEnded && !this.push(fresh)) this.#full = true;
  }

  lost(reason: Error): void {
    this.#active = undefined;
    // Whoever closes the session knows that the console ends with it.
    if (reason instanceof ClosedError) this.destroy();
    else this.destroy(reason);
  }
}

/**
 * Takes the console of a machine. When another session has it the error is a CompletionCodeError with code 0x80, unless
 * `takeOver` is set.
 */
export async function activateSol(session: Session, options: SolOptions = {}): Promise<SolStream> {
  const stream = new SolStream(session, options.instance ?? 1);
  try {
    await stream.activate(options);
  } catch (error) {
    stream.on('error', () => undefined);
    stream.destroy();
    throw error;
  }
  return stream;
}
