// Follows a growing log file, from an offset to whatever is written next.

import { watch } from 'node:fs';
import { open } from 'node:fs/promises';

export interface Follower {
  close(): void;
}

// File systems that announce nothing (overlays, network mounts) are read at this interval.
const pollIntervalMilliseconds = 200;
const readBytes = 64 * 1024;

/** Hands over each new piece of a file as bytes, in order, starting at `fromOffset`. The file must exist. */
export function followFile(
  path: string,
  fromOffset: number,
  onData: (data: Buffer, offset: number) => void,
  onError: (error: Error) => void,
): Follower {
  let offset = fromOffset;
  let closed = false;
  let reading = false;
  let again = false;

  const readNew = async () => {
    const file = await open(path, 'r');
    try {
      for (;;) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(readBytes), 0, readBytes, offset);
        if (bytesRead === 0 || closed) return;
        const start = offset;
        offset += bytesRead;
        onData(buffer.subarray(0, bytesRead), start);
      }
    } finally {
      await file.close();
    }
  };
  const wake = () => {
    again = true;
    if (reading || closed) return;
    reading = true;
    (async () => {
      while (again && !closed) {
        again = false;
        await readNew();
      }
    })()
      .catch((error: Error) => {
        if (!closed) onError(error);
      })
      .finally(() => {
        reading = false;
      });
  };

  const watcher = watch(path, wake);
  watcher.on('error', onError);
  const timer = setInterval(wake, pollIntervalMilliseconds);
  wake();
  return {
    close() {
      closed = true;
      watcher.close();
      clearInterval(timer);
    },
  };
}
