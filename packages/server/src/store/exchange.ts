// Exchanges the embedded database for one that was restored. A marker beside it lets whoever opens it next finish what a crash left.
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

interface Marker {
  /** Where the database from before goes; null when there was none. */
  readonly replaced: string | null;
}

/** Where an exchange stands; told for tests that end the process there. */
export type ExchangeStage = 'marked' | 'linked' | 'log moved' | 'exchanged';
export type ExchangeWatcher = (stage: ExchangeStage) => void;

/** The file that takes the place of the database. */
export const incomingOf = (path: string) => `${path}.incoming`;
const markerOf = (path: string) => `${path}.restoring`;

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function isExchanging(path: string): boolean {
  return existsSync(markerOf(path));
}

/**
 * Puts the complete file `incomingOf(path)` in the place of the database, which is there at every moment. From the marker on there is
 * no way back: what fails or is interrupted is finished later.
 */
export function exchangeDatabase(path: string, replaced: string | null, watch: ExchangeWatcher = () => {}): void {
  sync(incomingOf(path));
  const begun = `${markerOf(path)}.new`;
  writeFileSync(begun, JSON.stringify({ replaced } satisfies Marker), { mode: 0o600, flush: true });
  renameSync(begun, markerOf(path));
  sync(dirname(path));
  finishExchange(path, watch);
}

/** @throws Error while an exchange is not finished: who only reads would see a database without its log */
export function refuseWhileExchanging(path: string): void {
  if (isExchanging(path)) {
    throw new Error(
      `A restore of ${path} was interrupted. Start the server, or run "wrought db upgrade": either finishes it.`,
    );
  }
}

/** Finishes an exchange that was interrupted; nothing when there is none. Each of its steps may be done already. */
export function finishExchange(path: string, watch: ExchangeWatcher = () => {}): void {
  if (!isExchanging(path)) {
    return;
  }
  watch('marked');
  const { replaced } = JSON.parse(readFileSync(markerOf(path), 'utf8')) as Marker;
  if (existsSync(incomingOf(path))) {
    if (replaced !== null && !existsSync(replaced)) {
      linkSync(path, replaced);
    }
    watch('linked');
    // What is not yet in the file itself belongs to it and not to the new one.
    for (const ending of ['-wal', '-shm']) {
      if (existsSync(`${path}${ending}`)) {
        if (replaced === null) {
          rmSync(`${path}${ending}`);
        } else {
          renameSync(`${path}${ending}`, `${replaced}${ending}`);
        }
      }
    }
    watch('log moved');
    renameSync(incomingOf(path), path);
    sync(dirname(path));
  }
  watch('exchanged');
  rmSync(markerOf(path));
  sync(dirname(path));
}
