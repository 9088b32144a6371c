// Steps of flows: how they are described, how a user asks for them, and the order in which interfaces come at equal priority.

/** Kinds of steps that interfaces declare. */
export type StepKind = 'verify' | 'clean' | 'deploy' | 'service';

/**
 * What may be done with a step of which it is not known whether it happened, because a process died in between:
 * `repeat` it, `probe` the hardware for whether it happened, or `never` run it twice (the flow fails).
 */
export type Recovery = 'repeat' | 'probe' | 'never';

export interface StepArgument {
  readonly description: string;
  readonly required?: boolean;
}

/** A step as an interface or an agent describes it; priority 0 means that it only runs when asked for. */
export interface StepDescription {
  readonly interface: string;
  readonly step: string;
  readonly priority: number;
  readonly abortable: boolean;
  readonly requires_ramdisk: boolean;
  readonly argsinfo: Readonly<Record<string, StepArgument>> | null;
  readonly recovery: Recovery;
}

/** A step as a user or a template asks for it (deploy steps carry a priority, clean steps an optional order). */
export interface RequestedStep {
  readonly interface: string;
  readonly step: string;
  readonly args?: Readonly<Record<string, unknown>>;
  readonly priority?: number;
  readonly order?: number;
  /** Run on the children of the node in place of the node itself. */
  readonly execute_on_child_nodes?: boolean;
  /** UUIDs of the children that it is limited to; all of them when absent. */
  readonly limit_child_node_execution?: readonly string[];
}

/** Interfaces whose steps users may name. */
export const stepInterfaces = ['vendor', 'power', 'management', 'firmware', 'deploy', 'bios', 'raid'] as const;
export type StepInterface = (typeof stepInterfaces)[number];

/** Interface order for equal priorities, by kind. */
export const interfaceOrder: Readonly<Record<StepKind, readonly string[]>> = {
  clean: stepInterfaces,
  deploy: stepInterfaces,
  service: ['network', ...stepInterfaces],
  verify: [
    'power',
    'management',
    'firmware',
    'inspect',
    'deploy',
    'boot',
    'bios',
    'raid',
    'vendor',
    'network',
    'storage',
    'console',
    'rescue',
  ],
};

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Sorts by priority, highest first, then by the interface order of the kind, then by the names of step and interface; does
 * not change its argument.
 */
export function sortSteps<Step extends { interface: string; step: string; priority: number }>(
  kind: StepKind,
  steps: readonly Step[],
): Step[] {
  const order = interfaceOrder[kind];
  const place = (step: Step) => {
    const index = order.indexOf(step.interface);
    return index < 0 ? order.length : index;
  };
  return [...steps].sort(
    (a, b) =>
      b.priority - a.priority || place(a) - place(b) || byText(a.step, b.step) || byText(a.interface, b.interface),
  );
}
