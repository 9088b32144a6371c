// Makes the password of the first start, so that a server without any configuration is not an open one.
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashSync } from 'bcryptjs';
import type { Config } from '../../config/index.ts';

/** The user whose password is generated. */
export const generatedUser = 'admin';

/** The password has 192 random bits: nobody can try them all, so the hash need not be slow, and the start is quick. */
const generatedPasswordBytes = 24;
const generatedHashCost = 6;

/** File with the generated password, read by the command line: `<data directory>/password`. */
export function passwordFile(dataDirectory: string): string {
  return join(dataDirectory, 'password');
}

/**
 * Makes `password` and `htpasswd` in the data directory (both mode 0600) when the configuration relies on them and
 * they are not there yet.
 * @throws Error when api.http_basic_auth_user_file names another file and that does not exist
 */
export function ensureCredentials(config: Config): void {
  const htpasswd = config.api.http_basic_auth_user_file;
  if (config.api.auth !== 'http_basic' || existsSync(htpasswd)) {
    return;
  }
  if (htpasswd !== join(config.dataDirectory, 'htpasswd')) {
    throw new Error(
      `api.http_basic_auth_user_file: ${htpasswd} does not exist; make it with \`htpasswd -cB ${htpasswd} USER\`, ` +
        'or leave the option out to have a password generated in the data directory',
    );
  }
  mkdirSync(config.dataDirectory, { recursive: true, mode: 0o700 });
  const file = passwordFile(config.dataDirectory);
  if (!existsSync(file)) {
    createPrivateFile(file, `${randomBytes(generatedPasswordBytes).toString('base64url')}\n`);
  }
  // A start that was killed between the two files, or an htpasswd that was deleted: the password stays what it was.
  const password = readFileSync(file, 'utf8').trim();
  createPrivateFile(htpasswd, `${generatedUser}:${hashSync(password, generatedHashCost)}\n`);
}

/** Makes a file that is either whole or not there; one that is already there stays as it is. */
function createPrivateFile(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  rmSync(draft, { force: true });
  writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
      throw error;
    }
  } finally {
    rmSync(draft);
  }
}
