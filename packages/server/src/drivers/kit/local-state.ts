// What an implementation keeps for a node on the server's own machine: a conductor on another machine that takes over has none of it.
import type { Node } from '@wrought/contract';
import type { Facts } from './facts.ts';
import type { Task } from './task.ts';

/** Boot files, offers of DHCP, images: all that a machine fetches from the conductor that works on it. */
export interface LocalState {
  /** The conductor that has it; null when nothing is kept for the node now. */
  holder(node: Node): string | null;
  /** Whether all of it is on this machine; asks neither the BMC nor other servers. */
  isHere(task: Task): Promise<boolean>;
  /** Makes it anew on this machine, without touching BMC or power; the facts name this conductor as its holder. Safe to repeat. */
  restore(task: Task): Promise<Facts>;
}
