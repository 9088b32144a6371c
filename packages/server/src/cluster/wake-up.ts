// Hints between processes that something changed: heard at once where the database can tell, and never relied upon.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterLog } from './log.ts';

export interface WakeUps {
  /** Tells the other processes that the members changed. */
  tell(): void;
  /** Resolves when another process told something, or after the time at the latest, or when `signal` is aborted. */
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

/** LISTEN and NOTIFY over a connection of its own, which is opened again whenever it breaks. */
export async function postgresWakeUps(url: string, log: ClusterLog): Promise<WakeUps> {
  const { Client } = await import('pg');
  const waiting = new Set<() => void>();
  const closing = new AbortController();
  let client: InstanceType<typeof Client> | undefined;

  function wakeAll(): void {
    for (const wake of waiting) {
      wake();
    }
  }

  /** Keeps one connection until it breaks. */
  async function listenOnce(): Promise<void> {
    const opened = new Client({
      connectionString: url,
      application_name: 'wrought wake-ups',
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MILLISECONDS,
    });
    const end = () => void opened.end().catch(() => {});
    closing.signal.addEventListener('abort', end, { once: true });
    const broken = new Promise<void>((resolve) => {
      opened.on('error', () => resolve());
      opened.on('end', () => resolve());
    });
    opened.on('notification', wakeAll);
    try {
      await opened.connect();
      await opened.query(`listen ${CHANNEL}`);
      client = opened;
      // Whatever was told before is not heard any more.
      wakeAll();
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
      await noWakeUps.heard(RECONNECT_MILLISECONDS, closing.signal);
    }
  }
  const listening = keepListening();

  return {
    tell() {
      // A hint that gets lost is made up for by the next look.
      client?.query(`notify ${CHANNEL}`).catch((error: unknown) => log.warn({ err: error }, 'A hint was not told.'));
    },
    async heard(milliseconds, signal) {
      if (signal.aborted) {
        return;
      }
      const woken = Promise.withResolvers<void>();
      waiting.add(woken.resolve);
      try {
        await Promise.race([woken.promise, noWakeUps.heard(milliseconds, signal)]);
      } finally {
        waiting.delete(woken.resolve);
      }
    },
    async close() {
      closing.abort();
      await listening;
    },
  };
}
