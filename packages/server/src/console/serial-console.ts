// One serial console: keeps the line to the machine open, and shares it among all who listen.
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsoleEnd } from '@wrought/contract';
import type { TaskLog } from '../drivers/kit/index.ts';
import { createListener, type Listener, type ListenerOptions } from './listener.ts';

/** Pauses between two tries to open the line. */
const FIRST_PAUSE_MILLISECONDS = 1_000;
const LONGEST_PAUSE_MILLISECONDS = 60_000;
/** What a new listener sees of what was said before. */
const SCROLLBACK_BYTES = 64 * 1024;

export interface SerialConsoleOptions {
  /** Names the node in logs. */
  readonly node: string;
  /** Opens the line; what was held by somebody else is taken over. */
  readonly open: (signal: AbortSignal) => Promise<Duplex>;
  /** Told all that the machine says. */
  readonly keep: (characters: Buffer) => void;
  readonly log: TaskLog;
}

export interface SerialConsole {
  /** Joins a listener: it gets what the machine says, and what it sends goes to the machine. */
  attach(stream: Duplex, options: ListenerOptions): void;
  /** How many listeners there are. */
  readonly listeners: number;
  /** Resolves when the line is open for the first time. @throws what kept it from that */
  readonly opened: Promise<void>;
  /** Closes the line, and lets all listeners go with this reason. */
  close(end: ConsoleEnd): Promise<void>;
}

/** Opens it, and again whenever the line breaks, until it is closed. */
export function createSerialConsole({ node, open, keep, log }: SerialConsoleOptions): SerialConsole {
  const closing = new AbortController();
  const { signal } = closing;
  const listeners = new Set<Listener>();
  const firstTry = Promise.withResolvers<void>();
  // Whoever does not ask hears of it in the log.
  firstTry.promise.catch(() => {});
  let scrollback = Buffer.alloc(0);
  let line: Duplex | undefined;
  let isBroken = false;

  function say(characters: Buffer): void {
    scrollback = Buffer.concat([scrollback, characters]).subarray(-SCROLLBACK_BYTES);
    for (const listener of listeners) {
      listener.tell(characters);
    }
  }

  /** What the console says of itself stands apart from what the machine says. */
  function note(text: string): void {
    say(Buffer.from(`\r\n[console: ${text}]\r\n`));
  }

  function resumeListeners(): void {
    for (const listener of listeners) {
      listener.resume();
    }
  }

  async function serve(): Promise<void> {
    const opened = await open(signal);
    line = opened;
    firstTry.resolve();
    if (isBroken) {
      isBroken = false;
      note('the line is open again');
    }
    // What breaks it while nobody waits for its end, such as a BMC that is gone when the console is given back.
    opened.on('error', () => {});
    opened.on('drain', resumeListeners);
    opened.on('data', (characters: Buffer) => {
      keep(characters);
      say(characters);
    });
    try {
      await once(opened, 'close', { signal });
    } finally {
      line = undefined;
      opened.destroy();
      resumeListeners();
    }
  }

  async function run(): Promise<void> {
    let pause = FIRST_PAUSE_MILLISECONDS;
    while (!signal.aborted) {
      const begin = performance.now();
      let reason = 'the BMC closed it';
      try {
        await serve();
      } catch (error) {
        firstTry.reject(error);
        reason = error instanceof Error ? error.message : String(error);
      }
      if (signal.aborted) {
        return;
      }
      // A line that held for a while is opened again soon.
      pause = performance.now() - begin > LONGEST_PAUSE_MILLISECONDS ? FIRST_PAUSE_MILLISECONDS : pause;
      log.warn({ node, reason, pauseSeconds: pause / 1000 }, 'The line of a console broke; it is opened again.');
      isBroken = true;
      note(`the line broke: ${reason}; it is opened again`);
      await sleep(pause, undefined, { signal }).catch(() => {});
      pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS);
    }
  }
  const running = run();

  return {
    opened: firstTry.promise,
    get listeners() {
      return listeners.size;
    },
    attach(stream, options) {
      const listener = createListener(stream, options, {
        type(characters) {
          if (line === undefined) {
            listener.tell('\r\n[console: the line is not open; what you type is lost]\r\n');
            return true;
          }
          // Whoever pastes much waits until the machine has taken it.
          return line.write(characters);
        },
        gone: () => listeners.delete(listener),
      });
      listeners.add(listener);
      listener.tell(scrollback);
    },
    async close(end) {
      closing.abort();
      await running;
      for (const listener of listeners) {
        listener.letGo(end);
      }
    },
  };
}
