// Builds the argument list of ipmitool. No secret is in it where ipmitool leaves a choice: they go by file or environment.
import type { IpmiConnection } from '../connection.ts';

export interface Invocation {
  /** Seconds that ipmitool waits for one packet. */
  readonly packetTimeoutSeconds: number;
  /** Null: none is named (IPMI 1.5, or the choice of ipmitool). */
  readonly cipherSuite: string | null;
  /** File that holds the password; null: it is in the environment. */
  readonly passwordFile: string | null;
  readonly words: readonly string[];
}

/** The Kg key as text that an environment variable can hold; null when it has bytes that it can not. */
export function kgKeyText(hex: string): string | null {
  const bytes = Buffer.from(hex, 'hex');
  return bytes.every((byte) => byte > 0 && byte < 0x80) ? bytes.toString('latin1') : null;
}

function bridgingArguments({ bridging }: IpmiConnection): string[] {
  if (bridging === null) {
    return [];
  }
  const { localAddress, transitChannel, transitAddress } = bridging;
  return [
    ...(localAddress === null ? [] : ['-m', localAddress]),
    ...(transitChannel === null ? [] : ['-B', transitChannel]),
    ...(transitAddress === null ? [] : ['-T', transitAddress]),
    '-b',
    bridging.targetChannel,
    '-t',
    bridging.targetAddress,
  ];
}

function kgKeyArguments({ kgKeyHex }: IpmiConnection): string[] {
  if (kgKeyHex === null) {
    return [];
  }
  // ipmitool takes bytes that are no text only as an argument.
  return kgKeyText(kgKeyHex) === null ? ['-y', kgKeyHex] : ['-K'];
}

/** The whole argument list; `-v` because only then ipmitool says why a session was refused. */
export function ipmitoolArguments(connection: IpmiConnection, invocation: Invocation): string[] {
  const { cipherSuite, passwordFile, packetTimeoutSeconds, words } = invocation;
  return [
    '-v',
    '-I',
    connection.protocolVersion === '1.5' ? 'lan' : 'lanplus',
    '-H',
    connection.address,
    '-p',
    String(connection.port),
    '-L',
    connection.privilegeLevel,
    ...(connection.username === null ? [] : ['-U', connection.username]),
    ...kgKeyArguments(connection),
    ...(cipherSuite === null ? [] : ['-C', cipherSuite]),
    ...(passwordFile === null ? ['-E'] : ['-f', passwordFile]),
    '-R',
    '1',
    '-N',
    String(packetTimeoutSeconds),
    ...bridgingArguments(connection),
    ...words,
  ];
}
