// What a driver is handed when it works on a node: the node as it is, its interfaces, and ways to tell what happens.
import type { JsonObject, Node, Port, Portgroup, PowerTarget } from '@wrought/contract';
import type { Config } from '../../config/index.ts';
import type { Facts } from './facts.ts';
import type { NodeInterfaces } from './interfaces.ts';
import type { CallTracer, TracedCall } from './observer.ts';

/** The part of a logger that drivers use; every line carries node and request id as fields. */
export interface TaskLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Evidence for the node's timeline. */
export interface Evidence {
  readonly kind: string;
  readonly severity?: 'info' | 'warning' | 'error';
  readonly message: string;
  readonly data?: JsonObject;
}

/** The present work on one node. Drivers write nothing: what they learn they return as facts. */
export interface Task {
  /** As stored when the step began, with the facts that this task has learned since. */
  readonly node: Node;
  readonly ports: readonly Port[];
  readonly portgroups: readonly Portgroup[];
  readonly interfaces: NodeInterfaces;
  /** The configuration as it is now (SIGHUP may have changed it since the last step). */
  readonly config: Config;
  readonly log: TaskLog;
  /** Aborted when the work should end early: the server stops, or the run was aborted. */
  readonly abortSignal: AbortSignal;
  /** Nobody waits for the work, such as the look at a power state: a BMC that is known to be silent need not be asked. */
  readonly isBackground: boolean;
  /** The same for every attempt of the same step of the same run: an agent that sees it twice runs the command once. */
  readonly idempotencyKey: string;
  /** What earlier steps of the run left in its memory. */
  readonly memory: JsonObject;
  /** Makes a call to an agent or an image server as part of the trace of this work; absent where there are no traces. */
  readonly trace?: CallTracer;
  /** Adds evidence to the node's timeline; written in batches. */
  record(evidence: Evidence): void;
  /** Tells how far a long effect has come (0-100); shown live, kept sparsely. */
  progress(percent: number, what: string): void;
  /** Notes facts at once, so that `node` shows them and they are applied even when the step fails later. */
  learn(facts: Facts): void;
  /**
   * Stores what was learned so far at once. For what others must know before the step goes on: that the agent in the machine's
   * memory is gone, before the next one asks for its token.
   */
  store(): Promise<void>;
  /**
   * Powers the node and waits until the BMC reports it; the new state is learned. Throws when the BMC refuses or does not get
   * there within the time-out (default: conductor.power_state_change_timeout or soft_power_off_timeout).
   */
  setPower(target: PowerTarget, timeoutSeconds?: number): Promise<void>;
}

/** Makes a call as part of the trace of the task, where there is one. */
export function tracedCall<Result>(
  { trace }: Pick<Task, 'trace'>,
  call: TracedCall,
  work: (headers: Readonly<Record<string, string>>) => Promise<Result>,
): Promise<Result> {
  return trace === undefined ? work({}) : trace(call, work);
}
