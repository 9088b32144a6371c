// Tear-down: end the instance, forget everything about it, and hand the machine to automated cleaning.
import { agentMembersLostWithPower, done, step } from '../drivers/kit/index.ts';
import type { Flow } from './flow.ts';
import { ownStep } from './flow.ts';

/** What deploying leaves in driver_internal_info. */
const membersOfTheInstance = {
  deploy_steps: null,
  deploy_step_index: null,
  deploy_boot_mode: null,
  is_whole_disk_image: null,
  root_uuid_or_disk_id: null,
} as const;

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
  kind: null,
  eventType: 'unprovision',
  stepFlow: null,
  running: 'deleting',
  waiting: null,
  stepField: null,
  steps: [tearDownInstance, cleanUpInstance, detachVifs],
  plan: (phase) =>
    phase === 'prepare' ? [ownStep(tearDownInstance), ownStep(cleanUpInstance), ownStep(detachVifs)] : [],
  callbackTimeoutSeconds: () => 0,
  succeeded: () => ({
    events: ['clean'],
    changes: {
      instance_info: {},
      instance_uuid: null,
      instance_name: null,
      allocation_uuid: null,
      deploy_step: {},
      last_error: null,
      target_provision_state: 'available',
    },
    next: { flow: 'clean', arguments: {} },
  }),
  failed: (_node, run) => ({ events: ['fail'], changes: { last_error: run.failure, target_provision_state: null } }),
};
