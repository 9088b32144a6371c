// Deploy: writing the instance, and the work in the ramdisk around it.
import type { Node, StepDescription, StepKind } from '@wrought/contract';
import type { Config } from '../../config/index.ts';
import type { InterfaceBase } from './base.ts';
import type { Facts } from './facts.ts';
import type { LocalState } from './local-state.ts';
import type { Outcome } from './outcome.ts';
import type { ProbeAnswer, Signal, StepArguments } from './step.ts';
import type { Task } from './task.ts';

export interface DeployInterface extends InterfaceBase {
  readonly kind: 'deploy';
  /** Core. Before the first deploy step: networks, ramdisk files, config drive. Safe to repeat. */
  prepare(task: Task): Promise<Facts>;
  /** Core. Ends the instance: power off, tenant networks away. Safe to repeat. */
  tearDown(task: Task): Promise<Facts>;
  /** Core. Removes what deploying left behind (boot files, cached images). Safe to repeat. */
  cleanUp(task: Task): Promise<Facts>;
  /**
   * Core. Brings up what clean steps need. Parks until the agent calls back, or is done at once when nothing is needed;
   * `done` with `agentIsUp` makes the flow ask for the agent's steps.
   */
  prepareCleaning(task: Task): Promise<Outcome>;
  resumeCleaning(task: Task, signal: Signal): Promise<Outcome>;
  /** Core. Ends what `prepareCleaning` began. Safe to repeat. */
  tearDownCleaning(task: Task): Promise<Facts>;
  /** Common. Takes a machine over on which an instance runs already: boot files and devices, and never its power. Safe to repeat. */
  takeOver?(task: Task): Promise<Facts>;
  /** Common. "HOST:PORT" from where the machine of a node fetches its image; null where it fetches none. Asks nobody. */
  imageServer?(node: Node, config: Config): string | null;
  /** Common. The image that the machine fetches, where this server has it. */
  readonly local?: LocalState;
  /** Common. What steps on a machine with an instance need; absent where it can not be serviced. */
  readonly service?: ServiceRamdisk;
  /** Common. How steps that the agent offers are found and run; absent where there is no agent. */
  readonly agent?: AgentStepRunner;
}

/** Servicing, as cleaning has it with `prepareCleaning` and what follows. */
export interface ServiceRamdisk {
  prepare(task: Task): Promise<Outcome>;
  resume(task: Task, signal: Signal): Promise<Outcome>;
  /** Back to the running instance. Safe to repeat. */
  tearDown(task: Task): Promise<Facts>;
}

/** Kinds of steps that an agent offers. */
export type AgentStepKind = Exclude<StepKind, 'verify'>;

/** Whether an agent may offer steps of this kind. */
export function isAgentStepKind(kind: StepKind | null): kind is AgentStepKind {
  return kind !== null && kind !== 'verify';
}

/** Runs the steps of an agent. */
export interface AgentStepRunner {
  /** Asks the agent for its steps of a kind. Throws when it does not answer. */
  discover(task: Task, kind: AgentStepKind): Promise<Facts & { agent_steps: readonly StepDescription[] }>;
  execute(task: Task, kind: AgentStepKind, step: StepDescription, args: StepArguments): Promise<Outcome>;
  resume(task: Task, kind: AgentStepKind, step: StepDescription, signal: Signal): Promise<Outcome>;
  /** Looks in the agent's list of commands for the step. */
  probe(task: Task, kind: AgentStepKind, step: StepDescription): Promise<ProbeAnswer>;
}
