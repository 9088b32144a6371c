// What went wrong between this process and its SQLite file, as the error that clients try again after.
import { StoreUnavailableError } from '../unavailable.ts';

/** Primary result codes of SQLite (https://sqlite.org/rescode.html) after which the same statement may succeed later. */
const temporaryResults: Readonly<Record<number, string>> = {
  5: 'another process has locked it',
  10: 'it can not be read or written; look at the disk',
  13: 'its disk is full; free some room there',
  14: 'one of its files can not be opened; look at the disk and at the limit of open files',
};

/** What a failed statement is for the rest of the program: StoreUnavailableError when disk or file are the reason, else itself. */
export function sqliteError(error: unknown, place: string): unknown {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) : Number.NaN;
  // Extended codes keep the primary one in their lowest byte.
  const reason = temporaryResults[code & 0xff];
  return Number.isNaN(code) || reason === undefined
    ? error
    : new StoreUnavailableError(place, `${reason} (${(error as Error).message})`, error);
}
