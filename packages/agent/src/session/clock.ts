// Sets a clock that is hopelessly wrong from the server's time: TLS needs a date, and some machines have lost theirs.
import type { Log } from '../log.ts';
import type { Run } from '../process.ts';

/** Smaller differences are left alone: they hurt nobody, and the clock may be the better one. */
const HOPELESS_DIFFERENCE_SECONDS = 3600;

/** Sets the system clock when it differs from the server's by more than an hour; failures are logged. */
export async function correctClock(serverDate: Date | null, run: Run, log: Log): Promise<void> {
  if (serverDate === null) return;
  const differenceSeconds = (serverDate.getTime() - Date.now()) / 1000;
  if (Math.abs(differenceSeconds) < HOPELESS_DIFFERENCE_SECONDS) return;
  log.warning(
    `the clock is off by ${Math.round(differenceSeconds)} s: set to the server's ${serverDate.toISOString()}`,
  );
  try {
    await run('date', ['-u', '-s', `@${Math.round(serverDate.getTime() / 1000)}`]);
  } catch (error) {
    log.warning(`the clock could not be set: ${error instanceof Error ? error.message : error}`);
  }
}
