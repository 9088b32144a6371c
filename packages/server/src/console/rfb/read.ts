// Reads a known number of bytes from a stream, and leaves the rest in it for whoever comes next.
import type { Readable } from 'node:stream';

/** Resolves when there may be something to read; rejects at the end of the stream, with what ended it. */
function readable(stream: Readable, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      stream.off('readable', onReadable).off('end', onEnd).off('close', onEnd).off('error', onError);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onReadable = () => end(resolve);
    const onEnd = () => end(() => reject(stream.errored ?? new Error('the connection was closed')));
    const onError = (error: Error) => end(() => reject(error));
    const onAbort = () => end(() => reject(signal.reason));
    if (signal.aborted) {
      reject(signal.reason);
    } else if (stream.readableEnded || stream.destroyed) {
      onEnd();
    } else {
      stream.on('readable', onReadable).on('end', onEnd).on('close', onEnd).on('error', onError);
      signal.addEventListener('abort', onAbort);
    }
  });
}

/**
 * The next bytes of a stream that nobody else reads meanwhile.
 * @throws Error when it ends before, the reason of the signal when that is aborted
 */
export async function readBytes(stream: Readable, count: number, signal: AbortSignal): Promise<Buffer> {
  if (count === 0) {
    return Buffer.alloc(0);
  }
  for (;;) {
    const bytes: Buffer | null = stream.read(count);
    if (bytes !== null && bytes.length === count) {
      return bytes;
    }
    // At its end a stream gives what is left, however short.
    if (bytes !== null) {
      throw new Error(`the connection was closed within a message, after ${bytes.length} of ${count} bytes`);
    }
    await readable(stream, signal);
  }
}
