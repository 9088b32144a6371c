// Keeps what a console says in a file of bounded size: when it is full it becomes the earlier one.
import { createWriteStream, existsSync, mkdirSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { TaskLog } from '../drivers/kit/index.ts';

const MEGABYTE = 1_000_000;

export interface ConsoleLog {
  write(characters: Buffer): void;
  close(): Promise<void>;
}

export interface ConsoleLogOptions {
  readonly directory: string;
  /** Name of the file, without its ending. */
  readonly name: string;
  readonly megabytes: number;
  readonly log: TaskLog;
}

/** Opens the file, readable by its owner alone: consoles show passwords. A disk that fails is logged and stops no console. */
export function openConsoleLog({ directory, name, megabytes, log }: ConsoleLogOptions): ConsoleLog {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, `${name}.log`);
  const limit = megabytes * MEGABYTE;
  let size = existsSync(path) ? statSync(path).size : 0;
  let stream = open();

  function open(): WriteStream {
    const opened = createWriteStream(path, { flags: 'a', mode: 0o600 });
    opened.on('error', (error) => log.error({ err: error, path }, 'A console could not be kept in its file.'));
    return opened;
  }

  return {
    write(characters) {
      if (size > 0 && size + characters.length > limit) {
        stream.end();
        try {
          renameSync(path, `${path}.1`);
        } catch (error) {
          // Somebody took the file away, or the folder can not be written: a new one is begun, or its error told.
          log.warn({ err: error, path }, 'A full console file could not be put aside.');
        }
        stream = open();
        size = 0;
      }
      size += characters.length;
      stream.write(characters);
    },
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}
