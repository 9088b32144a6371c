// What sinks over a lasting connection share: waiting no longer than a batch may take, and addresses without passwords.

/** How long the other side has to say that it closes the connection. */
export const CLOSE_MILLISECONDS = 3_000;

/** The value of the promise, unless the signal comes first. @throws the reason of the signal */
export function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise<Value>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) {
      onAbort();
    }
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Host and port of a URL. */
export function addressOf(url: string): string {
  return new URL(url).host;
}
