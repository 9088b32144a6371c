// Power: one power action that a user asked for; it stands beside the provisioning of the node and changes no provision state.
import { isPowerTarget, type PowerTarget } from '@wrought/contract';
import { done, type Step, type StepArguments, step, type Task } from '../drivers/kit/index.ts';
import { type Flow, ownStep } from './flow.ts';

/** A step that brings the node to one end state; a probe tells whether it is there already. */
function powerStep(
  name: string,
  end: 'power on' | 'power off',
  target: 'power on' | 'power off' | 'soft power off',
): Step {
  async function execute(task: Task, args: StepArguments) {
    await task.setPower(target, typeof args.timeout === 'number' ? args.timeout : undefined);
    return done();
  }
  return step({
    interface: 'flow',
    step: name,
    kinds: [],
    recovery: 'probe',
    execute,
    async probe(task, args) {
      const state = await task.interfaces.power.getPowerState(task);
      // Setting a state that is reached asks nothing of the BMC; it learns what follows from that state.
      return state === end ? execute(task, args) : 'not happened';
    },
  });
}

const powerOn = powerStep('power_on', 'power on', 'power on');
const powerOff = powerStep('power_off', 'power off', 'power off');
const softPowerOff = powerStep('soft_power_off', 'power off', 'soft power off');

const stepsOfTarget: Readonly<Record<PowerTarget, readonly Step[]>> = {
  'power on': [powerOn],
  'power off': [powerOff],
  'soft power off': [softPowerOff],
  rebooting: [powerOff, powerOn],
  'soft rebooting': [softPowerOff, powerOn],
};

export const power: Flow = {
  name: 'power',
  lane: 'power',
  kind: null,
  eventType: 'power',
  stepFlow: null,
  running: null,
  waiting: null,
  stepField: null,
  steps: [powerOn, powerOff, softPowerOff],
  plan(phase, { run }) {
    const { target, timeout } = run.arguments;
    if (phase !== 'prepare' || typeof target !== 'string' || !isPowerTarget(target)) {
      return [];
    }
    return stepsOfTarget[target].map((each) => ownStep(each, timeout === undefined ? {} : { timeout }));
  },
  callbackTimeoutSeconds: () => 0,
  succeeded: () => ({ events: [], changes: { target_power_state: null } }),
  failed: (_node, run) => ({ events: [], changes: { target_power_state: null, last_error: run.failure } }),
};
