// Waits for a condition that nothing announces.
import { setTimeout as delay } from 'node:timers/promises';

const pollIntervalMilliseconds = 25;

/** Checks until the condition holds; false when the deadline passes first. The condition is checked at least once. */
export async function pollUntil(
  condition: () => boolean | Promise<boolean>,
  deadlineSeconds: number,
): Promise<boolean> {
  const end = performance.now() + deadlineSeconds * 1000;
  for (;;) {
    if (await condition()) return true;
    if (performance.now() >= end) return false;
    await delay(pollIntervalMilliseconds);
  }
}
