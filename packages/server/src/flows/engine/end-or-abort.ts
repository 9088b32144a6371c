// Gives work that is under way time to end when the server stops, then tells it to.

/** How long work that was told to end is waited for. */
const ABORT_GRACE_MILLISECONDS = 1_000;

/** Whether `work` ends within the time. */
async function endsWithin(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const timeout = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => timeout.resolve(false), milliseconds);
  try {
    return await Promise.race([work.then(() => true), timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for `work` at most `seconds`, then calls `abort`; what heeds it ends soon, what does not is left behind. */
export async function endOrAbort(work: Promise<unknown>, seconds: number, abort: () => void): Promise<void> {
  if (!(await endsWithin(work, seconds * 1000))) {
    abort();
    await endsWithin(work, ABORT_GRACE_MILLISECONDS);
  }
}
