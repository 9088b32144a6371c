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
  readonly isSilent: boolean;
}

export type MachineKind = 'bmc' | 'fleet' | 'redfish';

export interface Machines {
  readonly child: ChildProcess;
  readonly places: readonly Place[];
}

/** `silentShare` from 0 to 1; the process ends when it is disconnected, and switches all machines when it is told "on" or "off". */
export async function startMachines(kind: MachineKind, count: number, silentShare: number): Promise<Machines> {
  const script = fileURLToPath(new URL(`${kind}-process.ts`, import.meta.url));
  const child = fork(script, [String(count), String(silentShare)]);
  const [places] = (await once(child, 'message')) as [Place[]];
  return { child, places };
}
