// Follows a log file that another process writes, line by line.
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_INTERVAL_MILLISECONDS = 250;
const CHUNK_BYTES = 64 * 1024;

export interface FollowedFile {
  stop(): Promise<void>;
}

/**
 * Calls `onLine` for each line written after this call; a file that is replaced or cut is read from its beginning.
 * @param afterRead called with the size of the file after each look, so that the caller can rotate it
 */
export function followFile(
  path: string,
  onLine: (line: string) => void,
  onError: (error: unknown) => void,
  afterRead: (bytes: number) => Promise<void>,
): FollowedFile {
  const stop = new AbortController();
  let offset: number | undefined;
  let inode: number | undefined;
  let rest = '';

  async function look(): Promise<void> {
    let file: Awaited<ReturnType<typeof open>>;
    try {
      file = await open(path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        offset ??= 0;
        return;
      }
      throw error;
    }
    try {
      const { size, ino } = await file.stat();
      offset ??= size;
      if ((inode !== undefined && ino !== inode) || size < offset) {
        offset = 0;
        rest = '';
      }
      inode = ino;
      while (offset < size) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, offset);
        offset += bytesRead;
        const lines = (rest + buffer.toString('utf8', 0, bytesRead)).split('\n');
        rest = lines.pop() ?? '';
        lines.forEach(onLine);
        if (bytesRead === 0) {
          break;
        }
      }
      await afterRead(size);
    } finally {
      await file.close();
    }
  }

  const ended = (async () => {
    while (!stop.signal.aborted) {
      try {
        await look();
        await sleep(POLL_INTERVAL_MILLISECONDS, undefined, { signal: stop.signal, ref: false });
      } catch (error) {
        if (!stop.signal.aborted) {
          onError(error);
          await sleep(POLL_INTERVAL_MILLISECONDS, undefined, { ref: false });
        }
      }
    }
  })();
  return {
    async stop() {
      stop.abort();
      await ended;
    },
  };
}
