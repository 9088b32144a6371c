// Times as the store keeps them: ISO 8601 in UTC with milliseconds, so that text order is time order.

/** The present moment as the store writes it. */
export function now(): string {
  return new Date().toISOString();
}

/** The moment `seconds` from now as the store writes it. */
export function secondsFromNow(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString();
}

/** Seconds that passed since `time`, or null when there is none. */
export function secondsSince(time: string | null): number | null {
  return time === null ? null : Math.max(0, Math.floor((Date.now() - Date.parse(time)) / 1000));
}
