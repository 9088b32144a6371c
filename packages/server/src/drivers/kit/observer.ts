// What drivers tell of BMCs and of their calls to them, for whoever measures them.
import type { BmcCondition } from './bmc-governor.ts';

/** A call to a BMC that ended, with all of its tries and without the wait for its turn. */
export interface ObservedBmcCall {
  /** The name of the interface implementation, such as "ipmitool". */
  readonly driver: string;
  /** What was asked, from a small set: "chassis power", never with values in it. */
  readonly operation: string;
  /** The kind of failure in one word or two, from a small set; null when it was answered. */
  readonly error: string | null;
  readonly seconds: number;
}

/** Told of each call; it must not throw. */
export type BmcCallObserver = (call: ObservedBmcCall) => void;

/** Given how to ask for the conditions of all BMCs of a driver ("ipmitool"), at any time; it must not throw. */
export type BmcWatcher = (driver: string, conditions: () => readonly BmcCondition[]) => void;
