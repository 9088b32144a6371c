// Checks the data directory: whose it is, who may read what is secret in it, and how much room there is.
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../config/index.ts';
import { type Finding, ok, problem, reasonOf, warning } from './finding.ts';

const MEBIBYTE = 1024 * 1024;
/** Less than this, and writing fails soon. */
const LEAST_FREE_MEBIBYTES = 200;
/** Less than this, and one cached image may fill the disk. */
const LITTLE_FREE_MEBIBYTES = 2048;

/** What nobody but the owner may read. */
const secretFiles = ['password', 'htpasswd', 'wrought.db'];

export function checkDataDirectory({ dataDirectory, deploy, pxe }: Config): Finding[] {
  const subject = 'data directory';
  if (!existsSync(dataDirectory)) {
    const parent = existingParent(dataDirectory);
    return [
      isWritable(parent)
        ? ok(subject, `${dataDirectory} is not there yet; the first start makes it.`)
        : problem(
            subject,
            `${dataDirectory} is not there, and ${parent} can not be written to.`,
            'Make it for the user of the server: install -d -m 0700 -o USER DIRECTORY; or name another one with --data-dir.',
          ),
      checkFreeSpace(parent),
    ];
  }
  const roots = [deploy.http_root, pxe.tftp_root].filter((root) => existsSync(root));
  const disks = Map.groupBy([dataDirectory, ...roots], (place) => statSync(place).dev);
  return [
    checkOwner(dataDirectory),
    ...checkSecrets(dataDirectory),
    ...[...disks.values()].flatMap(([place]) => (place === undefined ? [] : [checkFreeSpace(place)])),
  ];
}

function checkOwner(directory: string): Finding {
  const subject = 'data directory';
  const { uid, mode } = statSync(directory);
  const own = process.getuid?.() ?? uid;
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  if (!isWritable(directory)) {
    return problem(
      subject,
      `${directory} (owner ${uid}, mode ${octal}) can not be written to by this user (${own}).`,
      'Run this as the user of the server, or give the folder to it: chown -R USER DIRECTORY.',
    );
  }
  if (uid !== own) {
    return warning(
      subject,
      `${directory} belongs to the user ${uid}, and this command runs as ${own}.`,
      'Start the server and its commands as the same user, so that it can read what they make.',
    );
  }
  if ((mode & 0o077) !== 0) {
    return warning(
      subject,
      `${directory} has the mode ${octal}: other users may look into it.`,
      `chmod 0700 ${directory}`,
    );
  }
  return ok(subject, `${directory} belongs to this user (${own}) alone (mode ${octal}).`);
}

function checkSecrets(directory: string): Finding[] {
  return secretFiles
    .map((name) => join(directory, name))
    .filter((file) => existsSync(file) && (statSync(file).mode & 0o077) !== 0)
    .map((file) =>
      problem(
        'secrets',
        `${file} holds secrets, and other users may read it.`,
        `chmod 0600 ${file}, and change what is in it.`,
      ),
    );
}

function checkFreeSpace(directory: string): Finding {
  const { bavail, bsize, blocks } = statfsSync(directory);
  const free = Math.floor((bavail * bsize) / MEBIBYTE);
  const total = Math.floor((blocks * bsize) / MEBIBYTE);
  const message = `${free} MiB of ${total} MiB are free where ${directory} is.`;
  const remedy =
    'Make room, or move the data directory (--data-dir) or the caches (deploy.http_root) to a larger disk.';
  if (free < LEAST_FREE_MEBIBYTES) {
    return problem('disk', message, remedy);
  }
  return free < LITTLE_FREE_MEBIBYTES ? warning('disk', message, remedy) : ok('disk', message);
}

function existingParent(path: string): string {
  const parent = dirname(path);
  return existsSync(parent) ? parent : existingParent(parent);
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return true;
  } catch (error) {
    if (['EACCES', 'EROFS', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      return false;
    }
    throw new Error(`${directory} can not be looked at: ${reasonOf(error)}`, { cause: error });
  }
}
