// Abort of a servicing that failed: the machine returns to its instance, and the node to "active".
import { type Flow, ownStep } from './flow.ts';
import { tearDownService } from './service-steps.ts';

export const abortService: Flow = {
  name: 'abort-service',
  lane: 'provision',
  limitClass: null,
  kind: null,
  eventType: 'servicing',
  stepFlow: null,
  running: null,
  waiting: null,
  holding: null,
  stepField: null,
  steps: [tearDownService],
  plan: (phase, { interfaces }) =>
    phase === 'prepare' && interfaces.deploy.service !== undefined ? [ownStep(tearDownService)] : [],
  callbackTimeoutSeconds: () => 0,
  succeeded: () => ({
    events: ['abort'],
    changes: { target_provision_state: null, last_error: null, service_step: {} },
  }),
  failed: (_node, run) => ({ events: [], changes: { last_error: run.failure } }),
};
