// Waits for a line on a serial console.
import { followFile } from './follow.ts';
import { createLineSplitter } from './lines.ts';

export interface SerialWaitOptions {
  deadlineSeconds: number;
  /** Where in the log to begin, in bytes; 0 when left out. */
  fromOffset?: number;
  /** Also takes a line that has begun and not ended; the match may then lack what is still to come. */
  unfinished?: boolean;
}

export interface SerialMatch {
  line: string;
  match: RegExpExecArray;
}

const shownLines = 15;

/** Resolves with the first line that matches. Rejects, with the last lines, when the deadline passes. */
export function waitForSerial(path: string, pattern: RegExp, options: SerialWaitOptions): Promise<SerialMatch> {
  return new Promise((resolve, reject) => {
    const splitter = createLineSplitter();
    const last: string[] = [];
    const finish = (action: () => void) => {
      clearTimeout(timer);
      follower.close();
      action();
    };
    const onData = (data: Buffer) => {
      const lines = splitter.push(data);
      last.push(...lines);
      last.splice(0, last.length - shownLines);
      for (const line of options.unfinished === true ? [...lines, splitter.unfinished()] : lines) {
        const match = pattern.exec(line);
        if (match !== null) return finish(() => resolve({ line, match }));
      }
    };
    const follower = followFile(path, options.fromOffset ?? 0, onData, (error) => finish(() => reject(error)));
    const timer = setTimeout(() => {
      const seen = [...last, splitter.unfinished()].filter((line) => line !== '').join('\n  ');
      const what = `${path}: nothing matched ${pattern} within ${options.deadlineSeconds} s`;
      finish(() => reject(new Error(`${what}; the last lines were:\n  ${seen || '(none)'}`)));
    }, options.deadlineSeconds * 1000);
  });
}
