// Deploy: driver steps, template steps and user steps in one order; before the agent is up, and again once it has named its own.
import { type RequestedStep, registeredError, type StepDescription, sortSteps } from '@wrought/contract';
import { agentMembersLostWithPower, done, step } from '../drivers/kit/index.ts';
import { mergeObject } from '../store/nodes.ts';
import type { PlannedStep } from '../store/runs.ts';
import { type Flow, interfaceSteps, ownStep, type Planning, requestedSteps } from './flow.ts';
import { checkArguments, planOffer, planWithoutOffer } from './requested-plan.ts';

const prepareDeploy = step({
  interface: 'flow',
  step: 'prepare_deploy',
  kinds: ['deploy'],
  recovery: 'repeat',
  execute: async (task) => done(await task.interfaces.deploy.prepare(task)),
});

const cleanUpAfterFailure = step({
  interface: 'flow',
  step: 'clean_up_after_deploy_failure',
  kinds: ['deploy'],
  recovery: 'repeat',
  execute: async (task) => done(await task.interfaces.deploy.cleanUp(task)),
});

const powerOffAfterFailure = step({
  interface: 'flow',
  step: 'power_off_after_deploy_failure',
  kinds: ['deploy'],
  recovery: 'repeat',
  async execute(task) {
    await task.setPower('power off');
    return done();
  },
});

const nameOf = (each: Pick<RequestedStep, 'interface' | 'step'>) => `${each.interface}.${each.step}`;

/** The step that no template and no user may replace, only switch off with priority 0. */
const CORE_STEP = 'deploy.deploy';

/** Lays requested steps over the offered ones: later ones win, priority 0 removes. */
function override(
  planning: Planning,
  base: ReadonlyMap<string, PlannedStep>,
  wanted: readonly RequestedStep[],
  source: 'user' | 'template',
  offers: ReadonlyMap<string, StepDescription>,
): Map<string, PlannedStep> {
  const steps = new Map(base);
  for (const each of wanted) {
    const name = nameOf(each);
    const offer = offers.get(name);
    const priority = Number(each.priority ?? 0);
    const free = planWithoutOffer(each, priority);
    if (priority === 0) {
      steps.delete(name);
    } else if (free !== undefined) {
      steps.set(name, free);
    } else if (name === CORE_STEP) {
      throw registeredError('InvalidParameterValue', {
        reason: `The ${source} step "${CORE_STEP}" can only be switched off (priority 0), not given priority ${priority}.`,
      });
    } else if (offer !== undefined) {
      checkArguments(offer, each);
      steps.set(name, planOffer(planning, offer, priority, source, { ...each.args }));
    } else if (planning.agentSteps !== undefined || planning.interfaces.deploy.agent === undefined) {
      // Before the agent is up a step that nobody knows yet may be one of the agent's.
      throw registeredError('InvalidParameterValue', {
        reason: `Node ${planning.node.uuid} has no deploy step "${name}" (asked for by a ${source}). It offers: ${[...offers.keys()].join(', ')}.`,
      });
    }
  }
  return steps;
}

/** All deploy steps in their order. */
export function planDeploySteps(planning: Planning): readonly PlannedStep[] {
  const own = interfaceSteps(planning.interfaces, 'deploy');
  const offers = new Map<string, StepDescription>();
  for (const offer of [...(planning.agentSteps ?? []), ...own]) {
    offers.set(nameOf(offer), offer);
  }
  let steps = new Map<string, PlannedStep>();
  for (const offer of offers.values()) {
    if (offer.priority > 0) {
      const source = planning.agentSteps?.includes(offer) ? 'agent' : 'driver';
      steps.set(nameOf(offer), planOffer(planning, offer, offer.priority, source));
    }
  }
  steps = override(planning, steps, requestedSteps(planning.run.arguments.template_steps), 'template', offers);
  steps = override(planning, steps, requestedSteps(planning.run.arguments.deploy_steps), 'user', offers);
  return sortSteps('deploy', [...steps.values()]);
}

/** With the agent's steps known: what comes after the step that brought the agent up. */
function planWithAgent(planning: Planning): readonly PlannedStep[] {
  const all = planDeploySteps(planning);
  const core = all.findIndex((each) => nameOf(each) === planning.run.memory.agent_came_up_in);
  return all.slice(core + 1);
}

export const deploy: Flow = {
  name: 'deploy',
  lane: 'provision',
  limitClass: 'deploy',
  kind: 'deploy',
  eventType: 'deploying',
  stepFlow: () => 'deployment',
  running: 'deploying',
  waiting: 'wait call-back',
  holding: 'deploy hold',
  stepField: 'deploy_step',
  steps: [prepareDeploy, cleanUpAfterFailure, powerOffAfterFailure],
  plan(phase, planning) {
    switch (phase) {
      case 'prepare':
        return [ownStep(prepareDeploy)];
      case 'steps':
        return planDeploySteps(planning);
      case 'agent steps':
        return planWithAgent(planning);
      case 'conclude':
        return [];
      case 'failure': {
        const powerOff = planning.config.deploy.power_off_after_deploy_failure && !planning.node.disable_power_off;
        return powerOff
          ? [ownStep(powerOffAfterFailure), ownStep(cleanUpAfterFailure)]
          : [ownStep(cleanUpAfterFailure)];
      }
    }
  },
  callbackTimeoutSeconds: (config) => config.conductor.deploy_callback_timeout,
  succeeded: (node) => ({
    events: ['done'],
    changes: {
      target_provision_state: null,
      last_error: null,
      // The agent ended with the deployment; what is known of it must not be taken for the next one's.
      driver_internal_info: mergeObject(node.driver_internal_info, agentMembersLostWithPower),
    },
  }),
  failed: (_node, run) => ({ events: ['fail'], changes: { last_error: run.failure } }),
};
