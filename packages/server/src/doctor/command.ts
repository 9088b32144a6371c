// Runs a program for the little that it says about itself.
import { execFile } from 'node:child_process';

const TIMEOUT_MILLISECONDS = 10_000;

export interface CommandResult {
  readonly output: string;
  /** Why it did not end well; null when it did. */
  readonly failure: string | null;
}

/** Runs a program without a shell. */
export function run(program: string, args: readonly string[]): Promise<CommandResult> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: TIMEOUT_MILLISECONDS }, (error, stdout, stderr) =>
      resolve({ output: stdout, failure: error === null ? null : stderr.trim() || error.message }),
    );
  });
}
