// Finds out where the server is and with which password or login to talk to it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError } from './command-error.ts';
import type { GlobalOptions } from './context.ts';
import { defaultDataDirectory } from './data-directory.ts';
import { type KeystoneLogin, keystoneLogin } from './keystone.ts';

export type ServerAddress =
  | { readonly kind: 'socket'; readonly socketPath: string }
  | {
      readonly kind: 'url';
      readonly url: URL;
      /** Value of the Authorization header; undefined: without credentials. */
      readonly authorization: string | undefined;
      readonly ca: Buffer | undefined;
      /** Where the token comes from, for servers that authenticate by Keystone. */
      readonly keystone: KeystoneLogin | undefined;
    }
  /** The catalogue of Keystone knows where the server is. */
  | { readonly kind: 'catalog'; readonly keystone: KeystoneLogin; readonly ca: Buffer | undefined };

const defaultUser = 'admin';

/**
 * --url or $WROUGHT_URL when given, else what the catalogue says where $OS_AUTH_URL is set and no data directory is named,
 * else the UNIX socket of the data directory. The password is $WROUGHT_PASSWORD or that of the URL; without one, the OS_*
 * variables bring a token. Else the password is the generated one of the data directory, which goes only to this machine or,
 * when --data-dir was given, where the caller says: no other host shall see it by accident.
 * @throws CommandError that says what is missing
 */
export function findServer(options: GlobalOptions, environment: NodeJS.ProcessEnv): ServerAddress {
  const dataDirectory = options.dataDir ?? defaultDataDirectory(environment);
  const given = options.url ?? environment.WROUGHT_URL;
  const caFile = options.caFile ?? environment.WROUGHT_CA_FILE;
  const cloudCa = environment.OS_CACERT ? readCa(environment.OS_CACERT, 'OS_CACERT') : undefined;
  const ca = caFile === undefined ? cloudCa : readCa(caFile, '--ca-file');
  if (given === undefined || given === '') {
    const isDirectoryNamed = options.dataDir !== undefined || Boolean(environment.WROUGHT_DATA_DIR);
    const keystone = isDirectoryNamed || !environment.OS_AUTH_URL ? undefined : keystoneLogin(environment, cloudCa);
    if (keystone !== undefined) {
      return { kind: 'catalog', keystone, ca };
    }
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
  const givenPassword = (url.password ? decodeURIComponent(url.password) : undefined) ?? environment.WROUGHT_PASSWORD;
  const keystone = givenPassword === undefined ? keystoneLogin(environment, cloudCa) : undefined;
  const mayUseGenerated = keystone === undefined && (isThisMachine(url.hostname) || options.dataDir !== undefined);
  const password = givenPassword ?? (mayUseGenerated ? generatedPassword(dataDirectory) : undefined);
  return {
    kind: 'url',
    url,
    authorization: password === undefined ? undefined : basicAuthorization(user, password),
    ca,
    keystone,
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

function readCa(file: string, name: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CommandError(`${name} can not be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
