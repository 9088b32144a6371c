// Hints between processes that something changed: heard at once where the database can tell, and never relied upon.
import { setTimeout as sleep } from 'node:timers/promises';
import { createBell } from '../store/bell.ts';
import { HINT_CHANNEL, type Hints } from '../store/hints.ts';
import { showPresence } from '../store/presence.ts';
import type { ClusterLog } from './log.ts';

export interface WakeUps {
  /** Tells the other processes that the members changed. */
  tell(): void;
  /**
   * Resolves when another process told something since it was heard last, or after the time at the latest, or when `signal` is
   * aborted. One listens at a time.
   */
  heard(milliseconds: number, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Where there is nobody else. */
export const noWakeUps: WakeUps = {
  tell() {},
  heard: (milliseconds, signal) => sleep(milliseconds, undefined, { signal, ref: false }).catch(() => {}),
  async close() {},
};

const CHANNEL = 'wrought_members';
const RECONNECT_MILLISECONDS = 1_000;
const CONNECT_TIMEOUT_MILLISECONDS = 10_000;

/**
 * LISTEN and NOTIFY over a connection of its own, which is opened again whenever it breaks, and which shows that the process
 * `name` uses the database. What other processes say of their transactions is handed to `hints`.
 */
export async function postgresWakeUps(
  { url, name }: { readonly url: string; readonly name: string },
  hints: Hints,
  log: ClusterLog,
): Promise<WakeUps> {
  const { Client } = await import('pg');
  const bell = createBell();
  const closing = new AbortController();
  const tried = Promise.withResolvers<void>();
  let client: InstanceType<typeof Client> | undefined;

  /** Keeps one connection until it breaks. */
  async function listenOnce(): Promise<void> {
    const opened = new Client({
      connectionString: url,
      application_name: `wrought ${name}`,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MILLISECONDS,
    });
    const end = () => void opened.end().catch(() => {});
    closing.signal.addEventListener('abort', end, { once: true });
    const broken = new Promise<void>((resolve) => {
      opened.on('error', () => resolve());
      opened.on('end', () => resolve());
    });
    opened.on('notification', ({ channel, payload = '' }) => {
      if (channel === HINT_CHANNEL) {
        hints.tell([payload]);
      } else {
        bell.ring();
      }
    });
    try {
      await opened.connect();
      const { rows } = await opened.query<{ isShown: boolean }>(showPresence);
      if (rows[0]?.isShown !== true) {
        throw new Error('The database is being copied by "wrought db copy": stop this process.');
      }
      await opened.query(`listen ${CHANNEL}`);
      await opened.query(`listen ${HINT_CHANNEL}`);
      client = opened;
      // Whatever was told before is not heard any more.
      bell.ring();
      hints.tell(['events', 'nodes']);
      tried.resolve();
      if (!closing.signal.aborted) {
        await broken;
      }
    } finally {
      client = undefined;
      closing.signal.removeEventListener('abort', end);
      await opened.end().catch(() => {});
    }
  }

  async function keepListening(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await listenOnce();
      } catch (error) {
        log.warn({ err: error }, 'Hints of other processes are not heard now; they are looked for instead.');
      }
      tried.resolve();
      await noWakeUps.heard(RECONNECT_MILLISECONDS, closing.signal);
    }
  }
  const listening = keepListening();
  // Before anything is written that somebody who wants to be alone would not expect.
  await tried.promise;

  return {
    tell() {
      // A hint that gets lost is made up for by the next look.
      client?.query(`notify ${CHANNEL}`).catch((error: unknown) => log.warn({ err: error }, 'A hint was not told.'));
    },
    heard: bell.heard,
    async close() {
      closing.abort();
      await listening;
    },
  };
}
