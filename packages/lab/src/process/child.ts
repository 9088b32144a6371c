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

let isWatching = false;

/** However this process ends, it leaves no child behind. */
function killWithThisProcess(): void {
  if (isWatching) return;
  isWatching = true;
  process.on('exit', () => {
    for (const child of running) child.kill('SIGKILL');
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
}

/** Starts a program that ends with this process at the latest; its output goes to the file. `env` is beside that of this process. */
export function startChild(
  name: string,
  program: string,
  args: readonly string[],
  logFile: string,
  env: NodeJS.ProcessEnv = {},
): Child {
  killWithThisProcess();
  const log = openSync(logFile, 'a');
  const child = spawn(program, args, { stdio: ['ignore', log, log], env: { ...process.env, ...env } });
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
