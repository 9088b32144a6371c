// What carries a step of a plan out: code of a flow or an interface, a reserved step, or the agent; all look alike from here on.
import {
  type AgentStepKind,
  type AgentStepRunner,
  done,
  isAgentStepKind,
  type NodeInterfaces,
  type Outcome,
  type ProbeAnswer,
  park,
  type Signal,
  type Step,
  type Task,
} from '../../drivers/kit/index.ts';
import { stepName } from '../../store/journal.ts';
import type { PlannedStep } from '../../store/runs.ts';
import type { Flow } from '../flow.ts';
import { reservedStep } from '../reserved-steps.ts';

/** A step of the plan, ready to be called with a task; agent steps and code steps look alike from here on. */
export interface Runnable {
  readonly recovery: Step['recovery'];
  readonly abortable: boolean;
  execute(task: Task): Promise<Outcome>;
  resume(task: Task, signal: Signal): Promise<Outcome>;
  probe(task: Task): Promise<ProbeAnswer>;
}

export function codeStep(step: Step, planned: PlannedStep): Runnable {
  return {
    recovery: step.recovery,
    abortable: step.abortable,
    execute: (task) => step.execute(task, planned.args),
    resume: async (task, signal) => {
      if (step.resume !== undefined) {
        return step.resume(task, planned.args, signal);
      }
      return signal.kind === 'heartbeat' ? done() : park('a heartbeat of the agent');
    },
    probe: async (task) => (step.probe === undefined ? 'not happened' : step.probe(task, planned.args)),
  };
}

function agentStep(agent: AgentStepRunner, kind: AgentStepKind, planned: PlannedStep): Runnable {
  const description = planned.description;
  if (description === undefined) {
    throw new Error(`The plan holds the agent step ${stepName(planned)} without its description.`);
  }
  return {
    recovery: description.recovery,
    abortable: description.abortable,
    execute: (task) => agent.execute(task, kind, description, planned.args),
    resume: (task, signal) => agent.resume(task, kind, description, signal),
    probe: (task) => agent.probe(task, kind, description),
  };
}

/** Finds what carries a planned step out; undefined when the driver no longer offers it. */
export function runnable(flow: Flow, planned: PlannedStep, interfaces: NodeInterfaces): Runnable | undefined {
  const agent = interfaces.deploy.agent;
  if (planned.source === 'reserved') {
    const reserved = reservedStep(planned.step);
    return reserved === undefined ? undefined : codeStep(reserved, planned);
  }
  if (planned.description !== undefined && agent !== undefined && isAgentStepKind(flow.kind)) {
    return agentStep(agent, flow.kind, planned);
  }
  const candidates =
    planned.interface === 'flow'
      ? flow.steps
      : Object.values(interfaces)
          .flatMap((implementation) => implementation.steps ?? [])
          .filter((step) => flow.kind !== null && step.kinds.includes(flow.kind));
  const step = candidates.find((each) => each.interface === planned.interface && each.step === planned.step);
  return step === undefined ? undefined : codeStep(step, planned);
}
