// Tells of refused connections with their number, not one by one: whoever scans ports makes many.
import type { ClusterLog } from './log.ts';

/** Longest time for which refusals are only counted. */
const TELL_MILLISECONDS = 60_000;

export interface Refusals {
  note(error: Error): void;
  /** Tells what is not told yet. */
  close(): void;
}

/** Makes the count of one listener: the first refusal is told at once, those that follow once a minute. */
export function countRefusals(log: Pick<ClusterLog, 'info'>): Refusals {
  let count = 0;
  let last: Error | undefined;
  let timer: NodeJS.Timeout | undefined;

  function tell(): void {
    if (count > 0) {
      log.info(
        { refused: count, last: last?.message },
        'Connections to the internal listener were refused: they came from something that does not have the key of this installation.',
      );
      count = 0;
      timer = setTimeout(() => {
        timer = undefined;
        tell();
      }, TELL_MILLISECONDS);
      timer.unref();
    }
  }

  return {
    note(error) {
      count += 1;
      last = error;
      if (timer === undefined) {
        tell();
      }
    },
    close() {
      tell();
      clearTimeout(timer);
    },
  };
}
