// Tear-down: end the instance, forget everything about it, and hand the machine to automated cleaning.
import { isProvisionState, rescueStates } from '@wrought/contract';
import { agentMembersLostWithPower, done, step, supportedInterface } from '../drivers/kit/index.ts';
import { stopConsole } from './console.ts';
import type { Flow } from './flow.ts';
import { ownStep } from './flow.ts';

/** What deploying leaves in driver_internal_info. */
const membersOfTheInstance = {
  deploy_steps: null,
  deploy_step_index: null,
  instance: null,
  deploy_boot_mode: null,
  is_whole_disk_image: null,
  root_uuid_or_disk_id: null,
} as const;

const cleanUpRescue = step({
  interface: 'flow',
  step: 'clean_up_rescue',
  kinds: [],
  recovery: 'repeat',
  execute: async (task) => done(await supportedInterface(task, 'rescue').cleanUp(task)),
});

const tearDownInstance = step({
  interface: 'flow',
  step: 'tear_down_instance',
  kinds: [],
  recovery: 'repeat',
  execute: async (task) => done(await task.interfaces.deploy.tearDown(task)),
});

const cleanUpInstance = step({
  interface: 'flow',
  step: 'clean_up_instance',
  kinds: [],
  recovery: 'repeat',
  async execute(task) {
    task.learn(await task.interfaces.deploy.cleanUp(task));
    return done({ driver_internal_info: { ...agentMembersLostWithPower, ...membersOfTheInstance } });
  },
});

const detachVifs = step({
  interface: 'flow',
  step: 'detach_vifs',
  kinds: [],
  recovery: 'repeat',
  async execute(task) {
    for (const vif of await task.interfaces.network.listVifs(task)) {
      task.learn(await task.interfaces.network.detachVif(task, vif.id));
    }
    return done();
  },
});

export const tearDown: Flow = {
  name: 'tear-down',
  lane: 'provision',
  limitClass: 'clean',
  kind: null,
  eventType: 'unprovision',
  stepFlow: null,
  running: 'deleting',
  waiting: null,
  holding: null,
  stepField: null,
  steps: [cleanUpRescue, stopConsole, tearDownInstance, cleanUpInstance, detachVifs],
  plan(phase, { node, run, interfaces }) {
    if (phase !== 'prepare') {
      return [];
    }
    const { from } = run.arguments;
    const isRescued = typeof from === 'string' && isProvisionState(from) && rescueStates.has(from);
    return [
      ...(isRescued && interfaces.rescue.supported ? [cleanUpRescue] : []),
      ...(node.console_enabled && interfaces.console.supported ? [stopConsole] : []),
      tearDownInstance,
      cleanUpInstance,
      detachVifs,
    ].map((each) => ownStep(each));
  },
  callbackTimeoutSeconds: () => 0,
  succeeded: () => ({
    events: ['clean'],
    changes: {
      instance_info: {},
      instance_uuid: null,
      instance_name: null,
      allocation_uuid: null,
      deploy_step: {},
      service_step: {},
      console_enabled: false,
      last_error: null,
      target_provision_state: 'available',
    },
    next: { flow: 'clean', arguments: {} },
  }),
  failed: (_node, run) => ({ events: ['fail'], changes: { last_error: run.failure, target_provision_state: null } }),
};
