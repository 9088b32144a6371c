// Adopt: take a machine over on which an instance runs already, without deploying it.
import { done, step } from '../drivers/kit/index.ts';
import { type Flow, ownStep } from './flow.ts';

const takeOverInstance = step({
  interface: 'flow',
  step: 'take_over_instance',
  kinds: [],
  recovery: 'repeat',
  async execute(task) {
    const { power, deploy } = task.interfaces;
    await power.validate(task);
    task.learn((await deploy.takeOver?.(task)) ?? {});
    return done({ power_state: await power.getPowerState(task) });
  },
});

export const adopt: Flow = {
  name: 'adopt',
  lane: 'provision',
  limitClass: null,
  kind: null,
  eventType: 'adoption',
  stepFlow: null,
  running: 'adopting',
  waiting: null,
  holding: null,
  stepField: null,
  steps: [takeOverInstance],
  plan: (phase) => (phase === 'prepare' ? [ownStep(takeOverInstance)] : []),
  callbackTimeoutSeconds: () => 0,
  succeeded: () => ({ events: ['done'], changes: { target_provision_state: null, last_error: null } }),
  failed: (_node, run) => ({
    events: ['fail'],
    changes: { target_provision_state: 'active', last_error: run.failure, power_state: null },
  }),
};
