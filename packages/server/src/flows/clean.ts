// Clean: bring the machine into the agent's ramdisk when steps need it, run the clean steps, and let go of it again.
import { type Node, type RequestedStep, registeredError, type StepDescription, sortSteps } from '@wrought/contract';
import type { Config } from '../config/index.ts';
import { done, step } from '../drivers/kit/index.ts';
import type { PlannedStep, Run } from '../store/runs.ts';
import { type Flow, interfaceSteps, ownStep, type Planning, requestedSteps } from './flow.ts';

const prepareCleaning = step({
  interface: 'flow',
  step: 'prepare_cleaning',
  kinds: ['clean'],
  recovery: 'repeat',
  abortable: true,
  requires_ramdisk: true,
  execute: (task) => task.interfaces.deploy.prepareCleaning(task),
  resume: (task, _args, signal) => task.interfaces.deploy.resumeCleaning(task, signal),
});

const tearDownCleaning = step({
  interface: 'flow',
  step: 'tear_down_cleaning',
  kinds: ['clean'],
  recovery: 'repeat',
  execute: async (task) => done(await task.interfaces.deploy.tearDownCleaning(task)),
});

const powerOffAfterFailure = step({
  interface: 'flow',
  step: 'power_off_after_clean_failure',
  kinds: ['clean'],
  recovery: 'repeat',
  async execute(task) {
    await task.setPower('power off');
    return done();
  },
});

/** Manual cleaning carries its steps; automated cleaning does not. */
function isManual(run: Pick<Run, 'arguments'>): boolean {
  return Array.isArray(run.arguments.clean_steps);
}

/** Whether automated cleaning is switched on for the node. */
export function automatedCleaningApplies(node: Node, config: Config): boolean {
  return node.automated_clean ?? config.clean.automated;
}

function offered(planning: Planning): readonly StepDescription[] {
  return [...(planning.agentSteps ?? []), ...interfaceSteps(planning.interfaces, 'clean')];
}

function describe(planning: Planning, wanted: Pick<RequestedStep, 'interface' | 'step'>): StepDescription | undefined {
  return offered(planning).find((offer) => offer.interface === wanted.interface && offer.step === wanted.step);
}

/** The step as it goes into the plan; descriptions of an agent's steps are kept with it. */
function plan(
  planning: Planning,
  offer: StepDescription,
  priority: number,
  source: PlannedStep['source'],
  args = {},
): PlannedStep {
  const planned = { interface: offer.interface, step: offer.step, priority, args, source };
  return planning.agentSteps?.includes(offer) ? { ...planned, description: offer } : planned;
}

function planManual(planning: Planning): readonly PlannedStep[] {
  return requestedSteps(planning.run.arguments.clean_steps).map((wanted) => {
    const offer = describe(planning, wanted);
    if (offer === undefined) {
      const names = offered(planning).map((each) => `${each.interface}.${each.step}`);
      throw registeredError('InvalidParameterValue', {
        reason: `Node ${planning.node.uuid} has no clean step "${wanted.interface}.${wanted.step}". It offers: ${names.join(', ') || 'none'}.`,
      });
    }
    checkArguments(offer, wanted);
    if (offer.requires_ramdisk && planning.run.arguments.disable_ramdisk === true) {
      throw registeredError('InvalidParameterValue', {
        reason: `Step "${offer.interface}.${offer.step}" runs in the ramdisk, which disable_ramdisk leaves off. Ask for it without disable_ramdisk.`,
      });
    }
    return plan(planning, offer, wanted.priority ?? offer.priority, 'user', wanted.args ?? {});
  });
}

function planAutomated(planning: Planning): readonly PlannedStep[] {
  if (!automatedCleaningApplies(planning.node, planning.config)) {
    return [];
  }
  const overrides = planning.config.conductor.clean_step_priority_override;
  const steps = offered(planning)
    .map((offer) =>
      plan(
        planning,
        offer,
        overrides[`${offer.interface}.${offer.step}`] ?? offer.priority,
        planning.agentSteps?.includes(offer) ? 'agent' : 'driver',
      ),
    )
    .filter((each) => each.priority > 0);
  return sortSteps('clean', steps);
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

/** Whether the ramdisk has to be up: not when it is forbidden, or when nothing that is to run needs it. */
function needsRamdisk(planning: Planning): boolean {
  const { arguments: given } = planning.run;
  if (given.disable_ramdisk === true) {
    return false;
  }
  if (Array.isArray(given.clean_steps)) {
    return requestedSteps(given.clean_steps).some((wanted) => describe(planning, wanted)?.requires_ramdisk ?? true);
  }
  return automatedCleaningApplies(planning.node, planning.config);
}

export const clean: Flow = {
  name: 'clean',
  lane: 'provision',
  kind: 'clean',
  eventType: 'cleaning',
  stepFlow: (run) => (isManual(run) ? 'manual_cleaning' : 'automated_cleaning'),
  running: 'cleaning',
  waiting: 'clean wait',
  stepField: 'clean_step',
  steps: [prepareCleaning, tearDownCleaning, powerOffAfterFailure],
  plan(phase, planning) {
    const booted = planning.run.memory.ramdisk_booted === true;
    switch (phase) {
      case 'prepare':
        return needsRamdisk(planning) ? [ownStep(prepareCleaning)] : [];
      case 'steps':
      case 'agent steps':
        return isManual(planning.run) ? planManual(planning) : planAutomated(planning);
      case 'conclude':
        return booted ? [ownStep(tearDownCleaning)] : [];
      case 'failure':
        return planning.config.conductor.poweroff_in_cleanfail && booted ? [ownStep(powerOffAfterFailure)] : [];
    }
  },
  callbackTimeoutSeconds: (config) => config.conductor.clean_callback_timeout,
  succeeded(node, run) {
    const changes = { target_provision_state: null, last_error: null };
    return { events: [isManual(run) || node.retired ? 'manage' : 'done'], changes };
  },
  failed(_node, run) {
    const duringStep = run.memory.clean_step_ran === true && run.memory.aborted !== true;
    return {
      events: ['fail'],
      changes: {
        target_provision_state: isManual(run) ? 'manageable' : 'available',
        last_error: run.failure,
        ...(duringStep ? { maintenance: true, maintenance_reason: run.failure, fault: 'clean failure' as const } : {}),
      },
    };
  },
};
