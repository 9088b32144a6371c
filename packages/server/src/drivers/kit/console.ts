// Console: a way to the screen or the serial line of a machine.
import type { Duplex } from 'node:stream';
import type { ConsoleEnd, ConsoleInfo } from '@wrought/contract';
import type { InterfaceBase } from './base.ts';
import type { Facts } from './facts.ts';
import type { Task } from './task.ts';

export interface ConsoleLineOptions {
  /** What the listener sends does not go to the machine. */
  readonly isReadOnly: boolean;
}

/** The place of one listener at a serial console. */
export interface ConsoleLine {
  /** What the machine says, with what it said before; what is written goes to the machine. Destroyed by whoever has enough. */
  readonly stream: Duplex;
  /** Resolves when the console lets the listener go, around the end of the stream. */
  readonly ended: Promise<ConsoleEnd>;
}

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
  /**
   * Common to serial ones: joins a listener to the console, which is opened where it is not.
   * @throws RegisteredError when it can not be opened, or has as many listeners as are allowed
   */
  join?(task: Task, options: ConsoleLineOptions): Promise<ConsoleLine>;
}
