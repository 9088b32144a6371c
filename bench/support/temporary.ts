// A directory for one round, gone afterwards unless the round failed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs the work in a new directory; when it fails the directory stays and the error names it. */
export async function inTemporaryDirectory<Result>(
  name: string,
  work: (directory: string) => Promise<Result>,
): Promise<Result> {
  const directory = mkdtempSync(join(tmpdir(), `wrought-bench-${name}-`));
  let result: Result;
  try {
    result = await work(directory);
  } catch (error) {
    throw new Error(`${(error as Error).message}\nThe logs are in ${directory}`, { cause: error });
  }
  rmSync(directory, { recursive: true, force: true });
  return result;
}
