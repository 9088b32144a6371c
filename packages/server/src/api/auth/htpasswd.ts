// Reads htpasswd files with bcrypt hashes, and reads them again when they change.
import { readFileSync, statSync } from 'node:fs';

/** User name to bcrypt hash. */
export type Hashes = ReadonlyMap<string, string>;

export interface HtpasswdFile {
  /** The hashes as of the last look at the file. */
  hashes(): Hashes;
  /** Reads the file now. @throws Error with file, line and remedy when it can not be used; the old hashes stay. */
  reload(): void;
}

/** A change of the file takes effect at most this much later; looking at each request would cost a system call each. */
const changeCheckIntervalMilliseconds = 1000;

const bcryptHash = /^\$2[aby]?\$\d{2}\$[./A-Za-z0-9]{53}$/;

/** Parses the text of an htpasswd file. @throws Error naming `file` and the line that is not "user:bcrypt-hash" */
export function parseHtpasswd(text: string, file: string): Hashes {
  const hashes = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) {
      continue;
    }
    const colon = line.indexOf(':');
    const hash = line.slice(colon + 1).trim();
    if (colon < 1 || !bcryptHash.test(hash)) {
      throw new Error(`${file}:${index + 1}: is not "user:bcrypt hash"; make the line with \`htpasswd -nB USER\``);
    }
    hashes.set(line.slice(0, colon), hash);
  }
  return hashes;
}

/**
 * Opens an htpasswd file and keeps up with it. While a changed file can not be used, the last good one stays in force
 * and `onProblem` gets the reason.
 * @throws Error when the file can not be used at the start
 */
export function openHtpasswdFile(file: string, onProblem: (error: Error) => void): HtpasswdFile {
  let hashes: Hashes = new Map();
  let seen = '';
  let checkedAt = performance.now();
  let lastProblem = '';

  function reload(): void {
    // Noted before the reading: a file that changes meanwhile is read once more, an unusable one is not read each time.
    seen = fileStamp(file);
    hashes = parseHtpasswd(readFileSync(file, 'utf8'), file);
    lastProblem = '';
  }

  function reloadIfChanged(): void {
    const now = performance.now();
    if (now - checkedAt < changeCheckIntervalMilliseconds) {
      return;
    }
    checkedAt = now;
    try {
      if (fileStamp(file) !== seen) {
        reload();
      }
    } catch (error) {
      const problem = error instanceof Error ? error : new Error(String(error));
      if (problem.message !== lastProblem) {
        lastProblem = problem.message;
        onProblem(problem);
      }
    }
  }

  reload();
  return {
    hashes() {
      reloadIfChanged();
      return hashes;
    },
    reload,
  };
}

/** Something that differs after the file was written or replaced. */
function fileStamp(file: string): string {
  const { ino, size, mtimeNs } = statSync(file, { bigint: true });
  return `${ino} ${size} ${mtimeNs}`;
}
