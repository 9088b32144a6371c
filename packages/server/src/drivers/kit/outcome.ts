// What a step answers when it has run: it is done, it waits, it wants to run again, or it failed.
import type { Facts } from './facts.ts';

export interface Done {
  readonly kind: 'done';
  readonly facts: Facts;
  /** The agent is up now: the flow plans the rest anew with the steps that the agent names. */
  readonly agentIsUp: boolean;
  /** The machine has its image now: another one may ask the image server in its place. */
  readonly imageIsWritten: boolean;
}

export interface Park {
  readonly kind: 'park';
  /** What is awaited, as a phrase for operators: "the first heartbeat of the agent". */
  readonly awaiting: string;
  /** Longest wait without a sign of life; null: the callback timeout of the flow; 0: no limit. */
  readonly timeoutSeconds: number | null;
  /** The step is asked again after this time even without a signal; null: only signals wake it. */
  readonly pollSeconds: number | null;
  /** Whoever asked for the work holds it here: without limit, until it is let go. */
  readonly isHold: boolean;
  readonly facts: Facts;
}

export interface Again {
  readonly kind: 'again';
  readonly afterSeconds: number;
  readonly reason: string;
  readonly facts: Facts;
}

export interface Fail {
  readonly kind: 'fail';
  /** A sentence: what was tried, on which address, what came back, what to do. */
  readonly reason: string;
  readonly facts: Facts;
}

/** The plan of the agent's steps is void (its hardware managers changed): it is made anew and starts over. */
export interface Replan {
  readonly kind: 'replan';
  readonly reason: string;
  readonly facts: Facts;
}

export type Outcome = Done | Park | Again | Fail | Replan;

export function done(facts: Facts = {}, options: { agentIsUp?: boolean; imageIsWritten?: boolean } = {}): Done {
  return {
    kind: 'done',
    facts,
    agentIsUp: options.agentIsUp ?? false,
    imageIsWritten: options.imageIsWritten ?? false,
  };
}

export function park(
  awaiting: string,
  options: { timeoutSeconds?: number; pollSeconds?: number; isHold?: boolean; facts?: Facts } = {},
): Park {
  return {
    kind: 'park',
    awaiting,
    timeoutSeconds: options.timeoutSeconds ?? null,
    pollSeconds: options.pollSeconds ?? null,
    isHold: options.isHold ?? false,
    facts: options.facts ?? {},
  };
}

export function again(afterSeconds: number, reason: string, facts: Facts = {}): Again {
  return { kind: 'again', afterSeconds, reason, facts };
}

export function fail(reason: string, facts: Facts = {}): Fail {
  return { kind: 'fail', reason, facts };
}

export function replan(reason: string, facts: Facts = {}): Replan {
  return { kind: 'replan', reason, facts };
}
