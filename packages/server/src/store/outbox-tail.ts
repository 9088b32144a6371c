// Follows the end of the outbox for everyone in this process who waits for new events: one look at the table for all of them.
import { createBell } from './bell.ts';
import { newestEventId } from './outbox.ts';
import type { Store } from './store.ts';

/** How often the outbox is looked at where no hint says that there is something new. */
const LOOK_MILLISECONDS = 2_000;

export interface OutboxTail {
  /**
   * Waits until there are events after this number, and returns the number of the newest.
   * @throws what the store throws, and the reason of the signal
   */
  next(after: number, signal: AbortSignal): Promise<number>;
}

interface Waiter {
  readonly after: number;
  readonly resolve: (end: number) => void;
  readonly reject: (reason: unknown) => void;
}

/** Makes the follower; it looks at the outbox only while somebody waits. */
export function createOutboxTail(
  store: Pick<Store, 'read' | 'hints'>,
  lookMilliseconds = LOOK_MILLISECONDS,
): OutboxTail {
  const written = createBell();
  store.hints.onHint((topic) => {
    if (topic === 'events') {
      written.ring();
    }
  });
  const waiters = new Set<Waiter>();
  let end = 0;
  let isLooking = false;

  function wake(): void {
    for (const waiter of waiters) {
      if (waiter.after < end) {
        waiters.delete(waiter);
        waiter.resolve(end);
      }
    }
  }

  async function look(): Promise<void> {
    isLooking = true;
    try {
      while (waiters.size > 0) {
        end = Math.max(end, await newestEventId(store.read));
        wake();
        if (waiters.size > 0) {
          await written.heard(lookMilliseconds);
        }
      }
    } catch (error) {
      for (const waiter of waiters) {
        waiter.reject(error);
      }
      waiters.clear();
    } finally {
      isLooking = false;
    }
  }

  return {
    next(after, signal) {
      return new Promise<number>((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason);
          return;
        }
        if (after < end) {
          resolve(end);
          return;
        }
        const onAbort = () => {
          waiters.delete(waiter);
          // The look that waits with nobody left ends.
          written.ring();
          reject(signal.reason);
        };
        const settle =
          <Value>(then: (value: Value) => void) =>
          (value: Value) => {
            signal.removeEventListener('abort', onAbort);
            then(value);
          };
        const waiter: Waiter = { after, resolve: settle(resolve), reject: settle(reject) };
        signal.addEventListener('abort', onAbort, { once: true });
        waiters.add(waiter);
        if (!isLooking) {
          void look();
        }
      });
    },
  };
}
