// Runs the programs that make images, and finds the boot loaders that go into them.
import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Debian's package of each program. */
const packages = { xorriso: 'xorriso', mformat: 'mtools', mmd: 'mtools', mcopy: 'mtools' } as const;

/**
 * Runs one of them and waits for its end.
 * @throws Error that names the program, and the package where it is missing
 */
export async function runTool(program: keyof typeof packages, args: readonly string[]): Promise<void> {
  try {
    // mtools would refuse images whose size is not that of a disk drive.
    await run(program, [...args], { env: { ...process.env, MTOOLS_SKIP_CHECK: '1' } });
  } catch (error) {
    const { code, stderr, message } = error as NodeJS.ErrnoException & { stderr?: string };
    const why =
      code === 'ENOENT'
        ? `it is not installed; install the Debian package ${packages[program]}`
        : stderr?.trim().split('\n').slice(-3).join(' ') || message;
    throw new Error(`The program ${program}, which makes boot images, failed: ${why}.`, { cause: error });
  }
}

/** The first of these paths that exists; null when none does. */
export async function firstThere(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    try {
      await access(path);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        throw error;
      }
    }
  }
  return null;
}
