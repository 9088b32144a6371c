// One UDP socket per address family for all sessions: paced sending, and handing packets to the sessions they are for.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import {
  authenticationType,
  type DecodedV20,
  decodeAsf,
  decodeRmcp,
  decodeV15,
  decodeV20,
  encodePing,
  type PresencePong,
  type V15Packet,
} from '../codec/index.ts';
import { ClosedError, ProtocolError } from '../errors.ts';
import { Budget } from './budget.ts';
import { Exchange, type Outgoing, type Peer, type Question } from './exchange.ts';
import { Fifo } from './fifo.ts';
import { Flight } from './flight.ts';
import { RoundTrip } from './round-trip.ts';
import { TimerWheel } from './timer-wheel.ts';

const tickMilliseconds = 10;
/** Packets a turn of the event loop; answers to more at once would overrun the receive buffer before they are read. */
const burst = 64;
/** What the kernel is asked to hold for us; it grants what net.core.rmem_max allows. */
const receiveBufferBytes = 4 * 1024 * 1024;

/** Who gets the packets of an address and port; each says whether a packet was for it. */
export interface Receiver {
  receiveV20(packet: DecodedV20): boolean;
  receiveV15(packet: V15Packet & { readonly payload: Buffer }): boolean;
  /** A packet came from its peer that is none of the protocol. */
  receiveMalformed(error: ProtocolError): void;
}

export interface TransportStatistics {
  sent: number;
  received: number;
  /** Packets from addresses that no session is with, or for no session. */
  stray: number;
  malformed: number;
}

const keyOf = (peer: Pick<Peer, 'address' | 'port'>) => `${peer.address}|${peer.port}`;

export class Transport {
  readonly wheel = new TimerWheel(tickMilliseconds, true);
  readonly statistics: TransportStatistics = { sent: 0, received: 0, stray: 0, malformed: 0 };
  readonly #sockets: { 4?: Socket; 6?: Socket } = {};
  readonly #receivers = new Map<string, Receiver[]>();
  readonly #pings = new Map<string, { readonly exchange: Exchange<PresencePong>; readonly tag: number }>();
  readonly #flight = new Flight();
  /** What is to be sent. Logins that have not begun wait for those under way, which would time out otherwise. */
  readonly #outgoing = { begun: new Fifo<Outgoing>(), beginning: new Fifo<Outgoing>() };
  #flushing = false;
  #waiting = false;
  #sentThisTurn = 0;
  #turnScheduled = false;
  #nextTag = 0;
  #closed = false;

  add(peer: Peer, receiver: Receiver): void {
    const key = keyOf(peer);
    const present = this.#receivers.get(key);
    if (present === undefined) this.#receivers.set(key, [receiver]);
    else if (!present.includes(receiver)) present.push(receiver);
  }

  remove(peer: Peer, receiver: Receiver): void {
    const key = keyOf(peer);
    const left = this.#receivers.get(key)?.filter((each) => each !== receiver) ?? [];
    if (left.length === 0) this.#receivers.delete(key);
    else this.#receivers.set(key, left);
  }

