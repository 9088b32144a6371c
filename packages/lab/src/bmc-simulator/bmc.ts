// One simulated BMC: who it is, the machine that it watches over, its users and sessions. Everything else is made on demand.
import { randomInt } from 'node:crypto';
import { parseGuid } from '@wrought/ipmi';
import { uuidOf } from '../machine-identity.ts';
import { Chassis } from './chassis.ts';
import type { Fault } from './faults.ts';
import { perBmc } from './per-bmc.ts';
import { type Peer, SessionTable } from './session/session.ts';
import type { ResolvedSettings } from './settings.ts';
import { Users } from './users.ts';

const usersOf = perBmc((bmc) => new Users(bmc.settings.users));
const highestFirstId = 0x3fffffff;

export interface BmcCounts {
  packets: number;
  requests: number;
  logins: number;
  faults: number;
}

export interface BmcPlace {
  readonly index: number;
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

export class Bmc implements BmcPlace {
  readonly index: number;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly settings: ResolvedSettings;
  /** Of all BMCs of a simulator. */
  readonly counts: BmcCounts;
  readonly chassis = new Chassis();
  /** What goes wrong with it. */
  fault: Fault | undefined;
  readonly #transmit: (packet: Buffer, peer: Peer) => void;
  #sessions: SessionTable | undefined;

  constructor(
    place: BmcPlace,
    settings: ResolvedSettings,
    counts: BmcCounts,
    transmit: (packet: Buffer, peer: Peer) => void,
  ) {
    this.index = place.index;
    this.name = place.name;
    this.address = place.address;
    this.port = place.port;
    this.settings = settings;
    this.counts = counts;
    this.#transmit = transmit;
  }

  /** The machine's UUID as the operating system shows it. */
  get uuid(): string {
    return uuidOf(this.name);
  }

  /** Its bytes on the wire, in the order of the specification. */
  get guid(): Buffer {
    return parseGuid(this.uuid, 'ipmi');
  }

  get users(): Users {
    return usersOf(this);
  }

  get sessions(): SessionTable {
    const { sessionLimit, sessionMilliseconds } = this.settings;
    this.#sessions ??= new SessionTable(sessionLimit, sessionMilliseconds, randomInt(1, highestFirstId));
    return this.#sessions;
  }

  /** Whether it says that all its sessions are taken, whatever it has. */
  refusesSession(): boolean {
    if (this.fault?.name !== 'full' || !this.fault.strikes()) return false;
    this.counts.faults += 1;
    return true;
  }

  send(packet: Buffer, peer: Peer): void {
    this.#transmit(packet, peer);
  }

  /** Forgets sessions that nobody uses; false when there are none left to look after. */
  expireSessions(): boolean {
    this.#sessions?.expire();
    if (this.#sessions?.size === 0) this.#sessions = undefined;
    return this.#sessions !== undefined;
  }

  /** The BMC starts anew: its sessions are gone; the machine goes on. */
  reset(): void {
    this.#sessions?.closeAll();
    this.#sessions = undefined;
  }
}
