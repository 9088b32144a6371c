// Reads single values from sysfs and procfs; what is not there is null, because hardware differs.
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';

/** Error codes of files that a piece of hardware does not have or refuses to tell. */
const ABSENT_CODES = new Set([
  'ENOENT',
  'ENOTDIR',
  'EINVAL',
  'EIO',
  'ENODEV',
  'ENXIO',
  'EOPNOTSUPP',
  'EACCES',
  'EPERM',
]);

function orNull<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && ABSENT_CODES.has(String(error.code))) return null;
    throw error;
  }
}

/** The trimmed content of a file; null when it is absent, unreadable or empty. */
export function readValue(path: string): string | null {
  return orNull(() => readFileSync(path, 'utf8').trim()) || null;
}

/** A file that holds a number, or null. */
export function readNumber(path: string): number | null {
  const text = readValue(path);
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : null;
}

/** Names in a directory, sorted; none when it is absent. */
export function listDirectory(path: string): string[] {
  return (orNull(() => readdirSync(path)) ?? []).sort();
}

/** The last part of what a link points to, or null. */
export function readLinkName(path: string): string | null {
  const target = orNull(() => readlinkSync(path));
  return target === null ? null : basename(target);
}

/** A path with all its links followed, or null. */
export function resolvePath(path: string): string | null {
  return orNull(() => realpathSync(path));
}
