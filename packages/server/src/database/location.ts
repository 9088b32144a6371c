// Where a database is, as the command line names it, and whether a server may be using it.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DataDirectoryInUseError, type DataLock, lockDataDirectory } from '../data-lock.ts';
import { isPostgresUrl } from '../store/connections.ts';

/**
 * The location behind "sqlite:PATH" or "postgres://USER:PASSWORD@HOST:PORT/NAME", as `openStore` takes it.
 * @throws Error for anything else
 */
export function readLocation(text: string): string {
  if (isPostgresUrl(text)) {
    return text;
  }
  const path = /^sqlite:(.+)$/.exec(text)?.[1];
  if (path === undefined) {
    throw new Error(`"${text}" is no database; allowed: sqlite:PATH, postgres://USER:PASSWORD@HOST:PORT/NAME.`);
  }
  return resolve(path);
}

/**
 * Keeps servers away from SQLite files: takes the locks of their folders and of the data directories given, where there are any.
 * @throws Error when a server has one of them
 */
export function lockOutServers(paths: readonly string[], dataDirectories: readonly string[] = []): DataLock {
  const taken: DataLock[] = [];
  const release = () => {
    for (const lock of taken.splice(0)) {
      lock.release();
    }
  };
  try {
    for (const directory of new Set([...paths.map(dirname), ...dataDirectories])) {
      if (existsSync(join(directory, 'lock'))) {
        taken.push(lockDataDirectory(directory));
      }
    }
  } catch (error) {
    release();
    throw error;
  }
  return { release };
}

/** Whether a server has the data directory. */
export function serverRunsOn(directory: string): boolean {
  if (!existsSync(join(directory, 'lock'))) {
    return false;
  }
  try {
    lockDataDirectory(directory).release();
    return false;
  } catch (error) {
    if (error instanceof DataDirectoryInUseError) {
      return true;
    }
    throw error;
  }
}
