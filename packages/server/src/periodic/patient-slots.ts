// Places for work of which a few pieces may take very long: such a piece gives its place to the next one and goes on beside it.
import { setTimeout as sleep } from 'node:timers/promises';
import { createSlots } from '../flows/engine/slots.ts';

export interface PatientSlotsOptions {
  /** Pieces that run at one time. */
  readonly places: () => number;
  /** Pieces that may go on beside them after they gave up their place. */
  readonly placesBeside: number;
  /** How long a piece keeps its place. */
  readonly patienceMilliseconds: number;
}

export interface PatientSlots {
  /** Runs `work` when a place is free; resolves with its end. */
  use(work: () => Promise<void>): Promise<void>;
}

/** Makes the places. */
export function createPatientSlots({ places, placesBeside, patienceMilliseconds }: PatientSlotsOptions): PatientSlots {
  const inside = createSlots(places);
  const beside = createSlots(() => placesBeside);
  return {
    async use(work) {
      let ended: Promise<void> = Promise.resolve();
      await inside.use(async () => {
        ended = work();
        // Its failure is that of the caller, who waits for it below.
        const settled = ended.then(
          () => true,
          () => true,
        );
        const patience = new AbortController();
        const late = sleep(patienceMilliseconds, false, { signal: patience.signal, ref: false }).catch(() => true);
        const isDone = await Promise.race([settled, late]);
        patience.abort();
        if (!isDone) {
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
