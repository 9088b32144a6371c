// What the commands get: a client of the service that is closed again, its system, and errors in words.
import {
  adoptQuirks,
  type Client,
  ConnectionError,
  createClient,
  listSystems,
  managersOf,
  type Oddity,
  RedfishError,
  type Resource,
  ResponseError,
  type Trust,
  UnsupportedError,
} from '@wrought/redfish';
import { type Command, Option } from 'commander';
import { parseSeconds, readText } from '../../arguments.ts';
import { CommandError } from '../../command-error.ts';
import type { Context } from '../../context.ts';
import { passwordOf, userOf } from '../credentials.ts';

export interface ServiceOptions {
  readonly passwordFile?: string;
  readonly ca?: string;
  readonly fingerprint?: string;
  readonly insecure?: true;
  /** Seconds. */
  readonly timeout?: number;
  readonly json?: true;
}

/** Adds the options of `ServiceOptions` to a command, but for --json. */
export function withServiceOptions(command: Command): Command {
  return command
    .option('--password-file <file>', 'file with the password')
    .addOption(
      new Option('--ca <file>', 'trust certificates of these authorities (PEM)').conflicts(['fingerprint', 'insecure']),
    )
    .addOption(
      new Option('--fingerprint <sha256>', 'trust the one certificate with this fingerprint').conflicts('insecure'),
    )
    .option('--insecure', 'trust any certificate: whoever is in between reads the password')
    .option('--timeout <seconds>', 'longest wait for an answer (default: 60)', parseSeconds);
}

export const serviceNotes = `
--user and --format stand for the BMC's user (default: admin) and the form of the answer here too.
The password is that of --password-file, else $REDFISH_PASSWORD, else it is asked for.
`;

export interface ServiceParts {
  readonly context: Context;
  readonly url: string;
  readonly options: ServiceOptions;
  /** Ends the command because its command line is wrong. */
  misused(message: string): never;
}

/** Acts with a client that logs in when it is first used; its session is ended. @throws CommandError */
export async function withClient<T>(
  parts: ServiceParts,
  act: (client: Client) => Promise<T>,
  onOddity: (oddity: Oddity) => void = () => {},
): Promise<T> {
  const { context, url, options } = parts;
  try {
    const trust = trustOf(options);
    const common = {
      ...{ url, userName: userOf(context), maximumConnections: 1, onOddity },
      ...(trust === undefined ? {} : { tls: { trust } }),
      ...(options.timeout === undefined ? {} : { timeoutMilliseconds: Math.round(options.timeout * 1000) }),
    };
    // What is wrong with address and options shall be told before a password is asked for.
    await createClient(common).close();
    const password = await passwordOf(
      context,
      `${userOf(context)} at ${url}`,
      options.passwordFile,
      'REDFISH_PASSWORD',
    );
    await using client = createClient({ ...common, password });
    return await act(client);
  } catch (error) {
    throw inWords(error, parts);
  }
}

function trustOf({ ca, fingerprint, insecure }: ServiceOptions): Trust | undefined {
  if (insecure) return 'any-certificate';
  if (fingerprint !== undefined) return { fingerprint };
  if (ca === undefined) return undefined;
  const caPem = readText(ca);
  if (!caPem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new CommandError(`${ca} holds no certificate in PEM form; give that of the authority, or of the BMC itself`);
  }
  return { caPem };
}

const tlsAdvice =
  'name the authority with --ca FILE, the one certificate with --fingerprint SHA256, or trust any with --insecure';

/** Errors of the library say what to do; a RangeError of its own means that what the operator gave is not allowed. */
function inWords(error: unknown, { misused }: ServiceParts): unknown {
  if (error instanceof ConnectionError && error.kind === 'tls') {
    return new CommandError(`${error.message}: ${tlsAdvice}`);
  }
  if (error instanceof RedfishError) {
    return new CommandError(error.message);
  }
  if (error instanceof RangeError && !('code' in error)) {
    misused(error.message.replace('tls.trust.fingerprint', '--fingerprint').replace(/give userName.*$/, 'see --user'));
  }
  return error;
}

export interface Service extends ServiceParts {
  /** Acts with a client; what the BMC fails to give is told. */
  inSession(act: (client: Client) => Promise<void>): Promise<void>;
  /** The same with the system that is meant, to read. */
  withSystem(act: (client: Client, system: Resource) => Promise<void>): Promise<void>;
  /** The same to change something: the client does as the make of the BMC needs it. */
  toChange(act: (client: Client, system: Resource) => Promise<void>): Promise<void>;
}

export function serviceOf(parts: ServiceParts & { readonly system: string | undefined }): Service {
  const { context } = parts;
  // Only what is missing from the answer is told, not what is merely written otherwise.
  const tell = ({ path, property, expected, found }: Oddity) => {
    if (property === '') context.note(`${path}: no ${expected.replace(/^the /, '')}: ${found}`);
  };
  const inSession = (act: (client: Client) => Promise<void>) => withClient(parts, act, tell);
  const withSystem: Service['withSystem'] = (act) =>
    inSession(async (client) => act(client, await wantedSystem(client, parts.system)));
  return {
    ...parts,
    inSession,
    withSystem,
    toChange: (act) =>
      withSystem(async (client, system) => {
        await adoptQuirks(client, system, await managerOf(client, system));
        await act(client, system);
      }),
  };
}

/** One of several by its id or path. @throws CommandError that names those there are */
export function oneOf<T extends { readonly id: string; readonly path: string }>(
  what: string,
  found: readonly T[],
  wanted: string,
): T {
  const one = found.find(({ id, path }) => id === wanted || path === wanted || path === `${wanted}/`);
  if (one !== undefined) return one;
  const ids = found.map(({ id }) => id).join(', ');
  throw new CommandError(`the BMC has no ${what} "${wanted}"; it has ${ids || 'none'}`);
}

async function wantedSystem(client: Client, wanted: string | undefined): Promise<Resource> {
  const systems = await listSystems(client);
  if (wanted !== undefined) return oneOf('system', systems, wanted);
  const [system, ...others] = systems;
  if (system === undefined) throw new CommandError(`${client.origin} has no system; look at: get Systems`);
  if (others.length === 0) return system;
  const ids = systems.map(({ id }) => id).join(', ');
  throw new CommandError(`the BMC has ${systems.length} systems: ${ids}; name one with --system ID`);
}

/** The manager tells which firmware it is; without one what root and system say has to do. */
async function managerOf(client: Client, system: Resource): Promise<Resource | undefined> {
  try {
    return (await managersOf(client, system))[0];
  } catch (error) {
    if (error instanceof UnsupportedError || error instanceof ResponseError) return undefined;
    throw error;
  }
}
