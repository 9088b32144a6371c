// One process per data directory: a lock that the operating system drops when the process ends, however it ends.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Thrown when another process holds the data directory. */
export class DataDirectoryLockedError extends Error {}

export interface DataLock {
  release(): void;
}

/** Takes the data directory for this process alone. The file lock of an exclusive SQLite transaction needs no clean-up. */
export function lockDataDirectory(directory: string): DataLock {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(directory, 'lock'), { timeout: 0 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw new DataDirectoryLockedError(
      `The data directory ${directory} is in use by another server (${error instanceof Error ? error.message : String(error)}). Stop that one, or name another folder with --data-dir.`,
    );
  }
  return { release: () => database.close() };
}
