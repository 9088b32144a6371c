// The server as a process inside the lab's namespace: started, stopped, and killed at will, on one data directory.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { spawnInNamespace } from '../network/namespace.ts';

const readyDeadlineMilliseconds = 30_000;
const shownLogCharacters = 3000;

export interface ServerProcessOptions {
  namespace: string;
  /** The launcher, bin/wrought. */
  program: string;
  dataDirectory: string;
  logFile: string;
  /** "section.key=value", as `wrought serve --set` takes them. */
  settings: string[];
}

export interface ServerProcess {
  readonly socketPath: string;
  readonly logFile: string;
  /** Starts it, and resolves when it says that it is ready; the number is the milliseconds that took. */
  start(): Promise<number>;
  /** SIGTERM, and waits for its end. */
  stop(): Promise<void>;
  /** SIGKILL, and waits for its end. */
  kill(): Promise<void>;
  isRunning(): boolean;
}

/** Prepares the process; nothing runs before `start`. */
export function createServerProcess(options: ServerProcessOptions): ServerProcess {
  const { namespace, program, dataDirectory, logFile, settings } = options;
  let child: ChildProcess | undefined;

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const running = child;
    if (running === undefined) return;
    if (running.exitCode === null && running.signalCode === null) {
      const exited = once(running, 'exit');
      running.kill(signal);
      await exited;
    }
    child = undefined;
  }

  return {
    socketPath: join(dataDirectory, 'wrought.sock'),
    logFile,
    isRunning: () => child !== undefined && child.exitCode === null && child.signalCode === null,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async start() {
      const started = performance.now();
      const log = openSync(logFile, 'a');
      const given = ['serve', '--data-dir', dataDirectory, ...settings.flatMap((setting) => ['--set', setting])];
      const running = spawnInNamespace(namespace, program, given, { stdio: ['ignore', 'pipe', log] });
      closeSync(log);
      child = running;
      if (running.stdout === null) throw new Error('the server has no standard output');
      const lines = createInterface({ input: running.stdout });
      const deadline = AbortSignal.timeout(readyDeadlineMilliseconds);
      try {
        await Promise.race([
          (async () => {
            for await (const line of lines) if (line.includes('is ready')) return;
            throw new Error('it closed its output');
          })(),
          once(running, 'exit', { signal: deadline }).then(([code, signal]) => {
            throw new Error(`it ended with ${signal ?? `code ${code}`}`);
          }),
        ]);
      } catch (error) {
        await end('SIGKILL');
        const said = readFileSync(logFile, 'utf8').slice(-shownLogCharacters);
        throw new Error(`the server did not become ready: ${(error as Error).message}\n${said}`, { cause: error });
      }
      return performance.now() - started;
    },
  };
}
