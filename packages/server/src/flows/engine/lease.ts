// This process's right to work on nodes: renewed in the background, checked on the monotonic clock right before every effect.
import { setTimeout as sleep } from 'node:timers/promises';
import { FencedError } from '../../cluster/fenced-error.ts';
import type { TaskLog } from '../../drivers/kit/index.ts';
import { holdsEpoch, releaseLease, renewLease, takeLease } from '../../store/conductor-lease.ts';
import { databaseMilliseconds } from '../../store/database-clock.ts';
import type { Store, StoreTransaction } from '../../store/store.ts';
import { StoreUnavailableError } from '../../store/unavailable.ts';

export interface LeaseOptions {
  readonly store: Store;
  readonly log: TaskLog;
  readonly hostname: string;
  readonly conductorGroup: string;
  readonly drivers: readonly string[];
  /** Where this conductor takes calls of other processes. */
  readonly internalUrl: string | null;
  readonly durationSeconds: number;
  readonly marginSeconds: number;
  readonly renewEverySeconds: number;
  /** Called once when the lease is lost for good; the program exits. */
  readonly onFenced: (error: FencedError) => void;
}

/** A store whose every transaction is refused with FencedError once the epoch has moved on. */
export function fencedStore(store: Store, lease: Pick<Lease, 'assertEpoch'>): Store {
  return {
    read: store.read,
    hints: store.hints,
    close: store.close,
    transaction: (work) =>
      store.transaction(async (trx) => {
        await lease.assertEpoch(trx);
        return work(trx);
      }),
  };
}

export interface Lease {
  readonly hostname: string;
  readonly epoch: number;
  /** Resolves when an effect may begin now; renews first when too little is left. Throws FencedError. */
  assertHeld(): Promise<void>;
  /** Throws FencedError inside a transaction when the epoch has moved on. */
  assertEpoch(trx: StoreTransaction): Promise<void>;
  /** The database's clock in milliseconds since 1970, as the last renewal told it: no jump of this machine's clock shows in it. */
  databaseNow(): number;
  /** Ends the renewal and marks the conductor as stopped. */
  release(): Promise<void>;
}

/** Takes the lease with a new epoch and keeps it. */
export async function holdLease(options: LeaseOptions): Promise<Lease> {
  const { store, hostname } = options;
  const durationMilliseconds = options.durationSeconds * 1000;
  const stopping = new AbortController();
  let heldUntil = performance.now() + durationMilliseconds;
  /** From the monotonic clock to the database's. */
  let databaseOffset = 0;
  let isFenced = false;
  const epoch = await store.transaction(async (trx) => {
    lookAtClock(await databaseMilliseconds(trx));
    return takeLease(trx, {
      hostname,
      conductor_group: options.conductorGroup,
      drivers: options.drivers,
      internal_url: options.internalUrl,
      durationSeconds: options.durationSeconds,
    });
  });

  function lookAtClock(milliseconds: number): void {
    databaseOffset = milliseconds - performance.now();
  }

  function fenced(): FencedError {
    const error = new FencedError(hostname, epoch);
    if (!isFenced) {
      isFenced = true;
      options.onFenced(error);
    }
    return error;
  }

  async function renew(): Promise<void> {
    // Counted from before the question, so that the answer's way back is never lent.
    const asked = performance.now();
    const isRenewed = await store.transaction(async (trx) => {
      lookAtClock(await databaseMilliseconds(trx));
      return renewLease(trx, hostname, epoch, options.durationSeconds);
    });
    if (!isRenewed) {
      throw fenced();
    }
    heldUntil = asked + durationMilliseconds;
  }

  async function keep(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await sleep(options.renewEverySeconds * 1000, undefined, { signal: stopping.signal, ref: false });
        await renew();
      } catch (error) {
        if (stopping.signal.aborted || error instanceof FencedError) {
          return;
        }
        const why = error instanceof StoreUnavailableError ? { reason: error.message } : { err: error };
        options.log.error(why, 'The lease could not be renewed; trying again.');
      }
    }
  }
  const keeping = keep();

  return {
    hostname,
    epoch,
    async assertHeld() {
      if (performance.now() + options.marginSeconds * 1000 > heldUntil) {
        await renew();
      }
    },
    async assertEpoch(trx) {
      if (!(await holdsEpoch(trx, hostname, epoch))) {
        throw fenced();
      }
    },
    databaseNow: () => performance.now() + databaseOffset,
    async release() {
      stopping.abort();
      await keeping;
      try {
        await store.transaction((trx) => releaseLease(trx, hostname, epoch));
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) {
          throw error;
        }
        options.log.error({ err: error }, 'The lease could not be given back; it runs out by itself.');
      }
    },
  };
}
