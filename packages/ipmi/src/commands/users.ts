// Users of the BMC: names, access, passwords (IPMI 2.0, 22.26 to 22.30).
import { networkFunction } from '../codec/message.ts';
import type { Connection } from '../connection.ts';
import { CompletionCodeError } from '../errors.ts';
import { behaviourOf } from '../quirks.ts';
import { type Choice, choices } from './bit-fields.ts';
import { getDeviceId } from './device.ts';
import { FieldReader } from './field-reader.ts';

const netFn = networkFunction.application;
const highestUserId = 63;
const nameLength = 16;
const longestPassword = 20;

/** Privilege levels, and "no access" (table 6-2). */
export const accessLevels = choices({
  1: 'callback',
  2: 'user',
  3: 'operator',
  4: 'administrator',
  5: 'oem',
  15: 'no access',
});
export type AccessLevel = (typeof accessLevels.names)[number];

const enableStates = choices({ 0: 'unspecified', 1: 'enabled', 2: 'disabled' });

export interface UserAccess {
  /** Of the whole channel: how many ids there are, how many are enabled, and how many names are fixed. */
  readonly maximumUsers: number;
  readonly enabledUsers: number;
  readonly fixedNames: number;
  /** Whether Set User Password enabled the user. */
  readonly state: Choice<(typeof enableStates.names)[number]>;
  readonly callbackOnly: boolean;
  readonly linkAuthentication: boolean;
  /** The user may open IPMI sessions. */
  readonly ipmiMessaging: boolean;
  readonly privilegeLimit: Choice<AccessLevel>;
}

function checkUserId(userId: number): number {
  if (Number.isInteger(userId) && userId >= 1 && userId <= highestUserId) return userId;
  throw new RangeError(`user id ${userId}: 1 to ${highestUserId} are allowed`);
}

export function decodeUserAccess(data: Uint8Array): UserAccess {
  const reader = new FieldReader(data, 'Get User Access');
  const maximum = reader.u8('maximum users');
  const enabled = reader.u8('enabled users');
  const fixed = reader.u8('fixed names');
  const access = reader.u8('access');
  return {
    maximumUsers: maximum & 0x3f,
    enabledUsers: enabled & 0x3f,
    fixedNames: fixed & 0x3f,
    state: enableStates.decode(enabled >> 6),
    callbackOnly: (access & 0x40) !== 0,
    linkAuthentication: (access & 0x20) !== 0,
    ipmiMessaging: (access & 0x10) !== 0,
    privilegeLimit: accessLevels.decode(access & 0x0f),
  };
}

export function encodeUserAccess(access: UserAccess): Buffer {
  return Buffer.from([
    access.maximumUsers,
    access.enabledUsers | (enableStates.encode(access.state) << 6),
    access.fixedNames,
    (access.callbackOnly ? 0x40 : 0) |
      (access.linkAuthentication ? 0x20 : 0) |
      (access.ipmiMessaging ? 0x10 : 0) |
      accessLevels.encode(access.privilegeLimit),
  ]);
}

/** Get User Access (22.27). */
export async function getUserAccess(connection: Connection, channel: number, userId: number): Promise<UserAccess> {
  const data = Uint8Array.of(channel, checkUserId(userId));
  return decodeUserAccess(await connection.request({ netFn, command: 0x44, data }));
}

export interface SetUserAccessOptions {
  readonly privilegeLimit: Choice<AccessLevel>;
  /** All three, or none of them: then they stay as they are. */
  readonly flags?: Pick<UserAccess, 'callbackOnly' | 'linkAuthentication' | 'ipmiMessaging'>;
  /** How many sessions at once; 0 is as many as the BMC allows. Absent: not sent, since old BMCs refuse it. */
  readonly sessionLimit?: number;
}

