// Power: one power action that a user asked for; it stands beside the provisioning of the node and changes no provision state.
import { isPowerTarget, type PowerTarget } from '@wrought/contract';
import type { Step } from '../drivers/kit/index.ts';
import { type Flow, ownStep } from './flow.ts';
import { powerStep } from './power-steps.ts';

const powerOn = powerStep({ interface: 'flow', step: 'power_on' }, 'power on', 'power on');
const powerOff = powerStep({ interface: 'flow', step: 'power_off' }, 'power off', 'power off');
const softPowerOff = powerStep({ interface: 'flow', step: 'soft_power_off' }, 'power off', 'soft power off');

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
  limitClass: null,
  kind: null,
  eventType: 'power',
  stepFlow: null,
  running: null,
  waiting: null,
  holding: null,
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
