// The wire between a BMC and the network: a socket of its own, and what happens to packets on their way.
import type { Socket } from 'node:dgram';
import type { Bmc } from './bmc.ts';
import { receive } from './session/receive.ts';
import type { Peer } from './session/session.ts';

/** A packet that a fault holds back goes out after this time when no other one overtakes it. */
const heldMilliseconds = 300;

export class Link {
  readonly #socket: Socket;
  #held: { readonly timer: NodeJS.Timeout; readonly send: () => void } | undefined;
  #isClosed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  receive(bmc: Bmc, packet: Buffer, peer: Peer): void {
    const { fault } = bmc;
    bmc.counts.packets += 1;
    if (fault?.name === 'silent' || (fault?.name === 'lossy' && fault.strikes())) {
      bmc.counts.faults += 1;
      return;
    }
    receive(bmc, packet, peer);
  }

  send(bmc: Bmc, packet: Buffer, peer: Peer): void {
    const { fault } = bmc;
    if (fault === undefined) this.#put(packet, peer);
    else this.#sendFaulty(bmc, packet, peer);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#held?.timer);
    this.#held = undefined;
    this.#socket.close();
  }

  #sendFaulty(bmc: Bmc, packet: Buffer, peer: Peer): void {
    const { fault, counts } = bmc;
    const strikes =
      (fault?.name === 'lossy' ||
        fault?.name === 'duplicated' ||
        fault?.name === 'slow' ||
        fault?.name === 'reordered') &&
      fault.strikes();
    if (!strikes) {
      this.#put(packet, peer);
      this.#release();
      return;
    }
    counts.faults += 1;
    if (fault.name === 'duplicated') {
      this.#put(packet, peer);
      this.#put(packet, peer);
    } else if (fault.name === 'slow') {
      setTimeout(() => this.#put(packet, peer), fault.lateness()).unref();
    } else if (fault.name === 'reordered') {
      this.#release();
      const timer = setTimeout(() => this.#release(), heldMilliseconds).unref();
      this.#held = { timer, send: () => this.#put(packet, peer) };
    }
  }

  #release(): void {
    const held = this.#held;
    this.#held = undefined;
    clearTimeout(held?.timer);
    held?.send();
  }

  #put(packet: Buffer, peer: Peer): void {
    // An error of a datagram (nobody listens at the console's port any more) is what a BMC never hears of.
    if (!this.#isClosed) this.#socket.send(packet, peer.port, peer.address, () => {});
  }
}
