// Runs a program to its end and returns what it printed, or an error that says what was run and what came back.
import { spawn } from 'node:child_process';

export interface RunOptions {
  /** The program is killed and the call fails when it runs longer. */
  timeoutSeconds?: number;
  input?: string | Uint8Array;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

export interface RunResult {
  stdout: string;
  stderr: string;
}

/** A program that could not be started, ended with a code other than 0, or ran too long. */
export class ProgramError extends Error {
  readonly command: string;
  /** The exit code; null when the program was killed by a signal or never started. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;

  constructor(command: string, outcome: string, exitCode: number | null, output: RunResult) {
    const said = (output.stderr.trim() || output.stdout.trim()).slice(-2000);
    super(`${command}: ${outcome}${said === '' ? '' : `: ${said}`}`);
    this.command = command;
    this.exitCode = exitCode;
    this.stdout = output.stdout;
    this.stderr = output.stderr;
  }
}

const defaultTimeoutSeconds = 60;

/** Runs a program without a shell. Throws ProgramError unless it ends with code 0 in time. */
export function run(file: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
  const timeoutSeconds = options.timeoutSeconds ?? defaultTimeoutSeconds;
  const command = [file, ...args].join(' ');
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: { ...(options.env ?? process.env), LC_ALL: 'C' },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: timeoutSeconds * 1000,
      killSignal: 'SIGKILL',
    });
    const output: RunResult = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output.stderr += text;
    });
    // A program may end without reading its input; its exit code is the evidence that counts.
    child.stdin.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') reject(error);
    });
    child.stdin.end(options.input ?? '');
    child.once('error', (error: NodeJS.ErrnoException) => {
      const hint = error.code === 'ENOENT' ? ' (not installed?)' : '';
      reject(new ProgramError(command, `could not be started: ${error.message}${hint}`, null, output));
    });
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output);
      else if (signal === 'SIGKILL' && child.killed) {
        reject(new ProgramError(command, `killed after ${timeoutSeconds} s`, code, output));
      } else {
        const outcome = code === null ? `ended by ${signal}` : `ended with code ${code}`;
        reject(new ProgramError(command, outcome, code, output));
      }
    });
  });
}
