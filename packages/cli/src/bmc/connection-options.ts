// From the options of the command line to those of an IPMI session.
import type { SessionOptions } from '@wrought/ipmi';
import { CommandError } from '../command-error.ts';
import type { Context } from '../context.ts';
import { passwordOf, readSecret, userOf } from './credentials.ts';

export interface ConnectionOptions {
  readonly passwordFile?: string;
  readonly port?: number;
  readonly suite?: readonly number[];
  readonly allowNone?: NonNullable<SessionOptions['allowNone']>;
  readonly privilege?: NonNullable<SessionOptions['privilege']>;
  readonly kgFile?: string;
  readonly ipmi15?: true;
  /** Seconds. */
  readonly timeout?: number;
  readonly json?: true;
}

const millisecondsASecond = 1000;

/** Kg is text, or any bytes in hexadecimal digits. @throws CommandError */
function readBmcKey(file: string): Buffer {
  const text = readSecret(file);
  if (!text.startsWith('0x')) {
    return Buffer.from(text, 'utf8');
  }
  if (!/^0x([0-9a-f]{2})+$/i.test(text)) {
    throw new CommandError(`the BMC key in ${file} begins with 0x and has no hexadecimal digits, two a byte, after it`);
  }
  return Buffer.from(text.slice(2), 'hex');
}

export function millisecondsOf(options: ConnectionOptions): { readonly timeout?: number } {
  return options.timeout === undefined ? {} : { timeout: Math.round(options.timeout * millisecondsASecond) };
}

/** @throws CommandError when a secret can not be had */
export async function sessionOptions(
  context: Context,
  host: string,
  options: ConnectionOptions,
): Promise<SessionOptions> {
  const { port, suite, allowNone, privilege, kgFile, ipmi15 } = options;
  const userName = userOf(context);
  const password = await passwordOf(context, `${userName} at ${host}`, options.passwordFile, 'IPMI_PASSWORD');
  return {
    ...{ host, userName, password },
    ...(port === undefined ? {} : { port }),
    ...(suite === undefined ? {} : { suites: suite }),
    ...(allowNone === undefined ? {} : { allowNone }),
    ...(privilege === undefined ? {} : { privilege }),
    ...(kgFile === undefined ? {} : { bmcKey: readBmcKey(kgFile) }),
    ...(ipmi15 === undefined ? {} : { protocol: '1.5' }),
    ...millisecondsOf(options),
  };
}