  ask<Answer>(question: Question): Exchange<Answer> {
    if (this.#closed) throw new ClosedError(`${question.what}: the client is closed`);
    return new Exchange<Answer>(question, this);
  }

  /** ASF presence ping: whether something that speaks IPMI answers; needs no user. */
  async ping(peer: Peer, timeoutMilliseconds: number, signal?: AbortSignal): Promise<PresencePong> {
    const key = keyOf(peer);
    const tag = this.#nextTag;
    this.#nextTag = (this.#nextTag + 1) % 255;
    const exchange = this.ask<PresencePong>({
      peer,
      what: 'presence ping',
      makePacket: () => encodePing(tag),
      roundTrip: new RoundTrip(),
      budget: new Budget(timeoutMilliseconds),
      signal,
    });
    this.#pings.set(key, { exchange, tag });
    try {
      return await exchange.answered;
    } finally {
      if (this.#pings.get(key)?.exchange === exchange) this.#pings.delete(key);
    }
  }

  /** Sends without waiting for an answer; `onError` learns why the packet did not leave (no route, for instance). */
  send(peer: Peer, packet: Buffer, onError: (error: Error) => void = () => undefined): void {
    if (this.#closed) return;
    this.statistics.sent++;
    this.#socket(peer.family).send(packet, peer.port, peer.address, (error) => {
      if (error !== null) onError(error);
    });
  }

  enqueue(exchange: Outgoing): void {
    this.#flight.landed(exchange);
    this.#outgoing[exchange.begins ? 'beginning' : 'begun'].push(exchange);
    this.#flush();
  }

  landed(exchange: Outgoing, measured?: number): void {
    this.#flight.landed(exchange, measured);
    if (this.#queued > 0) this.#flush();
  }

  get #queued(): number {
    return this.#outgoing.begun.length + this.#outgoing.beginning.length;
  }

  #scheduleTurn(): void {
    if (this.#turnScheduled) return;
    this.#turnScheduled = true;
    setImmediate(() => {
      this.#turnScheduled = false;
      this.#sentThisTurn = 0;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    const now = performance.now();
    this.#flight.clear(now);
    while (this.#sentThisTurn < burst && !this.#flight.full) {
      const exchange = this.#outgoing.begun.shift() ?? this.#outgoing.beginning.shift();
      if (exchange === undefined) break;
      if (exchange.settled) continue;
      this.#sentThisTurn++;
      try {
        this.send(exchange.peer, exchange.nextPacket(now), (error) => exchange.refused(error));
        this.#flight.started(exchange);
      } catch (error) {
        exchange.fail(error);
      }
    }
    this.#flushing = false;
    if (this.#sentThisTurn > 0) this.#scheduleTurn();
    else if (this.#queued > 0) this.#waitForRoom();
  }

  /** Nothing may land for a while; then the oldest packets stop counting. */
  #waitForRoom(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    setTimeout(() => {
      this.#waiting = false;
      this.#flush();
    }, tickMilliseconds);
  }

  #socket(family: 4 | 6): Socket {
    const present = this.#sockets[family];
    if (present !== undefined) return present;
    const socket = createSocket({
      type: family === 4 ? 'udp4' : 'udp6',
      recvBufferSize: receiveBufferBytes,
      // Peers are addresses already; the usual look-up would cost a turn of the event loop a packet.
      lookup: (address, _options, callback) => callback(null, address, family),
    });
    socket.on('message', (bytes, from) => this.#receive(bytes, from));
    // The socket itself failed (out of descriptors, family not supported): whoever waits runs into its time-out.
    socket.on('error', () => {
      socket.close();
      if (this.#sockets[family] === socket) delete this.#sockets[family];
    });
    this.#sockets[family] = socket;
    return socket;
  }

  #receive(bytes: Buffer, from: RemoteInfo): void {
    this.statistics.received++;
    const key = keyOf(from);
    const receivers = this.#receivers.get(key);
    try {
      const { messageClass, data } = decodeRmcp(bytes);
      if (messageClass === 'asf') {
        this.#receivePong(key, bytes);
        return;
      }
      if (receivers === undefined) {
        this.statistics.stray++;
        return;
      }
      if (data[0] === authenticationType.rmcpPlus) {
        const packet = decodeV20(data);
        if (!receivers.some((receiver) => receiver.receiveV20(packet))) this.statistics.stray++;
      } else {
        const packet = decodeV15(data);
        if (!receivers.some((receiver) => receiver.receiveV15(packet))) this.statistics.stray++;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.statistics.malformed++;
      for (const receiver of receivers ?? []) receiver.receiveMalformed(error);
    }
  }

  #receivePong(key: string, bytes: Buffer): void {
    const message = decodeAsf(bytes);
    const waiting = this.#pings.get(key);
    if (message.type === 'pong' && waiting?.tag === message.tag) waiting.exchange.answer(message);
    else this.statistics.stray++;
  }

  /** Closes the sockets; what is still asked fails. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const socket of Object.values(this.#sockets)) socket.close();
  }
}
