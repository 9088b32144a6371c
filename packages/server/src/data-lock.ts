// One process per data directory: a lock that the operating system drops when the process ends, however it ends.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface DataLock {
  release(): void;
}

/** Another process has the data directory. */
export class DataDirectoryInUseError extends Error {}

/** Takes the data directory for this process alone. The file lock of an exclusive SQLite transaction needs no clean-up. */
export function lockDataDirectory(directory: string): DataLock {
  const file = join(directory, 'lock');
  let database: DatabaseSync;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    database = new DatabaseSync(file, { timeout: 0 });
  } catch (error) {
    throw new Error(
      `The data directory ${directory} can not be used (${sentence(error)}). It has to be a folder in which this user may write; --data-dir names another one.`,
    );
  }
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isLockError(error)) {
      throw new DataDirectoryInUseError(
        `The data directory ${directory} is in use by another server. Stop that one, or name another folder with --data-dir.`,
      );
    }
    throw new Error(
      `The lock ${file} can not be taken (${sentence(error)}); is the folder writable and the disk not full?`,
    );
  }
  return { release: () => database.close() };
}

/** SQLITE_BUSY: another process has the lock. */
const SQLITE_BUSY = 5;

function isLockError(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
