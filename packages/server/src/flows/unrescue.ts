// Unrescue: leave the rescue ramdisk and return to the instance.
import { done, step, supportedInterface } from '../drivers/kit/index.ts';
import { type Flow, ownStep } from './flow.ts';
import { withoutRescuePassword } from './rescue.ts';

const returnToInstance = step({
  interface: 'flow',
  step: 'return_to_instance',
  kinds: [],
  recovery: 'repeat',
  execute: async (task) => done(await supportedInterface(task, 'rescue').unrescue(task)),
});

export const unrescue: Flow = {
  name: 'unrescue',
  lane: 'provision',
  limitClass: null,
  kind: null,
  eventType: 'rescue',
  stepFlow: null,
  running: 'unrescuing',
  waiting: null,
  holding: null,
  stepField: null,
  steps: [returnToInstance],
  plan: (phase) => (phase === 'prepare' ? [ownStep(returnToInstance)] : []),
  callbackTimeoutSeconds: () => 0,
  succeeded: (node) => ({
    events: ['done'],
    changes: { target_provision_state: null, last_error: null, ...withoutRescuePassword(node) },
  }),
  failed: (_node, run) => ({
    events: ['fail'],
    changes: { target_provision_state: 'active', last_error: run.failure },
  }),
};
