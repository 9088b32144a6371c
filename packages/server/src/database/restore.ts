// Puts a backup in the place of the embedded database, and keeps what was there.
import { closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { lockDataDirectory } from '../data-lock.ts';
import { readSqlite } from '../store/connections.ts';
import { type ExchangeWatcher, exchangeDatabase, finishExchange, incomingOf } from '../store/exchange.ts';
import { checkUsable, readSchema } from '../store/schema.ts';
import { programLevel } from '../store/schema-level.ts';
import { checkIntegrity, copyOnline } from './backup.ts';
import { type UnfinishedWork, unfinishedWork } from './status.ts';

export interface RestoreOptions {
  /** The backup. */
  readonly file: string;
  /** The database of the server. */
  readonly path: string;
  readonly dataDirectory: string;
  /** Restores a backup with unfinished work, which the server then goes on with. */
  readonly withUnfinishedWork?: boolean;
  /** Told of each stage of the exchange; for tests that end the process there. */
  readonly watch?: ExchangeWatcher;
}

export interface RestoreResult {
  readonly path: string;
  /** Where the database is that was there before, if any. */
  readonly replaced: string | null;
  readonly schema_level: number;
  readonly program_level: number;
  readonly unfinished_work: number;
}

/** How many nodes an error names. */
const NODES_NAMED = 5;

/**
 * Checks the backup, copies it beside the database and exchanges the two.
 * @throws Error when a server runs, or when the backup is damaged, not a database of this program, too new, or holds unfinished
 *   work that nobody agreed to; the database is as it was then
 */
export async function restoreDatabase(options: RestoreOptions): Promise<RestoreResult> {
  const { file, path, dataDirectory } = options;
  if (!existsSync(file)) {
    throw new Error(`There is no backup ${file}.`);
  }
  const lock = lockDataDirectory(dataDirectory);
  const incoming = incomingOf(path);
  try {
    // One that was interrupted before is finished first: its file has the same name.
    finishExchange(path);
    const { level, work } = await inspect(file);
    if (work.length > 0 && options.withUnfinishedWork !== true) {
      throw new Error(unfinishedText(file, work));
    }
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    await copyBeside(file, incoming);
    const replaced = existsSync(path)
      ? `${path}.replaced-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}`
      : null;
    exchangeDatabase(path, replaced, options.watch);
    return { path, replaced, schema_level: level, program_level: programLevel(), unfinished_work: work.length };
  } finally {
    lock.release();
  }
}

/** Copies the backup to a new private file; nothing is left behind when that fails. */
async function copyBeside(file: string, incoming: string): Promise<void> {
  try {
    rmSync(incoming, { force: true });
    closeSync(openSync(incoming, 'wx', 0o600));
    await copyOnline(file, incoming);
  } catch (error) {
    rmSync(incoming, { force: true });
    throw error;
  }
}

async function inspect(file: string): Promise<{ level: number; work: UnfinishedWork[] }> {
  try {
    checkIntegrity(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${file} can not be restored: ${reason}`, { cause: error });
  }
  const db = readSqlite(file);
  try {
    const state = await readSchema(db);
    if (state.applied.length === 0) {
      throw new Error(`${file} is a SQLite database, but not one of this program.`);
    }
    checkUsable(state, file);
    return { level: state.level, work: await unfinishedWork(db) };
  } finally {
    await db.destroy();
  }
}

function unfinishedText(file: string, work: readonly UnfinishedWork[]): string {
  const named = work.slice(0, NODES_NAMED).map(({ flow, node, since }) => `${flow} of node ${node} since ${since}`);
  const more = work.length > NODES_NAMED ? ` and ${work.length - NODES_NAMED} more` : '';
  return (
    `${file} holds unfinished work: ${named.join('; ')}${more}. The server would go on with it, on machines that may be in ` +
    'use for something else by now: a deployment writes their disks. If you want that, add --with-unfinished-work.'
  );
}
