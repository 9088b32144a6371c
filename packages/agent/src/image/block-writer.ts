// Writes a stream to a disk in large pieces, gathering while the piece before is written and without copying.
import { type FileHandle, open } from 'node:fs/promises';
import { AgentFailure } from '../errors.ts';

export type BlockWriter = {
  /** Takes a chunk; resolves when there is room for the next one. */
  write: (chunk: Buffer) => Promise<void>;
  /** Writes what is left, makes the disk keep it, and closes. */
  finish: () => Promise<void>;
  /** Closes after a failure. */
  abandon: () => Promise<void>;
};

/** Bytes gathered before they are written: large enough for disks, small enough for machines with little memory. */
const GATHERED_BYTES = 4 * 1024 * 1024;

async function writeFully(file: FileHandle, chunks: Buffer[], position: number): Promise<void> {
  let remaining = chunks;
  let offset = position;
  while (remaining.length > 0) {
    const { bytesWritten } = await file.writev(remaining, offset);
    offset += bytesWritten;
    let skip = bytesWritten;
    const rest: Buffer[] = [];
    for (const chunk of remaining) {
      if (skip >= chunk.length) skip -= chunk.length;
      else {
        rest.push(skip === 0 ? chunk : chunk.subarray(skip));
        skip = 0;
      }
    }
    remaining = rest;
  }
}

/** Opens a disk or file for writing from its beginning. */
export async function openBlockWriter(path: string, flags: 'r+' | 'w' = 'r+'): Promise<BlockWriter> {
  const file = await open(path, flags);
  let gathered: Buffer[] = [];
  let gatheredBytes = 0;
  let position = 0;
  let pending: Promise<void> = Promise.resolve();

  const flush = async (): Promise<void> => {
    await pending;
    const chunks = gathered;
    pending = writeFully(file, chunks, position);
    // The failure is thrown by whoever awaits next; until then it must not count as unhandled.
    pending.catch(() => undefined);
    position += gatheredBytes;
    gathered = [];
    gatheredBytes = 0;
  };
  const failed = (error: unknown): never => {
    throw new AgentFailure('ImageWriteError', `writing to ${path} near byte ${position} failed: ${error}`);
  };

  return {
    write: async (chunk) => {
      gathered.push(chunk);
      gatheredBytes += chunk.length;
      if (gatheredBytes >= GATHERED_BYTES) await flush().catch(failed);
    },
    finish: async () => {
      try {
        await flush();
        await pending;
        await file.sync();
      } catch (error) {
        failed(error);
      } finally {
        await file.close();
      }
    },
    abandon: async () => {
      await pending.catch(() => undefined);
      await file.close();
    },
  };
}
