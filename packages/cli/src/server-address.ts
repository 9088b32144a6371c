// Finds out where the server is and with which password to talk to it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from './command-error.ts';
import type { GlobalOptions } from './context.ts';
import { defaultDataDirectory } from './data-directory.ts';

export type ServerAddress =
  | { readonly kind: 'socket'; readonly socketPath: string }
  | {
      readonly kind: 'url';
      readonly url: URL;
      /** Value of the Authorization header; undefined: without credentials. */
      readonly authorization: string | undefined;
      readonly ca: Buffer | undefined;
    };

const defaultUser = 'admin';

/**
 * --url or $WROUGHT_URL when given, else the UNIX socket of the data directory. The password is $WROUGHT_PASSWORD, that
 * of the URL, or the generated one of the data directory; this last goes only to this machine or, when --data-dir was
 * given, where the caller says: no other host shall see it by accident.
 * @throws CommandError that says what is missing
 */
export function findServer(options: GlobalOptions, environment: NodeJS.ProcessEnv): ServerAddress {
  const dataDirectory = options.dataDir ?? defaultDataDirectory(environment);
  const given = options.url ?? environment.WROUGHT_URL;
  if (given === undefined || given === '') {
    const socketPath = join(dataDirectory, 'wrought.sock');
    if (!existsSync(socketPath)) {
      throw new CommandError(
        `no server runs on the data directory ${dataDirectory} (${socketPath} does not exist); ` +
          'start one with `wrought serve`, or name one with --url or --data-dir',
      );
    }
    return { kind: 'socket', socketPath };
  }
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
    throw new CommandError(`the server URL ${given} is not an http:// or https:// URL`);
  }
  const url = new URL(given);
  const user =
    options.user ?? (url.username ? decodeURIComponent(url.username) : (environment.WROUGHT_USER ?? defaultUser));
  const mayUseGenerated = isThisMachine(url.hostname) || options.dataDir !== undefined;
  const password =
    (url.password ? decodeURIComponent(url.password) : undefined) ??
    environment.WROUGHT_PASSWORD ??
    (mayUseGenerated ? generatedPassword(dataDirectory) : undefined);
  const caFile = options.caFile ?? environment.WROUGHT_CA_FILE;
  return {
    kind: 'url',
    url,
    authorization: password === undefined ? undefined : basicAuthorization(user, password),
    ca: caFile === undefined ? undefined : readCa(caFile),
  };
}

function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function generatedPassword(dataDirectory: string): string | undefined {
  const file = join(dataDirectory, 'password');
  if (!existsSync(file)) {
    return undefined;
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      `the password in ${file} can not be read (${reason}); run as its owner or set WROUGHT_PASSWORD`,
    );
  }
}

function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function readCa(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CommandError(`--ca-file can not be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
