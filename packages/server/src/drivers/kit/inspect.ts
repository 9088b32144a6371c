// Inspect: finding out what hardware a machine has.
import type { InterfaceBase } from './base.ts';
import type { Facts } from './facts.ts';
import type { Outcome } from './outcome.ts';
import type { Signal } from './step.ts';
import type { Task } from './task.ts';

export interface InspectInterface extends InterfaceBase {
  readonly kind: 'inspect';
  readonly supported: true;
  /** Core. Looks at the machine, or parks until its ramdisk has told. Safe to repeat. */
  inspect(task: Task): Promise<Outcome>;
  /** Common. Called on every signal while it waits; needed where `inspect` parks. */
  resume?(task: Task, signal: Signal): Promise<Outcome>;
  /** Common. Takes back what `inspect` began; absent where a wait can not be aborted. Safe to repeat. */
  abort?(task: Task): Promise<Facts>;
}
