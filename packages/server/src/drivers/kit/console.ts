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

/** What gives whoever has it a look at the screen of a machine, without being anybody to the API. */
export interface ScreenTicket {
  readonly token: string;
}

/** The screen of a machine: listeners get the Remote Framebuffer Protocol (RFC 6143), in which the machine's end begins. */
export interface Screen {
  /** Whether this is a token of an address that was given out for the node of this UUID, and its time is not over. */
  admits(node: string, token: string): boolean;
  /** Joins a viewer. @throws RegisteredError when the screen can not be had, or has as many viewers as are allowed */
  view(task: Task): Promise<ConsoleLine>;
  /** Whether nobody looks, and no address that was given out holds any more. */
  isForsaken(node: string): boolean;
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
  /** Common to graphical ones. The URL of their `info` is a path of this server. */
  readonly screen?: Screen;
}
