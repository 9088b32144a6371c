// Rescue: a ramdisk in which an operator can log in to a machine whose instance is broken.
import type { InterfaceBase } from './base.ts';
import type { Facts } from './facts.ts';
import type { Outcome } from './outcome.ts';
import type { ProbeAnswer, Signal } from './step.ts';
import type { Task } from './task.ts';

export interface RescueInterface extends InterfaceBase {
  readonly kind: 'rescue';
  readonly supported: true;
  /** Core. Boots the rescue ramdisk, and parks until its agent calls back. Safe to repeat. */
  rescue(task: Task): Promise<Outcome>;
  /** Common. Called on every signal while it waits; needed where `rescue` parks. */
  resume?(task: Task, signal: Signal): Promise<Outcome>;
  /** Common. How the ramdisk gets its password; absent where it needs none. */
  readonly password?: RescuePassword;
  /** Common. Brings the machine with its ramdisk to the network of the instance. Safe to repeat. */
  finish?(task: Task): Promise<Facts>;
  /** Core. Back to the instance. Safe to repeat. */
  unrescue(task: Task): Promise<Facts>;
  /** Core. Takes back what `rescue` made, where it failed or the instance ends. Safe to repeat. */
  cleanUp(task: Task): Promise<Facts>;
}

/** Gives the ramdisk its password (`instance_info.hashed_rescue_password`). Who takes it may go silent for good. */
export interface RescuePassword {
  set(task: Task): Promise<Outcome>;
  /** Called on every signal while `set` waits; needed where it parks. */
  resume?(task: Task): Promise<Outcome>;
  /** Tells after a crash whether `set` happened. */
  probe(task: Task): Promise<ProbeAnswer>;
}
