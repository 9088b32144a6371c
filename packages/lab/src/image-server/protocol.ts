// What is said on an image server's control socket: HTTP with JSON bodies.

/** What goes wrong with a file, from the next request on. Faults of one file may be combined. */
export interface ImageFault {
  /** Answers with this status and no file. */
  status?: number;
  /** Waits before it answers at all. */
  delayMilliseconds?: number;
  bytesPerSecond?: number;
  /** Closes the connection after so many bytes of an answer's body. */
  cutAfterBytes?: number;
  /** Sends so many bytes of an answer's body, then holds until `release`. */
  holdAfterBytes?: number;
}

export interface ImageFileStatistics {
  requests: number;
  /** Body bytes handed to the network, over all requests. */
  bytesServed: number;
  /** Answers whose whole body was sent. */
  completed: number;
  /** Answers that wait in `holdAfterBytes` now. */
  held: number;
  /** The Range headers of the requests that had one. */
  ranges: string[];
}

/** What a waiter waits for; all that is named must hold. */
export interface ImageCondition {
  requests?: number;
  bytesServed?: number;
  completed?: number;
  held?: number;
}

export const emptyStatistics = (): ImageFileStatistics => ({
  requests: 0,
  bytesServed: 0,
  completed: 0,
  held: 0,
  ranges: [],
});

/** Whether a file has come as far as was waited for. */
export function conditionHolds(statistics: ImageFileStatistics, condition: ImageCondition): boolean {
  const keys = ['requests', 'bytesServed', 'completed', 'held'] as const;
  return keys.every((key) => statistics[key] >= (condition[key] ?? 0));
}
