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

/** A call to something that may be part of a trace: the agent of a machine, or a server of images. */
export interface TracedCall {
  readonly receiver: 'agents' | 'image servers';
  /** What is asked, from a small set: "agent deploy.execute_deploy_step". */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Makes a call; the work is handed the headers that go with it, none where the receiver is not to know of traces. */
export type CallTracer = <Result>(
  call: TracedCall,
  work: (headers: Readonly<Record<string, string>>) => Promise<Result>,
) => Promise<Result>;

/** Told of each call; it must not throw. */
export type BmcCallObserver = (call: ObservedBmcCall) => void;

/** Given how to ask for the conditions of all BMCs of a driver ("ipmitool"), at any time; it must not throw. */
export type BmcWatcher = (driver: string, conditions: () => readonly BmcCondition[]) => void;
