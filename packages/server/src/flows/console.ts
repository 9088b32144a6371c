// Console: opens or closes the console of a machine, beside the provisioning of the node.
import { done, step, supportedInterface } from '../drivers/kit/index.ts';
import { type Flow, ownStep } from './flow.ts';

const startConsole = step({
  interface: 'flow',
  step: 'start_console',
  kinds: [],
  recovery: 'repeat',
  execute: async (task) => done(await supportedInterface(task, 'console').start(task)),
});

export const stopConsole = step({
  interface: 'flow',
  step: 'stop_console',
  kinds: [],
  recovery: 'repeat',
  execute: async (task) => done(await supportedInterface(task, 'console').stop(task)),
});

export const consoles: Flow = {
  name: 'console',
  lane: 'power',
  limitClass: null,
  kind: null,
  eventType: 'console',
  stepFlow: null,
  running: null,
  waiting: null,
  holding: null,
  stepField: null,
  steps: [startConsole, stopConsole],
  plan: (phase, { run }) =>
    phase === 'prepare' ? [ownStep(run.arguments.enabled === true ? startConsole : stopConsole)] : [],
  callbackTimeoutSeconds: () => 0,
  succeeded: (_node, run) => ({ events: [], changes: { console_enabled: run.arguments.enabled === true } }),
  failed: (_node, run) => ({ events: [], changes: { last_error: run.failure } }),
};
