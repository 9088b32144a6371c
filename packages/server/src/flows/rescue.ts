// Rescue: boot the rescue ramdisk on a machine with an instance, and give it its password.
import type { Node } from '@wrought/contract';
import { done, step, supportedInterface } from '../drivers/kit/index.ts';
import { mergeObject, type NodeChanges } from '../store/nodes.ts';
import { type Flow, ownStep } from './flow.ts';

const bootRescueRamdisk = step({
  interface: 'flow',
  step: 'boot_rescue_ramdisk',
  kinds: [],
  recovery: 'repeat',
  abortable: true,
  execute: async (task) => supportedInterface(task, 'rescue').rescue(task),
  resume: async (task, _args, signal) => supportedInterface(task, 'rescue').resume?.(task, signal) ?? done(),
});

const setRescuePassword = step({
  interface: 'flow',
  step: 'set_rescue_password',
  kinds: [],
  // The agent that has the password ends: it can not be given twice.
  recovery: 'probe',
  execute: async (task) => supportedInterface(task, 'rescue').password?.set(task) ?? done(),
  resume: async (task) => supportedInterface(task, 'rescue').password?.resume?.(task) ?? done(),
  probe: async (task) => supportedInterface(task, 'rescue').password?.probe(task) ?? 'not happened',
});

const finishRescue = step({
  interface: 'flow',
  step: 'finish_rescue',
  kinds: [],
  recovery: 'repeat',
  execute: async (task) => done((await supportedInterface(task, 'rescue').finish?.(task)) ?? {}),
});

const cleanUpAfterFailure = step({
  interface: 'flow',
  step: 'clean_up_after_rescue_failure',
  kinds: [],
  recovery: 'repeat',
  async execute(task) {
    if (!task.node.disable_power_off) {
      await task.setPower('power off');
    }
    return done(await supportedInterface(task, 'rescue').cleanUp(task));
  },
});

/** The instance without its rescue password. */
export function withoutRescuePassword(node: Node): Pick<NodeChanges, 'instance_info'> {
  return {
    instance_info: mergeObject(node.instance_info, { rescue_password: null, hashed_rescue_password: null }),
  };
}

export const rescue: Flow = {
  name: 'rescue',
  lane: 'provision',
  limitClass: null,
  kind: null,
  eventType: 'rescue',
  stepFlow: null,
  running: 'rescuing',
  waiting: 'rescue wait',
  holding: null,
  stepField: null,
  steps: [bootRescueRamdisk, setRescuePassword, finishRescue, cleanUpAfterFailure],
  plan(phase) {
    switch (phase) {
      case 'prepare':
        return [bootRescueRamdisk, setRescuePassword, finishRescue].map((each) => ownStep(each));
      case 'failure':
        return [ownStep(cleanUpAfterFailure)];
      default:
        return [];
    }
  },
  callbackTimeoutSeconds: (config) => config.conductor.rescue_callback_timeout,
  succeeded: () => ({ events: ['done'], changes: { target_provision_state: null, last_error: null } }),
  failed(node, run) {
    const isLeftBehind = run.memory.aborted === true && run.memory.clean_up_failed === true;
    return {
      events: ['fail'],
      changes: {
        target_provision_state: 'rescue',
        last_error: run.failure,
        ...withoutRescuePassword(node),
        ...(isLeftBehind
          ? { maintenance: true, maintenance_reason: run.failure, fault: 'rescue abort failure' as const }
          : {}),
      },
    };
  },
};
