// Runs programs with argument lists, never through a shell, and turns their failures into sentences.
import { spawn } from 'node:child_process';

export type RunOptions = {
  /** Exit codes that count as success; 0 alone when absent. */
  okExitCodes?: number[];
  /** Written to the program's standard input. */
  input?: string;
  /** The program is killed after this time. */
  timeoutSeconds?: number;
  /** Called with standard output as it comes, for progress. */
  onOutput?: (text: string) => void;
  env?: { [name: string]: string };
  cwd?: string;
};

export type RunResult = { stdout: string; stderr: string; exitCode: number };

/** Runs a program to its end; the way in which hardware code reaches tools, so that tests can answer for them. */
export type Run = (program: string, args: readonly string[], options?: RunOptions) => Promise<RunResult>;

/** A program that could not be started or that ended badly; the message holds command, exit code and output. */
export class ProgramError extends Error {
  override name = 'ProgramError';
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;

  constructor(message: string, exitCode: number | null, stdout: string, stderr: string) {
    super(message);
    this.exitCode = exitCode;
    this.stdout = stdout;
    this.stderr = stderr;
  }
}

/** Output beyond this many characters is cut off in error messages. */
const MESSAGE_OUTPUT_MAX_CHARACTERS = 2000;

/** A program that hangs must not hold an agent for ever; long writers state their own limit. */
const DEFAULT_TIMEOUT_SECONDS = 300;

/**
 * Runs a program to its end.
 *
 * @throws ProgramError when it cannot be started, times out or exits with a code outside `okExitCodes`.
 */
export const run: Run = (program, args, options = {}) =>
  new Promise((resolve, reject) => {
    const command = [program, ...args].join(' ');
    const child = spawn(program, [...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    let stdout = '';
    let stderr = '';
    const timeoutSeconds = options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutSeconds * 1000);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      options.onOutput?.(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new ProgramError(`${program} could not be started: ${error.message}`, null, stdout, stderr));
    });
    child.on('close', (exitCode, signal) => {
      clearTimeout(timer);
      if (exitCode !== null && (options.okExitCodes ?? [0]).includes(exitCode)) {
        resolve({ stdout, stderr, exitCode });
        return;
      }
      const reason = timedOut
        ? `did not end within ${timeoutSeconds} s`
        : `ended with ${exitCode === null ? `signal ${signal}` : `exit code ${exitCode}`}`;
      const output = `${stderr}\n${stdout}`.trim().slice(0, MESSAGE_OUTPUT_MAX_CHARACTERS);
      reject(new ProgramError(`"${command}" ${reason}: ${output || 'no output'}`, exitCode, stdout, stderr));
    });
    // A program that ends before it has read its input breaks the pipe; its exit code tells the story.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
