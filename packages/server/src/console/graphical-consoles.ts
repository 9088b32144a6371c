// The graphical consoles of this conductor: who may look at the screen of a machine, and for whom it is open just now.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { registeredError } from '@wrought/contract';
import type { Config } from '../config/index.ts';
import type { ConsoleLine, TaskLog } from '../drivers/kit/index.ts';
import { consoleClosed, serverStops } from './ends.ts';
import { consoleIsFull } from './full.ts';
import type { Screening } from './screening.ts';

const TOKEN_BYTES = 32;

interface Token {
  readonly text: string;
  readonly madeAt: number;
}

interface Shown {
  /** The newest last; older ones hold until their time is over. */
  tokens: readonly Token[];
  readonly screenings: Set<Screening>;
  /** Screens that are being opened for somebody. */
  opening: number;
  /** When somebody last asked for its address or looked at it; milliseconds of the monotonic clock. */
  usedAt: number;
}

/** Opens a connection to the screen of a machine, logged in as a viewer up to ClientInit (RFC 6143, section 7.3.1). */
export type OpenScreen = (signal: AbortSignal) => Promise<Duplex>;

export interface GraphicalConsoles {
  /** Lets people look at the screen of a node. Safe to repeat. */
  start(node: string): void;
  /** Ends that for those who look, too, and for all addresses that were given out. */
  stop(node: string): void;
  isOpen(node: string): boolean;
  /** Path of the page on which the screen is seen; what is behind the "#" lets whoever has it look for vnc.token_timeout. */
  path(node: string): string;
  /** Whether a token was given out for this node and its time is not over. */
  admits(node: string, token: string): boolean;
  /** Joins a viewer. @throws what `open` throws; TemporaryFailure when as many look as are allowed */
  view(node: string, open: OpenScreen): Promise<ConsoleLine>;
  /** Whether nobody looks, and nobody asked how to for vnc.token_timeout: what was given out holds no more. */
  isForsaken(node: string): boolean;
  close(): void;
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * Makes the place for them. Tokens are in the memory of this process alone: what reads the store has no way to a screen.
 *
 * @param now a clock that only goes on, in milliseconds.
 */
export function createGraphicalConsoles(
  config: () => Config,
  log: TaskLog,
  now: () => number = () => performance.now(),
): GraphicalConsoles {
  const shown = new Map<string, Shown>();
  const lifeMilliseconds = () => config().vnc.token_timeout * 1000;
  const isYoung = ({ madeAt }: Token, milliseconds: number) => now() - madeAt < milliseconds;

  function start(node: string): Shown {
    const known = shown.get(node);
    const entry = known ?? { tokens: [], screenings: new Set(), opening: 0, usedAt: now() };
    shown.set(node, entry);
    return entry;
  }

  function end(node: string, reason: typeof consoleClosed): void {
    const entry = shown.get(node);
    shown.delete(node);
    for (const screening of entry?.screenings ?? []) {
      screening.end(reason);
    }
  }

  async function begin(node: string, open: OpenScreen): Promise<Screening> {
    const { screen } = await import('./screening.ts');
    return screen(open, { isReadOnly: config().vnc.read_only, log, node });
  }

  return {
    start: (node) => void start(node),
    stop: (node) => end(node, consoleClosed),
    isOpen: (node) => shown.has(node),
    path(node) {
      const entry = start(node);
      entry.usedAt = now();
      const newest = entry.tokens.at(-1);
      // One that is asked for again and again is given the same for a while, with enough time left to use it.
      if (newest === undefined || !isYoung(newest, lifeMilliseconds() / 2)) {
        const made = { text: randomBytes(TOKEN_BYTES).toString('base64url'), madeAt: now() };
        entry.tokens = [...entry.tokens.filter((each) => isYoung(each, lifeMilliseconds())), made];
      }
      return `/wrought/screens/${node}#${entry.tokens.at(-1)?.text}`;
    },
    admits: (node, token) =>
      (shown.get(node)?.tokens ?? []).some((each) => isYoung(each, lifeMilliseconds()) && isSame(each.text, token)),
    async view(node, open) {
      const entry = start(node);
      const { max_listeners: limit } = config().console;
      const present = entry.screenings.size + entry.opening;
      if (present >= limit) {
        throw consoleIsFull(node, present, limit);
      }
      entry.opening += 1;
      const screening = await begin(node, open).finally(() => {
        entry.opening -= 1;
      });
      if (shown.get(node) !== entry) {
        screening.end(consoleClosed);
        throw registeredError('InvalidState', { reason: `The console of node ${node} was switched off meanwhile.` });
      }
      entry.screenings.add(screening);
      void screening.line.ended.then(() => {
        entry.screenings.delete(screening);
        entry.usedAt = now();
      });
      return screening.line;
    },
    isForsaken(node) {
      const entry = shown.get(node);
      return entry?.screenings.size === 0 && entry.opening === 0 && now() - entry.usedAt >= lifeMilliseconds();
    },
    close() {
      for (const node of [...shown.keys()]) {
        end(node, serverStops);
      }
    },
  };
}
