// Clean: bring the machine into the agent's ramdisk when steps need it, run the clean steps, and let go of it again.
import { isRegisteredError, type Node, registeredError, sortSteps } from '@wrought/contract';
import type { Config } from '../config/index.ts';
import { done, step } from '../drivers/kit/index.ts';
import type { PlannedStep, Run } from '../store/runs.ts';
import { type CleaningRunbook, cleaningRunbookArguments } from './cleaning-runbook.ts';
import { type Flow, ownStep, type Planning, requestedSteps } from './flow.ts';
import { needsRamdisk, offeredSteps, planOffer, planRequested } from './requested-plan.ts';

const prepareCleaning = step({
  interface: 'flow',
  step: 'prepare_cleaning',
  kinds: ['clean'],
  recovery: 'repeat',
  abortable: true,
  requires_ramdisk: true,
  execute(task) {
    task.learn({ memory: { ramdisk_prepared: true } });
    return task.interfaces.deploy.prepareCleaning(task);
  },
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

function planAutomated(planning: Planning): readonly PlannedStep[] {
  if (!automatedCleaningApplies(planning.node, planning.config)) {
    return [];
  }
  const overrides = planning.config.conductor.clean_step_priority_override;
  const steps = offeredSteps(planning, 'clean')
    .map((offer) =>
      planOffer(
        planning,
        offer,
        overrides[`${offer.interface}.${offer.step}`] ?? offer.priority,
        planning.agentSteps?.includes(offer) ? 'agent' : 'driver',
      ),
    )
    .filter((each) => each.priority > 0);
  return sortSteps('clean', steps);
}

/** The runbook of automated cleaning, or undefined. @throws RegisteredError InvalidParameterValue when there is none that can be used */
function runbookOf({ arguments: given }: Pick<Run, 'arguments'>) {
  const runbook = given.runbook as CleaningRunbook | undefined;
  if (runbook !== undefined && 'problem' in runbook) {
    throw registeredError('InvalidParameterValue', { reason: runbook.problem });
  }
  return runbook;
}

function planSteps(planning: Planning): readonly PlannedStep[] {
  const { run } = planning;
  if (isManual(run)) {
    return planRequested(planning, 'clean', requestedSteps(run.arguments.clean_steps));
  }
  const runbook = runbookOf(run);
  if (runbook === undefined) {
    return planAutomated(planning);
  }
  try {
    return planRequested(planning, 'clean', runbook.steps);
  } catch (error) {
    throw isRegisteredError(error)
      ? registeredError('InvalidParameterValue', {
          reason: `Automated cleaning runs ${runbook.title}. ${error.message}`,
        })
      : error;
  }
}

/** Whether the ramdisk has to be up: not when it is forbidden, or when nothing that is to run needs it. */
function isRamdiskNeeded(planning: Planning): boolean {
  const { arguments: given } = planning.run;
  const listed = isManual(planning.run) ? requestedSteps(given.clean_steps) : runbookOf(planning.run)?.steps;
  if (given.disable_ramdisk === true) {
    return false;
  }
  return listed === undefined
    ? automatedCleaningApplies(planning.node, planning.config)
    : needsRamdisk(planning, 'clean', listed);
}

export const clean: Flow = {
  name: 'clean',
  lane: 'provision',
  limitClass: 'clean',
  kind: 'clean',
  eventType: 'cleaning',
  stepFlow: (run) => (isManual(run) ? 'manual_cleaning' : 'automated_cleaning'),
  running: 'cleaning',
  waiting: 'clean wait',
  holding: 'clean hold',
  stepField: 'clean_step',
  steps: [prepareCleaning, tearDownCleaning, powerOffAfterFailure],
  completeArguments: async (db, node, given, config) =>
    isManual({ arguments: given }) || !automatedCleaningApplies(node, config)
      ? given
      : { ...given, ...(await cleaningRunbookArguments(db, node, config)) },
  plan(phase, planning) {
    const { memory } = planning.run;
    switch (phase) {
      case 'prepare':
        return isRamdiskNeeded(planning) ? [ownStep(prepareCleaning)] : [];
      case 'steps':
      case 'agent steps':
        return planSteps(planning);
      case 'conclude':
        return memory.ramdisk_booted === true ? [ownStep(tearDownCleaning)] : [];
      case 'failure':
        if (memory.aborted === true && memory.ramdisk_prepared === true) {
          return [ownStep(tearDownCleaning)];
        }
        return planning.config.conductor.poweroff_in_cleanfail && memory.ramdisk_booted === true
          ? [ownStep(powerOffAfterFailure)]
          : [];
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
