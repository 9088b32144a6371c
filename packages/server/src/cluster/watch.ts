// Keeps the view of the members fresh, and lets a conductor look after what those that are gone have left.

import { fenceConductor, listMembers } from '../store/conductor-lease.ts';
import type { Store } from '../store/store.ts';
import { StoreUnavailableError } from '../store/unavailable.ts';
import { FencedError } from './fenced-error.ts';
import type { ClusterLog } from './log.ts';
import type { Members } from './members.ts';
import type { WakeUps } from './wake-up.ts';

export interface WatchOptions {
  readonly members: Members;
  readonly wakeUps: WakeUps;
  readonly pollSeconds: number;
  readonly log: ClusterLog;
  /** Called after every look; what is thrown is logged, and the next look comes all the same. */
  readonly onLook: () => Promise<void>;
}

/** Looks until stopped; `stop` waits for the look that is under way. */
export function watchMembers({ members, wakeUps, pollSeconds, log, onLook }: WatchOptions): { stop(): Promise<void> } {
  const stopping = new AbortController();

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      await wakeUps.heard(pollSeconds * 1000, stopping.signal);
      if (stopping.signal.aborted) {
        return;
      }
      try {
        await members.refresh();
        await onLook();
      } catch (error) {
        if (error instanceof FencedError) {
          return;
        }
        if (error instanceof StoreUnavailableError) {
          log.warn({ err: error }, 'The members could not be looked at; trying again.');
        } else {
          log.error({ err: error }, 'The look at the members failed; trying again.');
        }
      }
    }
  }
  const watching = watch();
  return {
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}

/** Ends the leases that ran out, so that what they stood for can be taken over. Answers whose they were. */
export async function fenceExpired(store: Store, self: string): Promise<string[]> {
  const fenced: string[] = [];
  for (const { hostname, epoch, isOnline, isAlive } of await listMembers(store.read)) {
    if (hostname !== self && isOnline && !isAlive) {
      if (await store.transaction((trx) => fenceConductor(trx, hostname, epoch))) {
        fenced.push(hostname);
      }
    }
  }
  return fenced;
}
