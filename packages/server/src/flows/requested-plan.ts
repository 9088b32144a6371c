// How the steps that users list become a plan: steps of interfaces and of the agent, reserved ones, and steps on child nodes.
import {
  type JsonObject,
  type RequestedStep,
  registeredError,
  type StepDescription,
  type StepKind,
} from '@wrought/contract';
import type { PlannedStep } from '../store/runs.ts';
import { interfaceSteps, type Planning } from './flow.ts';
import { reservedStep } from './reserved-steps.ts';

/** Every step of a kind that the node has, the agent's first. */
export function offeredSteps(planning: Planning, kind: StepKind): readonly StepDescription[] {
  return [...(planning.agentSteps ?? []), ...interfaceSteps(planning.interfaces, kind)];
}

function find(planning: Planning, kind: StepKind, wanted: RequestedStep): StepDescription | undefined {
  return offeredSteps(planning, kind).find(
    (offer) => offer.interface === wanted.interface && offer.step === wanted.step,
  );
}

/** The step as it goes into the plan; descriptions of an agent's steps are kept with it. */
export function planOffer(
  planning: Planning,
  offer: StepDescription,
  priority: number,
  source: PlannedStep['source'],
  args: JsonObject = {},
): PlannedStep {
  const planned = { interface: offer.interface, step: offer.step, priority, args, source };
  return planning.agentSteps?.includes(offer) ? { ...planned, description: offer } : planned;
}

/** A step that needs no offer of the node: a reserved one, or one on its children; undefined for all others. */
export function planWithoutOffer(wanted: RequestedStep, priority: number): PlannedStep | undefined {
  const reserved = reservedStep(wanted.step);
  if (reserved !== undefined) {
    checkArguments(reserved, wanted);
  } else if (wanted.execute_on_child_nodes !== true) {
    return undefined;
  }
  return {
    interface: wanted.interface,
    step: wanted.step,
    priority,
    args: { ...wanted.args },
    source: reserved === undefined ? 'user' : 'reserved',
    ...(wanted.execute_on_child_nodes === true ? { children: wanted.limit_child_node_execution ?? 'all' } : {}),
  };
}

/**
 * The plan of listed steps, in the order of the list.
 * @throws RegisteredError InvalidParameterValue for steps that the node does not have, wrong arguments, and steps that need the
 *   ramdisk where it is refused
 */
export function planRequested(
  planning: Planning,
  kind: StepKind,
  wanted: readonly RequestedStep[],
): readonly PlannedStep[] {
  return wanted.map((each) => {
    const free = planWithoutOffer(each, 0);
    if (free !== undefined) {
      return free;
    }
    const offer = find(planning, kind, each);
    if (offer === undefined) {
      const names = offeredSteps(planning, kind).map((known) => `${known.interface}.${known.step}`);
      throw registeredError('InvalidParameterValue', {
        reason: `Node ${planning.node.uuid} has no ${kind} step "${each.interface}.${each.step}". It offers: ${names.join(', ') || 'none'}.`,
      });
    }
    if (offer.requires_ramdisk && planning.run.arguments.disable_ramdisk === true) {
      throw registeredError('InvalidParameterValue', {
        reason: `The ${kind} step "${each.interface}.${each.step}" needs the ramdisk, which disable_ramdisk keeps from booting. Leave out one of the two.`,
      });
    }
    checkArguments(offer, each);
    return planOffer(planning, offer, each.priority ?? offer.priority, 'user', { ...each.args });
  });
}

/** Whether one of the listed steps needs the ramdisk; what nobody knows before the agent is up may be one of the agent's. */
export function needsRamdisk(planning: Planning, kind: StepKind, wanted: readonly RequestedStep[]): boolean {
  return wanted.some(
    (each) => planWithoutOffer(each, 0) === undefined && (find(planning, kind, each)?.requires_ramdisk ?? true),
  );
}

/** Throws when required arguments are missing or unknown ones are given. */
export function checkArguments(offer: StepDescription, wanted: RequestedStep): void {
  const given = Object.keys(wanted.args ?? {});
  const known = Object.entries(offer.argsinfo ?? {});
  const missing = known
    .filter(([name, argument]) => argument.required === true && !given.includes(name))
    .map(([name]) => name);
  const unknown = given.filter((name) => !known.some(([each]) => each === name));
  if (missing.length > 0 || unknown.length > 0) {
    const problems = [
      missing.length > 0 ? `lacks ${missing.join(', ')}` : '',
      unknown.length > 0 ? `does not know ${unknown.join(', ')}` : '',
    ].filter((text) => text !== '');
    throw registeredError('InvalidParameterValue', {
      reason: `Step "${offer.interface}.${offer.step}" ${problems.join(' and ')}. Its arguments: ${known.map(([name]) => name).join(', ') || 'none'}.`,
    });
  }
}
