// A step that an interface or a flow offers: its description and what it does.
import type { StepDescription, StepKind } from '@wrought/contract';
import type { Outcome } from './outcome.ts';
import type { Task } from './task.ts';

/** Why a parked step is asked again. */
export interface Signal {
  readonly kind: 'heartbeat' | 'inspection' | 'unhold' | 'poll' | 'restart';
  readonly payload: Readonly<Record<string, unknown>>;
}

export type StepArguments = Readonly<Record<string, unknown>>;

/** What can be told of an effect after a crash: its outcome, or that it did not happen and may be tried. */
export type ProbeAnswer = Outcome | 'not happened';

export interface Step extends StepDescription {
  readonly kinds: readonly StepKind[];
  execute(task: Task, args: StepArguments): Promise<Outcome>;
  /** Called on every signal while the step is parked; answers `park` to go on waiting. Without it any signal completes the step. */
  resume?(task: Task, args: StepArguments, signal: Signal): Promise<Outcome>;
  /** Needed when `recovery` is "probe". */
  probe?(task: Task, args: StepArguments): Promise<ProbeAnswer>;
}

const defaults = {
  priority: 0,
  abortable: false,
  requires_ramdisk: false,
  argsinfo: null,
} as const;

/** Completes a step with the defaults of its kind (not abortable, no ramdisk, no arguments, never run by itself). */
export function step(given: Pick<Step, 'interface' | 'step' | 'kinds' | 'recovery' | 'execute'> & Partial<Step>): Step {
  if (given.recovery === 'probe' && given.probe === undefined) {
    throw new Error(`Step ${given.interface}.${given.step} declares recovery "probe" but has no probe.`);
  }
  return { ...defaults, ...given };
}
