// What a command of a simulated BMC is: who may give it, how many bytes it needs, and what it answers.
import { type PrivilegeLevel, privilegeLevel } from '@wrought/ipmi/codec';
import type { Bmc } from '../bmc.ts';
import type { Session } from '../session/session.ts';

/** Generic completion codes (IPMI 2.0, table 5-2). */
export const completion = {
  ok: 0x00,
  nodeBusy: 0xc0,
  invalidCommand: 0xc1,
  invalidForLun: 0xc2,
  outOfSpace: 0xc4,
  reservationCancelled: 0xc5,
  invalidLength: 0xc7,
  parameterOutOfRange: 0xc9,
  cannotReturnBytes: 0xca,
  notPresent: 0xcb,
  invalidField: 0xcc,
  illegalForSensor: 0xcd,
  destinationUnavailable: 0xd3,
  insufficientPrivilege: 0xd4,
  notInThisState: 0xd5,
} as const;

/** The bytes after completion code 0, or another completion code; 0 is "done" without bytes. */
export type Answer = Uint8Array | number;

export interface CommandContext {
  readonly bmc: Bmc;
  /** Undefined before a login. */
  readonly session: Session | undefined;
  readonly data: Buffer;
  readonly lun: number;
}

export interface Command {
  /** The least privilege level of who gives it; 0: also without a session. */
  readonly privilege: number;
  /** Bytes of data that it needs at least. */
  readonly length: number;
  readonly run: (context: CommandContext) => Answer;
}

/** Commands of one network function by their number. */
export type CommandTable = Readonly<Record<number, Command>>;

export function command(
  privilege: PrivilegeLevel | 'anyone',
  length: number,
  run: (context: CommandContext) => Answer,
): Command {
  return { privilege: privilege === 'anyone' ? 0 : privilegeLevel[privilege], length, run };
}
