// A small disk of its own for what a test fills to the last byte: a tmpfs, which takes root to mount.
import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync, rmdirSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  readonly directory: string;
  /** Leaves no free byte on it. */
  fill(): void;
  /** Gives the room back. */
  free(): void;
  remove(): void;
}

function run(program: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr}`);
  }
}

/** Whether this process may mount one. */
export const canMount = () => process.getuid?.() === 0;

/** Mounts a disk of so many MiB. @throws Error where mounting is not allowed */
export function mountSmallDisk(mebibytes: number): SmallDisk {
  const directory = mkdtempSync(join(tmpdir(), 'wrought-disk-'));
  run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0755`, 'wrought-disk', directory]);
  chmodSync(directory, 0o755);
  const filler = join(directory, 'filler');
  return {
    directory,
    fill() {
      const { bavail, bsize } = statfsSync(directory);
      if (bavail > 0) {
        // May find less than was free a moment ago; the loop takes the rest.
        spawnSync('fallocate', ['--length', String(bavail * bsize), filler]);
      }
      const file = openSync(filler, 'a');
      try {
        for (const page = Buffer.alloc(4096); ; ) {
          writeSync(file, page);
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') {
          throw error;
        }
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler, { force: true }),
    remove() {
      run('umount', [directory]);
      rmdirSync(directory);
    },
  };
}
