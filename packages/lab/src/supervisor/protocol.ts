// What is said on a lab's control socket: one JSON request a connection, one JSON answer, each a line.
import type { BmcState } from '../bmc/simulator.ts';
import type { MachineFaults, MachineStatus } from '../machine/machine.ts';

export type SupervisorRequest =
  | { action: 'status' }
  | { action: 'chassis' | 'lan'; machine: string; words: string[] }
  | { action: 'bmc'; machine: string; to: 'start' | 'stop' | 'hang' }
  | { action: 'faults'; machine: string; faults: Partial<MachineFaults> }
  | { action: 'screenshot'; machine: string; path: string }
  | { action: 'settle'; machine: string };

export interface SupervisedMachine extends MachineStatus {
  name: string;
  bmc: BmcState;
}

export interface SupervisorStatus {
  pid: number;
  /** True once every BMC has answered. */
  ready: boolean;
  machines: SupervisedMachine[];
}

export type SupervisorReply = { result: unknown } | { error: string };
