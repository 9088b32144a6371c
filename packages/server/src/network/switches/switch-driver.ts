// What every kind of switch can be asked: how ports are, and to make them so.
import type { PortState } from './port-config.ts';

/** A port as the switch has it; null where it can not be told as a `PortState`, with the reason. */
export type SeenPort =
  | { readonly name: string; readonly state: PortState }
  | { readonly name: string; readonly state: null; readonly reason: string };

export interface WantedPort {
  readonly name: string;
  readonly state: PortState;
  /** For people who look at the switch: which node uses the port. */
  readonly description: string;
}

/** A connection to a switch. Methods throw SwitchError. */
export interface SwitchSession {
  /** What the switch calls a group of this name. @throws SwitchError when it can have none of this name */
  groupName(name: string): string;
  /** How these ports are now, in the order of the names. @throws SwitchError for a port that the switch does not have */
  readPorts(names: readonly string[]): Promise<readonly SeenPort[]>;
  /** Makes ports so. Safe to repeat: a port that is so already stays as it is. */
  writePorts(ports: readonly WantedPort[]): Promise<void>;
  close(): Promise<void>;
}

/** Something went wrong between this program and a switch; the message says what, where, and what to do next. */
export class SwitchError extends Error {
  override readonly name = 'SwitchError';
}