/** Set User Access (22.26). */
export async function setUserAccess(
  connection: Connection,
  channel: number,
  userId: number,
  { privilegeLimit, flags, sessionLimit }: SetUserAccessOptions,
): Promise<void> {
  const changed =
    flags === undefined
      ? 0
      : 0x80 |
        (flags.callbackOnly ? 0x40 : 0) |
        (flags.linkAuthentication ? 0x20 : 0) |
        (flags.ipmiMessaging ? 0x10 : 0);
  const bytes = [channel | changed, checkUserId(userId), accessLevels.encode(privilegeLimit)];
  if (sessionLimit !== undefined) bytes.push(sessionLimit);
  await connection.request({ netFn, command: 0x43, data: Uint8Array.from(bytes) }, { repeatable: true });
}

const namesOfNobody: ReadonlySet<number> = new Set([0xcb, 0xcc]);

/** Get User Name (22.29); undefined for an id without a user, for which BMCs answer 0xcc or 0xcb. */
export async function getUserName(connection: Connection, userId: number): Promise<string | undefined> {
  try {
    const answer = await connection.request({ netFn, command: 0x46, data: Uint8Array.of(checkUserId(userId)) });
    return answer.subarray(0, nameLength).toString('utf8').replace(/\0.*$/s, '');
  } catch (error) {
    if (error instanceof CompletionCodeError && namesOfNobody.has(error.code)) return undefined;
    throw error;
  }
}

/** Set User Name (22.28): at most 16 bytes. */
export async function setUserName(connection: Connection, userId: number, name: string): Promise<void> {
  const bytes = Buffer.from(name, 'utf8');
  if (bytes.length > nameLength) throw new RangeError(`user name "${name}" has ${bytes.length} bytes, 16 are allowed`);
  const data = Buffer.alloc(1 + nameLength);
  data[0] = checkUserId(userId);
  data.set(bytes, 1);
  await connection.request({ netFn, command: 0x45, data }, { repeatable: true });
}

const passwordOperations = { disable: 0, enable: 1, set: 2, test: 3 } as const;
const shortPassword = 16;

async function userPassword(
  connection: Connection,
  userId: number,
  operation: keyof typeof passwordOperations,
  password: string | undefined,
  size: number,
): Promise<void> {
  const bytes = Buffer.from(password ?? '', 'utf8');
  if (bytes.length > size) throw new RangeError(`the password has ${bytes.length} bytes, ${size} are allowed`);
  const data = Buffer.alloc(2 + (password === undefined ? 0 : size));
  data[0] = checkUserId(userId) | (password !== undefined && size === longestPassword ? 0x80 : 0);
  data[1] = passwordOperations[operation];
  data.set(bytes, 2);
  await connection.request({ netFn, command: 0x47, data }, { repeatable: true });
}

export interface SetUserEnabledOptions {
  /** Sends an empty password along, which some BMCs want and none stores; absent: what is known of the BMC decides. */
  readonly withPassword?: boolean;
}

/** Set User Password (22.30): enables or disables a user. */
export async function setUserEnabled(
  connection: Connection,
  userId: number,
  isEnabled: boolean,
  { withPassword }: SetUserEnabledOptions = {},
): Promise<void> {
  const operation = isEnabled ? 'enable' : 'disable';
  const isWanted = withPassword ?? behaviourOf(await getDeviceId(connection)).passwordToEnableUser;
  await userPassword(connection, userId, operation, isWanted ? '' : undefined, shortPassword);
}

/**
 * Set User Password (22.30). Passwords of up to 16 bytes are stored so that IPMI 1.5 sessions can use them too;
 * longer ones, up to 20, only IPMI 2.0 sessions.
 */
export async function setUserPassword(connection: Connection, userId: number, password: string): Promise<void> {
  const size = Buffer.byteLength(password) > shortPassword ? longestPassword : shortPassword;
  await userPassword(connection, userId, 'set', password, size);
}

const testFailed: ReadonlySet<number> = new Set([0x80, 0x81]);

/** Set User Password (22.30): whether this is the user's password, stored with 16 or 20 bytes. */
export async function testUserPassword(
  connection: Connection,
  userId: number,
  password: string,
  storedBytes: 16 | 20 = Buffer.byteLength(password) > shortPassword ? 20 : 16,
): Promise<boolean> {
  try {
    await userPassword(connection, userId, 'test', password, storedBytes);
    return true;
  } catch (error) {
    if (error instanceof CompletionCodeError && testFailed.has(error.code)) return false;
    throw error;
  }
}
