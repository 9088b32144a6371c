// Copies the embedded database to one file while a server goes on writing.
import { closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { refuseWhileExchanging } from '../store/exchange.ts';

/** All pages in one step: a copy in parts would begin anew whenever the server wrote in between. */
const ALL_PAGES = 2 ** 31 - 1;

export interface BackupResult {
  readonly file: string;
  readonly size_bytes: number;
}

/**
 * Writes a consistent copy of the SQLite database `path` to the new file `file`, which only its owner can read.
 * @throws Error when the file exists, or when the copy is not sound; nothing is left behind then
 */
export async function backupDatabase(path: string, file: string): Promise<BackupResult> {
  if (!existsSync(path)) {
    throw new Error(`There is no database ${path} to back up.`);
  }
  refuseWhileExchanging(path);
  reserveFile(file);
  try {
    await copyOnline(path, file);
    checkIntegrity(file);
    return { file, size_bytes: statSync(file).size };
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
}

/** Makes an empty file of mode 0600. @throws Error when there is one */
function reserveFile(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(exists ? `${file} exists; name a new file.` : `${file} can not be written: ${reason}`, {
      cause: error,
    });
  }
}

/** Copies a database with SQLite's online backup to an empty file that exists, and leaves it as one file without a log beside it. */
export async function copyOnline(path: string, file: string): Promise<void> {
  const source = new DatabaseSync(path, { readOnly: true });
  try {
    await backup(source, file, { rate: ALL_PAGES });
  } finally {
    source.close();
  }
  const copy = new DatabaseSync(file);
  try {
    copy.exec('PRAGMA journal_mode = DELETE');
  } finally {
    copy.close();
  }
}

/** @throws Error that says what SQLite found wrong with the file */
export function checkIntegrity(file: string): void {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const findings = database
      .prepare('PRAGMA integrity_check')
      .all()
      .map(({ integrity_check }) => integrity_check);
    if (findings[0] !== 'ok') {
      throw new Error(`SQLite finds ${file} damaged: ${findings.slice(0, 3).join('; ')}.`);
    }
  } finally {
    database.close();
  }
}
