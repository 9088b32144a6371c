// Starts dnsmasq, finds the one of an earlier life of the server again, starts it anew when it dies, and stops it.
import { spawn } from 'node:child_process';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskLog } from '../../drivers/kit/index.ts';
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts';

const WATCH_INTERVAL_MILLISECONDS = 1_000;
const FIRST_RESTART_PAUSE_MILLISECONDS = 500;
const LONGEST_RESTART_PAUSE_MILLISECONDS = 30_000;
/** A process that ran this long was healthy, and the next pause is short again. */
const HEALTHY_AFTER_MILLISECONDS = 60_000;
const STOP_GRACE_MILLISECONDS = 5_000;
const STOP_POLL_MILLISECONDS = 20;
/** dnsmasq refuses its configuration within this time or not at all. */
const EARLY_DEATH_MILLISECONDS = 300;

export interface DnsmasqProcessOptions {
  readonly program: string;
  readonly configurationPath: string;
  /** Holds pid, start time and the configuration that the process was started with. */
  readonly recordPath: string;
  /** Called before each start of a process. */
  readonly beforeLaunch: () => Promise<void>;
  readonly log: TaskLog;
}

export interface DnsmasqProcess {
  /** Writes the configuration and makes sure that a process runs with it. @throws Error with dnsmasq's own words */
  start(configuration: string): Promise<void>;
  /** Sends a signal to it, if it runs. */
  signal(signal: 'SIGUSR2'): Promise<void>;
  stop(): Promise<void>;
}

interface ProcessRecord extends ProcessIdentity {
  readonly configuration: string;
}

/** Makes the keeper of one dnsmasq. */
export function createDnsmasqProcess(options: DnsmasqProcessOptions): DnsmasqProcess {
  const { program, configurationPath, recordPath, beforeLaunch, log } = options;
  let current: ProcessRecord | undefined;
  let watch: { stop: AbortController; ended: Promise<void> } | undefined;

  async function readRecord(): Promise<ProcessRecord | undefined> {
    try {
      return JSON.parse(await readFile(recordPath, 'utf8')) as ProcessRecord;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) {
        return undefined;
      }
      throw error;
    }
  }

  async function end(identity: ProcessIdentity): Promise<void> {
    const deadline = performance.now() + STOP_GRACE_MILLISECONDS;
    let signal: NodeJS.Signals = 'SIGTERM';
    if (await isRunning(identity)) {
      process.kill(identity.pid, signal);
    }
    while (await isRunning(identity)) {
      if (performance.now() > deadline && signal === 'SIGTERM') {
        signal = 'SIGKILL';
        process.kill(identity.pid, signal);
      }
      await sleep(STOP_POLL_MILLISECONDS);
    }
  }

  /** Starts a process that outlives a crash of the server. */
  async function launch(configuration: string): Promise<ProcessRecord> {
    await beforeLaunch();
    const child = spawn(program, ['--keep-in-foreground', `--conf-file=${configurationPath}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    let words = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      words += text;
    });
    const early = new AbortController();
    const death = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => resolve(`${words.trim() || 'no word'} (${signal ?? `code ${code}`})`));
    });
    const survived = sleep(EARLY_DEATH_MILLISECONDS, undefined, { signal: early.signal }).catch(() => undefined);
    const problem = await Promise.race([death, survived]);
    early.abort();
    const identity = child.pid === undefined ? undefined : await identify(child.pid);
    if (problem !== undefined || identity === undefined) {
      throw new Error(
        `dnsmasq (${program}) did not start with ${configurationPath}: ${problem ?? words.trim()}. Check the dnsmasq section of the configuration, and that no other DHCP server has the interface.`,
      );
    }
    child.unref();
    child.stderr.destroy();
    const record = { ...identity, configuration };
    await writeFile(`${recordPath}.new`, JSON.stringify(record), { mode: 0o600 });
    await rename(`${recordPath}.new`, recordPath);
    log.info({ pid: identity.pid, program }, 'dnsmasq was started.');
    return record;
  }

  async function keepAlive(configuration: string, stop: AbortSignal): Promise<void> {
    let pause = FIRST_RESTART_PAUSE_MILLISECONDS;
    let startedAt = performance.now();
    while (!stop.aborted) {
      await sleep(WATCH_INTERVAL_MILLISECONDS, undefined, { signal: stop, ref: false });
      if (current !== undefined && (await isRunning(current))) {
        continue;
      }
      if (performance.now() - startedAt > HEALTHY_AFTER_MILLISECONDS) {
        pause = FIRST_RESTART_PAUSE_MILLISECONDS;
      }
      log.warn({ pid: current?.pid, pauseMilliseconds: pause }, 'dnsmasq has died; it is started again.');
      await sleep(pause, undefined, { signal: stop, ref: false });
      pause = Math.min(pause * 2, LONGEST_RESTART_PAUSE_MILLISECONDS);
      startedAt = performance.now();
      try {
        current = await launch(configuration);
      } catch (error) {
        log.error({ err: error }, 'dnsmasq could not be started again.');
      }
    }
  }

  return {
    async start(configuration) {
      await writeFile(configurationPath, configuration, { mode: 0o644 });
      const found = await readRecord();
      if (found !== undefined && (await isRunning(found))) {
        if (found.configuration === configuration) {
          log.info({ pid: found.pid }, 'The dnsmasq of an earlier start still runs and is kept.');
          current = found;
        } else {
          await end(found);
        }
      }
      current ??= await launch(configuration);
      const stop = new AbortController();
      const ended = keepAlive(configuration, stop.signal).catch((error: unknown) => {
        if (!stop.signal.aborted) {
          log.error({ err: error }, 'dnsmasq is no longer watched.');
        }
      });
      watch = { stop, ended };
    },
    async signal(signal) {
      if (current !== undefined && (await isRunning(current))) {
        process.kill(current.pid, signal);
      }
    },
    async stop() {
      watch?.stop.abort();
      await watch?.ended;
      watch = undefined;
      if (current !== undefined) {
        await end(current);
        current = undefined;
        await rm(recordPath, { force: true });
      }
    },
  };
}
