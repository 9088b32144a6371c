// Starts the machines of a benchmark in a process of their own, so that what they cost is not counted with who asks them.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Who may log in to the BMCs, and where those that speak IPMI listen. */
export const bmcUser = { port: 6230, userName: 'admin', password: 'secret12' } as const;

/** Where one BMC answers, or does not. */
export interface Place {
  /** IP address of an IPMI BMC, URL of one of the fleet or of a Redfish service. */
  readonly address: string;
  readonly fault: Fault | null;
}

/** `silent`: never answers. `slow`: every answer is late by half a second to three. */
export type Fault = 'silent' | 'slow';

/** Shares of the machines, from 0 to 1. */
export type Faults = Readonly<Partial<Record<Fault, number>>>;

/** Faults in the words of a table. */
export function namesOf(faults: Faults): string {
  const names = Object.entries(faults).map(([name, share]) => `${share * 100} % ${name}`);
  return names.length === 0 ? 'all well' : names.join(', ');
}

export type MachineKind = 'bmc' | 'fleet' | 'redfish';

export interface Machines {
  readonly pids: readonly number[];
  readonly places: readonly Place[];
  /** Switches all machines. */
  switchAll(power: 'on' | 'off'): void;
  end(): void;
}

/**
 * Most of one process. Redfish services take two descriptors each, a listening socket and a connection that is kept, and a limit of
 * 20,000 open files is usual: what is beyond it is refused. BMCs of IPMI have one socket each and no connections.
 */
const mostOfOne = { bmc: Number.POSITIVE_INFINITY, fleet: Number.POSITIVE_INFINITY, redfish: 5_000 } as const;

/** Starts machines in processes that end with this one. */
export async function startMachines(kind: MachineKind, count: number, faults: Faults): Promise<Machines> {
  const script = fileURLToPath(new URL(`${kind}-process.ts`, import.meta.url));
  const children: ChildProcess[] = [];
  const places: Place[] = [];
  for (let left = count; left > 0; left -= mostOfOne[kind]) {
    const here = Math.min(left, mostOfOne[kind]);
    // Each process has addresses of its own.
    const child = fork(script, [String(here), JSON.stringify(faults), String(children.length)]);
    children.push(child);
    const [found] = (await once(child, 'message')) as [Place[]];
    places.push(...found);
  }
  return {
    pids: children.map(({ pid }) => pid as number),
    places,
    switchAll(power) {
      for (const child of children) child.send(power);
    },
    end() {
      for (const child of children) child.disconnect();
    },
  };
}
