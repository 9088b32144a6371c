// Why a console at a WebSocket ends: close codes of RFC 6455, section 7.4.2, those from 4000 on being for private use.

export const consoleEndCodes = {
  /** The process stops; another one, or the same after its restart, goes on. */
  stopping: 1001,
  /** It was switched off, its node was deleted, or another conductor serves the node now. */
  closed: 4001,
  /** Nothing was said or typed for console.terminal_timeout. */
  idle: 4002,
  /** The listener took less than the machine said. */
  slow: 4003,
  /** The process that has the console is gone. */
  lost: 4004,
  /** So that who listens is asked anew who they are. */
  longest: 4005,
  /** The screen can not be had; the protocol of the screen said why before. */
  refused: 4006,
} as const;

/** Why a console lets a listener go: the code, and a sentence of at most 123 bytes. */
export interface ConsoleEnd {
  readonly code: number;
  readonly reason: string;
}
