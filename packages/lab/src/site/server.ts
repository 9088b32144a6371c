// The server as a process, in the lab's namespace or on this host: started, stopped, and killed at will, on one data directory.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { spawnInNamespace } from '../network/namespace.ts';

const readyDeadlineMilliseconds = 30_000;
const shownLogCharacters = 3000;

export interface ServerProcessOptions {
  /** The network namespace in which it runs; left out: this host's own. */
  namespace?: string;
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
  /**
   * Starts it, and resolves when it says that it is ready; the number is the milliseconds that took. Settings given here win
   * over those of the options, for this start alone.
   */
  start(moreSettings?: readonly string[]): Promise<number>;
  /** Where it listens on TCP ("http://HOST:PORT"), as it said when it was last ready. */
  url(): string;
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
  let url: string | undefined;

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
    url() {
      if (url === undefined) throw new Error('the server said no address on which it listens');
      return url;
    },
    async start(moreSettings = []) {
      const started = performance.now();
      const log = openSync(logFile, 'a');
      const given = [
        'serve',
        '--data-dir',
        dataDirectory,
        ...[...settings, ...moreSettings].flatMap((setting) => ['--set', setting]),
      ];
      const stdio: SpawnOptions = { stdio: ['ignore', 'pipe', log] };
      const running =
        namespace === undefined ? spawn(program, given, stdio) : spawnInNamespace(namespace, program, given, stdio);
      closeSync(log);
      child = running;
      if (running.stdout === null) throw new Error('the server has no standard output');
      const lines = createInterface({ input: running.stdout });
      const deadline = AbortSignal.timeout(readyDeadlineMilliseconds);
      try {
        await Promise.race([
          (async () => {
            for await (const line of lines) {
              if (!line.includes('is ready')) continue;
              url = /https?:\/\/[^\s,]+/.exec(line)?.[0];
              return;
            }
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
