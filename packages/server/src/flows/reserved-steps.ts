// Steps whose names are reserved in lists of clean, deploy and service steps: every node has them, whatever its interfaces.
import { registeredError } from '@wrought/contract';
import { done, type Outcome, park, type Step, type StepArguments, step, type Task } from '../drivers/kit/index.ts';
import { secondsFromNow } from '../store/time.ts';
import { powerStep } from './power-steps.ts';

const kinds = ['clean', 'deploy', 'service'] as const;

const isHeld = (task: Task) => /^(clean|deploy|service) hold$/.test(task.node.provision_state);
const held = () => park('somebody to let the node go (the verb unhold)', { isHold: true });

const hold = step({
  interface: 'deploy',
  step: 'hold',
  kinds,
  abortable: true,
  recovery: 'repeat',
  execute: async () => held(),
  // The verb moves the node out of the hold state before it wakes the step.
  resume: async (task) => (isHeld(task) ? held() : done()),
});

/** Member of the run's memory that says when a wait ends. */
const WAIT_ENDS = 'wait_ends_at';

/** `longest` bounds what is left when the clock was set back meanwhile. */
function waitOn(endsAt: unknown, longest: number): Outcome {
  if (typeof endsAt !== 'string') {
    return park('a heartbeat of the agent');
  }
  const seconds = Math.min((Date.parse(endsAt) - Date.now()) / 1000, longest);
  return seconds <= 0
    ? done({ memory: { [WAIT_ENDS]: null } })
    : park(`the end of a pause at ${endsAt}`, {
        timeoutSeconds: 0,
        pollSeconds: seconds,
        facts: { memory: { [WAIT_ENDS]: endsAt } },
      });
}

/** Throws when the pause that is asked for is no number of seconds. */
function secondsOf(args: StepArguments): number | undefined {
  const { seconds } = args;
  if (seconds === undefined) {
    return undefined;
  }
  const read = typeof seconds === 'string' ? Number(seconds) : seconds;
  if (typeof read !== 'number' || !Number.isFinite(read) || read < 0) {
    throw registeredError('InvalidParameterValue', {
      reason: `The step wait has the invalid argument seconds ${JSON.stringify(seconds)}; allowed: a number from 0 up.`,
    });
  }
  return read;
}

const wait = step({
  interface: 'deploy',
  step: 'wait',
  kinds,
  abortable: true,
  recovery: 'repeat',
  argsinfo: { seconds: { description: 'How long to wait; without it, until the next heartbeat of the agent.' } },
  async execute(task, args) {
    const seconds = secondsOf(args);
    const longest = task.config.conductor.max_conductor_wait_step_seconds;
    return waitOn(seconds === undefined ? undefined : secondsFromNow(Math.min(seconds, longest)), longest);
  },
  async resume(task, _args, signal) {
    const endsAt = task.memory[WAIT_ENDS];
    if (typeof endsAt !== 'string') {
      return signal.kind === 'heartbeat' ? done() : waitOn(endsAt, 0);
    }
    // The timer counted the pause by itself, whatever the clock says.
    return signal.kind === 'poll'
      ? done({ memory: { [WAIT_ENDS]: null } })
      : waitOn(endsAt, task.config.conductor.max_conductor_wait_step_seconds);
  },
});

const reboot = step({
  interface: 'power',
  step: 'reboot',
  kinds,
  recovery: 'repeat',
  async execute(task) {
    await task.setPower('rebooting');
    return done();
  },
});

export const reservedSteps: readonly Step[] = [
  powerStep({ interface: 'power', step: 'power_on', kinds }, 'power on', 'power on'),
  powerStep({ interface: 'power', step: 'power_off', kinds }, 'power off', 'power off'),
  reboot,
  hold,
  wait,
];

/** The reserved step of this name, under whichever interface it is asked for. */
export function reservedStep(name: string): Step | undefined {
  return reservedSteps.find((each) => each.step === name);
}
