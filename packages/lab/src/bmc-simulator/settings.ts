// What simulated BMCs have in common, with its defaults: users, logins, limits, and the make of the machine.
import {
  isImplemented,
  maximumKeyLength,
  maximumUserNameLength,
  type PrivilegeLevel,
  privilegeLevel,
  suiteOf,
} from '@wrought/ipmi/codec';
import type { Bmc } from './bmc.ts';
import type { Answer } from './commands/command.ts';
import { defaultMake, type Make } from './make.ts';
import type { SerialConsole } from './session/serial-console.ts';
import { echoConsole } from './session/serial-console.ts';

export interface BmcUser {
  /** 1 to 10; 1 is the null user. */
  readonly id: number;
  readonly name: string;
  readonly password: string;
  readonly privilege: PrivilegeLevel;
}

export type V15Login = 'none' | 'md5' | 'straightPassword';

/** A raw request that a hook may answer before the BMC's own commands do. */
export interface RawRequest {
  readonly netFn: number;
  readonly command: number;
  readonly data: Buffer;
}

export interface BmcSettings {
  /** One administrator "admin" with the password "secret12" when absent. */
  readonly users?: readonly BmcUser[];
  /** Kg of two-key logins, at most 20 bytes; none when absent. */
  readonly bmcKey?: Uint8Array;
  /** Cipher suites of the login; all that have an authentication when absent: 0 has to be named. */
  readonly suites?: readonly number[];
  /** Logins of IPMI 1.5; MD5 and straight password when absent, none of them turns IPMI 1.5 off. */
  readonly v15Logins?: readonly V15Login[];
  /** Sessions at once; 16 when absent. */
  readonly sessionLimit?: number;
  /** Seconds after which an idle session is forgotten; 60 when absent. */
  readonly sessionSeconds?: number;
  readonly make?: Make;
  /** What is behind SOL; each BMC has its own. A console that greets and echoes when absent. */
  readonly console?: (bmc: Bmc) => SerialConsole;
  /** Answers requests in sessions itself: bytes after completion code 0, or another code; undefined leaves it to the BMC. */
  readonly raw?: (request: RawRequest, bmc: Bmc) => Answer | undefined;
}

export interface ResolvedSettings {
  readonly users: readonly BmcUser[];
  readonly bmcKey: Uint8Array | undefined;
  readonly suites: readonly number[];
  readonly v15Logins: readonly V15Login[];
  readonly sessionLimit: number;
  readonly sessionMilliseconds: number;
  readonly make: Make;
  readonly console: (bmc: Bmc) => SerialConsole;
  readonly raw: ((request: RawRequest, bmc: Bmc) => Answer | undefined) | undefined;
}

export const maximumUserId = 10;
const defaultUsers: readonly BmcUser[] = [{ id: 2, name: 'admin', password: 'secret12', privilege: 'administrator' }];
const defaultSuites = [1, 2, 3, 6, 7, 8, 11, 12, 15, 16, 17];
const mostSessions = 63;

function checkUser(user: BmcUser): void {
  const { id, name, password, privilege } = user;
  if (!Number.isInteger(id) || id < 1 || id > maximumUserId) {
    throw new RangeError(`user id ${id} of "${name}": 1 to ${maximumUserId} are allowed`);
  }
  if (Buffer.byteLength(name) > maximumUserNameLength) {
    throw new RangeError(`user name "${name}" is longer than ${maximumUserNameLength} bytes`);
  }
  if (Buffer.byteLength(password) > maximumKeyLength) {
    throw new RangeError(`the password of "${name}" is longer than ${maximumKeyLength} bytes`);
  }
  if (privilegeLevel[privilege] === undefined) {
    throw new RangeError(
      `privilege "${privilege}" of "${name}": ${Object.keys(privilegeLevel).join(', ')} are allowed`,
    );
  }
}

/** Fills in the defaults. Throws a RangeError that says what is wrong and what is allowed. */
export function resolveSettings(given: BmcSettings): ResolvedSettings {
  const { users = defaultUsers, suites = defaultSuites, bmcKey, sessionLimit = 16, sessionSeconds = 60 } = given;
  for (const user of users) checkUser(user);
  for (const id of suites) {
    if (!isImplemented(suiteOf(id)))
      throw new RangeError(`cipher suite ${id} is one of those with xRC4, which are not there`);
  }
  if (!Number.isInteger(sessionLimit) || sessionLimit < 1 || sessionLimit > mostSessions) {
    throw new RangeError(`${sessionLimit} sessions: 1 to ${mostSessions} are allowed`);
  }
  if (bmcKey !== undefined && bmcKey.length > maximumKeyLength) {
    throw new RangeError(`the BMC key has ${bmcKey.length} bytes; at most ${maximumKeyLength} are allowed`);
  }
  return {
    users,
    bmcKey,
    suites,
    v15Logins: given.v15Logins ?? ['md5', 'straightPassword'],
    sessionLimit,
    sessionMilliseconds: sessionSeconds * 1000,
    make: given.make ?? defaultMake,
    console: given.console ?? echoConsole,
    raw: given.raw,
  };
}
