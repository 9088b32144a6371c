// What the handlers of the API work with: configuration, store, the doors to the conductor's side, and the log.
import type { Config } from '../config/index.ts';
import type { Doors } from '../flows/doors.ts';
import type { Store } from '../store/store.ts';

/** The part of a logger that the API uses (pino has it). */
export interface ApiLog {
  debug(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface Services {
  /** The configuration in force now; it changes on reload. */
  readonly config: () => Config;
  readonly store: Store;
  readonly doors: Doors;
  readonly log: ApiLog;
  /** Aborted when the server stops: answers that would go on for ever end then. */
  readonly stopping?: AbortSignal;
  /** The place of the request that is going on in a trace. */
  readonly currentTrace?: () => string | null;
}
