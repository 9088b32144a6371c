// Console: a way to the screen or the serial line of a machine.
import type { ConsoleInfo } from '@wrought/contract';
import type { InterfaceBase } from './base.ts';
import type { Facts } from './facts.ts';
import type { Task } from './task.ts';

export interface ConsoleInterface extends InterfaceBase {
  readonly kind: 'console';
  readonly supported: true;
  /** Core. Opens the console. Safe to repeat. */
  start(task: Task): Promise<Facts>;
  /** Core. Closes it. Safe to repeat, and where none is open. */
  stop(task: Task): Promise<Facts>;
  /** Core. Where the open console can be reached. */
  info(task: Task): Promise<ConsoleInfo>;
  /** Common to those that hold something open in this process: whether they do for the node of this UUID. */
  isOpen?(node: string): boolean;
}
