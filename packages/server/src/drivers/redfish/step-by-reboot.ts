// Steps whose change takes effect when the machine starts anew: handed over, restarted, and waited for until the BMC shows it.
import type { StepDescription } from '@wrought/contract';
import {
  again,
  done,
  type Facts,
  fail,
  type Outcome,
  park,
  type Step,
  type StepArguments,
  step,
  type Task,
} from '../kit/index.ts';
import { isAgentThere, restartMachine } from './restart-machine.ts';

/** Member of the run's memory: what this step did so far. */
const KEY = 'step_by_reboot';

interface Progress {
  /** The step, so that the memory of another one is not taken for its own. */
  readonly step: string;
  /** The restart comes next, or was asked for. */
  readonly phase: 'restarting' | 'restarted';
  /** The machine was off and there is no ramdisk: it is switched off again. */
  readonly wasOff: boolean;
  /** A ramdisk was running, and is waited for. */
  readonly awaitsAgent: boolean;
}

/** What becomes of a change: it shows, it does not yet, or it never will. */
export type Shown = { readonly kind: 'yes' } | { readonly kind: 'not yet' | 'never'; readonly what: string };

export interface ChangeByReboot {
  /** What is awaited, as a phrase: "the BIOS settings". */
  readonly awaited: string;
  /** Hands the change to the BMC. False: all is so already, and no restart is needed. Safe to repeat. */
  apply(task: Task, args: StepArguments): Promise<boolean>;
  /** Whether the BMC shows it now. */
  look(task: Task, args: StepArguments): Promise<Shown>;
  /** What is known after it. */
  facts(task: Task): Promise<Facts>;
}

function progressOf(task: Task, name: string): Progress | undefined {
  const progress = task.memory[KEY] as Progress | null | undefined;
  return progress?.step === name ? progress : undefined;
}

/** Makes a step of it, for every kind that the description names. */
export function stepByReboot(
  description: Pick<StepDescription, 'interface' | 'step'> & Partial<Step> & Pick<Step, 'kinds'>,
  change: ChangeByReboot,
): Step {
  const name = `${description.interface}.${description.step}`;

  /** Stores what the machine was like before the restart: only what an outcome carries outlives a crash. */
  async function intend(task: Task): Promise<Outcome> {
    const awaitsAgent = isAgentThere(task);
    const wasOff = !awaitsAgent && (await task.interfaces.power.getPowerState(task)) === 'power off';
    const progress: Progress = { step: name, phase: 'restarting', wasOff, awaitsAgent };
    return again(0, `A restart is next, for ${change.awaited}.`, { memory: { [KEY]: { ...progress } } });
  }

  async function restart(task: Task, progress: Progress): Promise<Outcome> {
    await restartMachine(task);
    return park(`${change.awaited} after a restart`, {
      pollSeconds: task.config.redfish.step_status_interval,
      facts: { memory: { [KEY]: { ...progress, phase: 'restarted' } } },
    });
  }

  async function look(task: Task, args: StepArguments, progress: Progress): Promise<Outcome> {
    let shown: Shown;
    try {
      shown = await change.look(task, args);
    } catch (error) {
      // BMCs are away or busy while a machine starts; the time-out of the wait ends it.
      const reason = error instanceof Error ? error.message : String(error);
      task.log.warn({ node: task.node.uuid, step: name, reason }, 'The BMC could not be asked; it is asked again.');
      return park(`${change.awaited}; the BMC could not be asked: ${reason}`, {
        pollSeconds: task.config.redfish.step_status_interval,
      });
    }
    if (shown.kind === 'never') {
      return fail(shown.what);
    }
    if (shown.kind === 'not yet') {
      return park(`${change.awaited}: ${shown.what}`, { pollSeconds: task.config.redfish.step_status_interval });
    }
    if (progress.awaitsAgent && !isAgentThere(task)) {
      return park('the agent, after a restart', { pollSeconds: task.config.redfish.step_status_interval });
    }
    if (progress.wasOff) {
      await task.setPower('power off');
    }
    task.learn({ memory: { [KEY]: null } });
    return done(await change.facts(task));
  }

  return step({
    ...description,
    recovery: 'repeat',
    async execute(task, args) {
      const progress = progressOf(task, name);
      if (progress !== undefined) {
        return progress.phase === 'restarted' ? look(task, args, progress) : restart(task, progress);
      }
      return (await change.apply(task, args)) ? intend(task) : done(await change.facts(task));
    },
    async resume(task, args) {
      const progress = progressOf(task, name);
      return progress === undefined
        ? again(0, 'What the step did is not known; it begins anew.')
        : look(task, args, progress);
    },
  });
}
