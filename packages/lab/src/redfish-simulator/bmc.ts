// One simulated Redfish service: who it is, the machine that it watches over, and what has changed. Everything else is made on demand.
import type { Socket } from 'node:net';
import { macOf, serialNumberOf, uuidOf } from '../machine-identity.ts';
import type { RedfishFault } from './faults.ts';
import type { Tree } from './http/tree.ts';
import type { BootChoice, MachineEvent, PowerState, RedfishMachine } from './machine/machine.ts';
import type { Model } from './models/model.ts';
import type { ResolvedSettings } from './settings.ts';

export interface RedfishCounts {
  connections: number;
  requests: number;
  logins: number;
  faults: number;
}

export interface RedfishPlace {
  readonly index: number;
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** What happens to a service and its machine. */
export type RedfishChange =
  | { readonly what: 'power'; readonly power: PowerState }
  /** It boots, from `choice` or as its firmware is set up. */
  | { readonly what: 'boot'; readonly choice: BootChoice | undefined }
  | { readonly what: 'interrupt' }
  | { readonly what: 'reset' }
  /** A resource was changed, made or removed, or a task began or ended. */
  | { readonly what: 'message'; readonly messageId: string; readonly path: string; readonly args: readonly string[] };

export class RedfishBmc implements RedfishPlace {
  readonly index: number;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly settings: ResolvedSettings;
  readonly tree: Tree;
  /** Of all services of a simulator. */
  readonly counts: RedfishCounts;
  readonly machine: RedfishMachine;
  /** Where the KVM listens that shows the machine's screen; undefined: it does not. */
  kvmPort: number | undefined;
  /** What goes wrong with it. */
  fault: RedfishFault | undefined;
  /** Connections that are open now. */
  readonly sockets = new Set<Socket>();
  #listeners: ((change: RedfishChange) => void)[] | undefined;
  #startedAt = Date.now();

  constructor(
    place: RedfishPlace,
    settings: ResolvedSettings,
    tree: Tree,
    counts: RedfishCounts,
    booted: (bmc: RedfishBmc) => BootChoice | undefined,
  ) {
    this.index = place.index;
    this.name = place.name;
    this.address = place.address;
    this.port = place.port;
    this.settings = settings;
    this.tree = tree;
    this.counts = counts;
    this.machine = settings.machine(place.index);
    this.machine.listen((event) => this.#onMachine(event, booted));
  }

  get model(): Model {
    return this.settings.model;
  }

  get url(): string {
    const host = this.address.includes(':') ? `[${this.address}]` : this.address;
    return `${this.settings.scheme}://${host}:${this.port}`;
  }

  /** The machine's UUID as the operating system shows it. */
  get uuid(): string {
    return this.machine.uuid ?? uuidOf(this.name);
  }

  get serialNumber(): string {
    return this.machine.serialNumber ?? serialNumberOf(this.index);
  }

  /** MAC addresses of the machine's ports, in the order of the model's. */
  get macs(): readonly string[] {
    return this.machine.macs ?? this.model.system.nicIds.map((_, port) => macOf(this.index, port));
  }

  /** Whether it is away just now, because it starts anew. */
  get isAway(): boolean {
    return this.#startedAt > Date.now();
  }

  /** Milliseconds since 1970: when it started last, or will have. */
  get startedAt(): number {
    return this.#startedAt;
  }

  /** Calls the listener with each change; the function that is returned ends that. */
  onChange(listener: (change: RedfishChange) => void): () => void {
    this.#listeners = [...(this.#listeners ?? []), listener];
    return () => {
      this.#listeners = this.#listeners?.filter((each) => each !== listener);
    };
  }

  tell(change: RedfishChange): void {
    for (const listener of this.#listeners ?? []) listener(change);
  }

  /** Counts a fault that strikes now; false when this service has another one, or it does not strike. */
  suffers(name: RedfishFault['name']): boolean {
    if (this.fault?.name !== name || !this.fault.strikes()) return false;
    this.counts.faults += 1;
    return true;
  }

  /** The service starts anew: connections and sessions are gone, and it is away for a while; the machine goes on. */
  reset(): void {
    this.#startedAt = Date.now() + this.settings.resetMilliseconds;
    this.tell({ what: 'reset' });
    for (const socket of this.sockets) socket.destroy();
  }

  #onMachine(event: MachineEvent, booted: (bmc: RedfishBmc) => BootChoice | undefined): void {
    if (event === 'boot') this.tell({ what: 'boot', choice: booted(this) });
    else this.tell({ what: 'power', power: event === 'power on' ? 'On' : 'Off' });
  }
}
