// What a session needs to know, with its defaults, checked once.
import {
  authenticationAlgorithms,
  type CipherSuite,
  confidentialityAlgorithms,
  describeSuite,
  integrityAlgorithms,
  isImplemented,
  maximumKeyLength,
  maximumUserNameLength,
  maximumV15PasswordLength,
  type PrivilegeLevel,
  suiteOf,
} from '../codec/index.ts';

/** What may be missing from a session's protection, by name. */
export type Unprotected = 'authentication' | 'integrity' | 'confidentiality';
export type V15Authentication = 'md5' | 'straightPassword' | 'none';

export interface SessionOptions {
  /** Name, IPv4 or IPv6 address. */
  readonly host: string;
  /** 623 when absent. */
  readonly port?: number;
  /** At most 16 bytes; empty: the null user. */
  readonly userName?: string | Uint8Array;
  /** At most 20 bytes (16 for IPMI 1.5). */
  readonly password?: string | Uint8Array;
  /** Kg of BMCs with two-key logins, at most 20 bytes. */
  readonly bmcKey?: Uint8Array;
  /** Privilege level of the session; administrator when absent. */
  readonly privilege?: PrivilegeLevel;
  /** Whether the BMC looks the user up by name alone (the default), or by privilege level and name. */
  readonly userLookup?: 'name' | 'privilege and name';
  /** IPMI 2.0 when absent; 1.5 is spoken only when asked for. */
  readonly protocol?: '2.0' | '1.5';
  /** Numbers of cipher suites in the order in which they are tried; 17, then 3 when absent. One alone is used straight. */
  readonly suites?: readonly number[];
  /** Which "none" algorithms of the suites are allowed; none of them when absent. */
  readonly allowNone?: readonly Unprotected[];
  /** Authentication types of IPMI 1.5 in the order of preference; MD5, then straight password when absent. */
  readonly v15Authentication?: readonly V15Authentication[];
  /** GUID that the BMC must have; any when absent. */
  readonly guid?: Uint8Array;
  /** Milliseconds that the BMC has for a request, a login in between included; 10,000 when absent. */
  readonly timeout?: number;
  /** Milliseconds after which an idle session counts as expired; 25,000 when absent (BMCs give up after 60 s, some after 30). */
  readonly idleTimeout?: number;
  /** Milliseconds between requests that keep an idle session alive; none are sent when absent. */
  readonly keepAlive?: number;
}

export interface ResolvedOptions
  extends Required<Omit<SessionOptions, 'userName' | 'password' | 'bmcKey' | 'guid' | 'keepAlive'>> {
  readonly userName: Uint8Array;
  readonly password: Uint8Array;
  readonly bmcKey: Uint8Array | undefined;
  readonly guid: Uint8Array | undefined;
  readonly keepAlive: number | undefined;
}

export const defaultPort = 623;
const defaultSuites: readonly number[] = [17, 3];
const defaultV15Authentication: readonly V15Authentication[] = ['md5', 'straightPassword'];
const defaultTimeoutMilliseconds = 10_000;
const defaultIdleMilliseconds = 25_000;
const nothing = Buffer.alloc(0);

function bytesOf(value: string | Uint8Array | undefined, maximum: number, what: string): Uint8Array {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : (value ?? nothing);
  if (bytes.length > maximum) {
    throw new RangeError(`the ${what} has ${bytes.length} bytes; IPMI allows at most ${maximum}`);
  }
  return bytes;
}

function missing(suite: CipherSuite): Unprotected[] {
  return [
    ...(authenticationAlgorithms[suite.authentication]?.hash === undefined ? (['authentication'] as const) : []),
    ...(integrityAlgorithms[suite.integrity]?.hash === undefined ? (['integrity'] as const) : []),
    ...(confidentialityAlgorithms[suite.confidentiality]?.name === 'none' ? (['confidentiality'] as const) : []),
  ];
}

function checkSuites(suites: readonly number[], allowed: readonly Unprotected[]): void {
  if (suites.length === 0) throw new RangeError('the list of cipher suites is empty');
  for (const id of suites) {
    const suite = suiteOf(id);
    if (!isImplemented(suite)) throw new RangeError(`cipher suite ${id} (${describeSuite(suite)}) is not implemented`);
    const refused = missing(suite).filter((each) => !allowed.includes(each));
    if (refused.length > 0) {
      throw new RangeError(
        `cipher suite ${id} (${describeSuite(suite)}) has no ${refused.join(' and no ')}; name what may be missing in allowNone to use it`,
      );
    }
  }
}

/** Throws a RangeError that says what is wrong and what is allowed. */
export function resolveOptions(given: SessionOptions): ResolvedOptions {
  const port = given.port ?? defaultPort;
  if (!Number.isInteger(port) || port < 1 || port > 0xffff) {
    throw new RangeError(`the port is ${port}; it must be a whole number from 1 to 65535`);
  }
  const protocol = given.protocol ?? '2.0';
  const suites = given.suites ?? defaultSuites;
  const allowNone = given.allowNone ?? [];
  if (protocol === '2.0') checkSuites(suites, allowNone);
  const passwordLimit = protocol === '2.0' ? maximumKeyLength : maximumV15PasswordLength;
  return {
    host: given.host,
    port,
    userName: bytesOf(given.userName, maximumUserNameLength, 'user name'),
    password: bytesOf(given.password, passwordLimit, 'password'),
    bmcKey: given.bmcKey === undefined ? undefined : bytesOf(given.bmcKey, maximumKeyLength, 'BMC key'),
    privilege: given.privilege ?? 'administrator',
    userLookup: given.userLookup ?? 'name',
    protocol,
    suites,
    allowNone,
    v15Authentication: given.v15Authentication ?? defaultV15Authentication,
    guid: given.guid,
    timeout: given.timeout ?? defaultTimeoutMilliseconds,
    idleTimeout: given.idleTimeout ?? defaultIdleMilliseconds,
    keepAlive: given.keepAlive,
  };
}
