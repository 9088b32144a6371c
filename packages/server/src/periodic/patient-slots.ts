// Places for work of which a few pieces may take very long: such a piece gives its place to the next one and goes on beside it.
import { setTimeout as sleep } from 'node:timers/promises';
import { createSlots } from '../flows/engine/slots.ts';

export interface PatientSlotsOptions {
  /** Pieces that run at one time. */
  readonly places: () => number;
  /** Pieces that may go on beside them after they gave up their place. */
  readonly placesBeside: number;
  /** How long a piece keeps its place at most; less once it is known how long the others take. */
  readonly patienceMilliseconds: number;
}

/** A piece that takes this many times as long as the others is not worth a place. */
const TIMES_AS_LONG = 8;
const LEAST_PATIENCE_MILLISECONDS = 100;
/** Weight of the newest piece in the mean duration. */
const NEWEST_WEIGHT = 0.05;

export interface PatientSlots {
  /** Runs `work` when a place is free; resolves with its end. */
  use(work: () => Promise<void>): Promise<void>;
  /** The same for work that took very long the last time: it takes none of the places of the others, but one beside them. */
  useBeside(work: () => Promise<void>): Promise<void>;
}

/** Makes the places. */
export function createPatientSlots({ places, placesBeside, patienceMilliseconds }: PatientSlotsOptions): PatientSlots {
  const inside = createSlots(places);
  const beside = createSlots(() => placesBeside);
  // Those that are known to be slow have half as many of their own: whoever gives up a place finds one.
  const besideFromTheBeginning = createSlots(() => Math.ceil(placesBeside / 2));
  let meanMilliseconds: number | null = null;

  function patienceNow(): number {
    const enough = meanMilliseconds === null ? Number.POSITIVE_INFINITY : meanMilliseconds * TIMES_AS_LONG;
    return Math.min(patienceMilliseconds, Math.max(LEAST_PATIENCE_MILLISECONDS, enough));
  }

  function learn(milliseconds: number): void {
    const before = meanMilliseconds ?? milliseconds;
    meanMilliseconds = before + NEWEST_WEIGHT * (milliseconds - before);
  }

  return {
    useBeside: (work) => besideFromTheBeginning.use(work),
    async use(work) {
      let ended: Promise<void> = Promise.resolve();
      await inside.use(async () => {
        const begin = performance.now();
        ended = work();
        // Its failure is that of the caller, who waits for it below.
        const settled = ended.then(
          () => true,
          () => true,
        );
        const patience = new AbortController();
        const late = sleep(patienceNow(), false, { signal: patience.signal, ref: false }).catch(() => true);
        const isDone = await Promise.race([settled, late]);
        patience.abort();
        if (isDone) {
          learn(performance.now() - begin);
        } else {
          // The place is kept until there is one beside: a flood of silent machines must not become a flood of work.
          const moved = Promise.withResolvers<void>();
          beside
            .use(async () => {
              moved.resolve();
              await settled;
            })
            .catch(moved.reject);
          await Promise.race([moved.promise, settled]);
        }
      });
      await ended;
    },
  };
}
