// What the commands get: a session with the BMC that is closed again, and errors in words.
import { type Client, createClient, IpmiError, type Session } from '@wrought/ipmi';
import { CommandError } from '../command-error.ts';
import type { Context } from '../context.ts';
import { type ConnectionOptions, sessionOptions } from './connection-options.ts';

export interface BmcParts {
  readonly context: Context;
  readonly host: string;
  readonly options: ConnectionOptions;
  /** Ends the command because its command line is wrong. */
  misused(message: string): never;
}

export interface Bmc extends BmcParts {
  /** Acts in a session that logs in when it is first used. */
  inSession(act: (session: Session) => Promise<void>): Promise<void>;
  /** Acts without a login. */
  withClient(act: (client: Client) => Promise<void>): Promise<void>;
}

export function bmcOf(parts: BmcParts): Bmc {
  const { context, host, options } = parts;
  const withClient = async (act: (client: Client) => Promise<void>) => {
    const client = createClient();
    try {
      await act(client);
    } catch (error) {
      throw inWords(error, parts);
    } finally {
      await client.close();
    }
  };
  return {
    ...parts,
    withClient,
    inSession: (act) => withClient(async (client) => act(client.session(await sessionOptions(context, host, options)))),
  };
}

/** Errors of the library say what to do; a RangeError of its own means that what the operator gave is not allowed. */
function inWords(error: unknown, { host, misused }: BmcParts): unknown {
  if (error instanceof IpmiError) {
    return new CommandError(error.message);
  }
  if (!(error instanceof Error)) {
    return error;
  }
  const isOfNode = 'code' in error;
  if (error instanceof RangeError && !isOfNode) {
    misused(error.message.replaceAll('allowNone', '--allow-none'));
  }
  // A name that is not found, or a network that is not there.
  return isOfNode && 'syscall' in error ? new CommandError(`${host} can not be reached: ${error.message}`) : error;
}
