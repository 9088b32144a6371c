// What a flow is: the states it moves a node through, its own steps, its plan for each phase, and how it ends.
import type {
  JsonObject,
  Node,
  ProvisionEvent,
  ProvisionState,
  RequestedStep,
  StepDescription,
  StepKind,
} from '@wrought/contract';
import type { Config } from '../config/index.ts';
import type { NodeInterfaces, Step } from '../drivers/kit/index.ts';
import type { NodeChanges } from '../store/nodes.ts';
import type { Lane, LimitClass, Phase, PlannedStep, Run } from '../store/runs.ts';
import type { Database } from '../store/store.ts';

export type FlowName =
  | 'verify'
  | 'inspect'
  | 'adopt'
  | 'clean'
  | 'deploy'
  | 'rescue'
  | 'unrescue'
  | 'service'
  | 'abort-service'
  | 'tear-down'
  | 'power'
  | 'boot-mode'
  | 'console'
  | 'virtual-media';

/** What a plan is made from. */
export interface Planning {
  readonly node: Node;
  readonly run: Pick<Run, 'arguments' | 'memory' | 'failure'>;
  readonly interfaces: NodeInterfaces;
  readonly config: Config;
  /** Steps that the agent named; undefined before it is up. */
  readonly agentSteps: readonly StepDescription[] | undefined;
}

/** How a flow leaves its node. */
export interface Conclusion {
  /** Events that lead from the present state to the last one; empty when the flow has no states. */
  readonly events: readonly ProvisionEvent[];
  readonly changes: NodeChanges;
  /** A flow that follows in the same transaction. */
  readonly next?: { readonly flow: FlowName; readonly arguments: JsonObject };
}

/** A flow is data and pure functions; the engine does the rest. */
export interface Flow {
  readonly name: FlowName;
  readonly lane: Lane;
  /** As what it is counted where work is limited; null: it begins at once. */
  readonly limitClass: LimitClass | null;
  /** Kind of the interface steps that it runs; null: only its own. */
  readonly kind: StepKind | null;
  /** Name of the work in the node's history. */
  readonly eventType: string;
  /** Prefix of the history events of its begin and end; null: none are written. */
  readonly stepFlow: ((run: Pick<Run, 'arguments'>) => string) | null;
  readonly running: ProvisionState | null;
  readonly waiting: ProvisionState | null;
  /** The state in which a hold step keeps the node; null: its plans hold none. */
  readonly holding: ProvisionState | null;
  /** The node fields that show the present step and the plan. */
  readonly stepField: 'clean_step' | 'deploy_step' | 'service_step' | null;
  /** Steps of its own; their interface is "flow". */
  readonly steps: readonly Step[];
  /** Adds what the plan needs to know of the store to the arguments of a run that begins; without it they stay as given. */
  completeArguments?(db: Database, node: Node, given: JsonObject, config: Config): Promise<JsonObject>;
  /** Throws an error of the registry when what was asked for cannot be planned. */
  plan(phase: Phase, planning: Planning): readonly PlannedStep[];
  /** Longest wait for a sign of the agent; 0: no limit. */
  callbackTimeoutSeconds(config: Config): number;
  succeeded(node: Node, run: Run, config: Config): Conclusion;
  failed(node: Node, run: Run, config: Config): Conclusion;
}

/** A step of the flow itself in a plan. */
export function ownStep(step: Step, args: JsonObject = {}): PlannedStep {
  return { interface: step.interface, step: step.step, priority: step.priority, args, source: 'flow' };
}

/** All steps of a kind that the node's interfaces offer, without those of an agent. */
export function interfaceSteps(interfaces: NodeInterfaces, kind: StepKind): readonly Step[] {
  return Object.values(interfaces).flatMap((implementation) =>
    (implementation.steps ?? []).filter((candidate) => candidate.kinds.includes(kind)),
  );
}

/** Steps that users asked for, as the API stored them in the arguments of the run. */
export function requestedSteps(value: unknown): readonly RequestedStep[] {
  return Array.isArray(value) ? (value as readonly RequestedStep[]) : [];
}
