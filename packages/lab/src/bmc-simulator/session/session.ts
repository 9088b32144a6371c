// One session of a simulated BMC, from its opening to its end, and the table of all that a BMC has.
import type { CipherSuite, Exchange, PacketKeys, SequenceWindow } from '@wrought/ipmi/codec';
import type { User } from '../users.ts';
import type { SolPort } from './sol.ts';

/** Where packets of a session go. */
export interface Peer {
  readonly address: string;
  readonly port: number;
}

/** What protects the packets of a session. */
export type Protection =
  | { readonly version: '2.0'; readonly suite: CipherSuite; keys?: PacketKeys; exchange?: Exchange }
  | { readonly version: '1.5'; readonly authenticationType: number; readonly challenge: Buffer };

export interface Session {
  /** The BMC's number of the session. */
  readonly id: number;
  /** The console's; 0 with IPMI 1.5. */
  readonly consoleId: number;
  readonly protection: Protection;
  peer: Peer;
  user: User | undefined;
  /** The most that Set Session Privilege Level may ask for. */
  privilegeLimit: number;
  privilege: number;
  isActive: boolean;
  window: SequenceWindow | undefined;
  outboundSequence: number;
  /** With IPMI 1.5, the number with which the console was told to begin. */
  firstInbound: number;
  lastSeen: number;
  sol: SolPort | undefined;
}

/** A login that is not gone on with is forgotten after this time. */
const loginMilliseconds = 10_000;

export class SessionTable {
  readonly #sessions = new Map<number, Session>();
  readonly #limit: number;
  readonly #idleMilliseconds: number;
  #lastId: number;

  constructor(limit: number, idleMilliseconds: number, firstId: number) {
    this.#limit = limit;
    this.#idleMilliseconds = idleMilliseconds;
    this.#lastId = firstId;
  }

  get size(): number {
    return this.#sessions.size;
  }

  get active(): Session[] {
    return [...this.#sessions.values()].filter(({ isActive }) => isActive);
  }

  find(id: number): Session | undefined {
    return this.#sessions.get(id);
  }

  /** The unfinished login of a console that begins it again, since our answer got lost. */
  unfinished(consoleId: number, peer: Peer): Session | undefined {
    for (const session of this.#sessions.values()) {
      const { isActive, consoleId: id, peer: at } = session;
      if (!isActive && id === consoleId && at.port === peer.port && at.address === peer.address) return session;
    }
    return undefined;
  }

  /** Opens a session that is not active yet; undefined when the BMC has no room for one more. */
  open(consoleId: number, peer: Peer, protection: Protection): Session | undefined {
    this.expire();
    if (this.#sessions.size >= this.#limit) return undefined;
    // Number 0 means "outside a session".
    this.#lastId = (this.#lastId % 0x7fffffff) + 1;
    const session: Session = {
      id: this.#lastId,
      consoleId,
      protection,
      peer,
      user: undefined,
      privilegeLimit: 0,
      privilege: 0,
      isActive: false,
      window: undefined,
      outboundSequence: 0,
      firstInbound: 0,
      lastSeen: Date.now(),
      sol: undefined,
    };
    this.#sessions.set(session.id, session);
    return session;
  }

  close(session: Session): void {
    session.sol?.close();
    session.sol = undefined;
    this.#sessions.delete(session.id);
  }

  /** Forgets those that were idle for too long. */
  expire(): void {
    const now = Date.now();
    for (const session of this.#sessions.values()) {
      const limit = session.isActive ? this.#idleMilliseconds : Math.min(loginMilliseconds, this.#idleMilliseconds);
      if (now - session.lastSeen > limit) this.close(session);
    }
  }

  closeAll(): void {
    for (const session of [...this.#sessions.values()]) this.close(session);
  }
}
