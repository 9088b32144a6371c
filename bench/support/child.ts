// Starts a server's process with its output in a file, and ends it again within a bounded time.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';

/** A server that has not ended this long after SIGTERM is killed. */
const STOP_TIMEOUT_MILLISECONDS = 10_000;

/** So much of the end of a log is shown when a server ends too early. */
const LOG_TAIL_LINES = 15;

export interface Child {
  readonly name: string;
  readonly pid: number;
  /** Throws, with the end of its log, when the process has ended. */
  assertRunning(): void;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();

// However the benchmark ends, it leaves no server behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Starts a program; its output goes to the file. */
export function startChild(name: string, program: string, args: readonly string[], logFile: string): Child {
  const log = openSync(logFile, 'a');
  const child = spawn(program, args, { stdio: ['ignore', log, log] });
  closeSync(log);
  running.add(child);
  child.on('exit', () => running.delete(child));
  let failure: Error | undefined;
  child.on('error', (error) => {
    failure = error;
  });
  const hasEnded = () => failure !== undefined || child.exitCode !== null || child.signalCode !== null;
  return {
    name,
    pid: child.pid ?? Number.NaN,
    assertRunning() {
      if (!hasEnded()) return;
      const tail = readFileSync(logFile, 'utf8').split('\n').slice(-LOG_TAIL_LINES).join('\n');
      const how = failure?.message ?? `exit code ${child.exitCode ?? child.signalCode}`;
      throw new Error(`${name} (${program}) ended: ${how}. Its log ends with:\n${tail}`);
    },
    async stop() {
      if (!hasEnded()) await end(child);
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MILLISECONDS);
  await exited;
  clearTimeout(killer);
}

/** Runs a program to its end and returns what it printed; throws with its messages when it fails. */
export async function runProgram(program: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let messages = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    messages += chunk;
  });
  // A program that ends without reading its input says why by its exit code and its messages.
  child.stdin.on('error', (error) => {
    messages += `${error.message}\n`;
  });
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${messages.slice(-2000)}`);
  return output;
}
