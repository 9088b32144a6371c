// Steps that bring an iDRAC back into order: its job queue is cleared, and it is restarted.
import { again, done, fail, type Outcome, park, type Step, step, type Task } from '../../kit/index.ts';
import type { RedfishBmc } from '../bmc/index.ts';
import { obstacleOf } from './when-ready.ts';

/** Member of the run's memory. */
const KEY = 'idrac_reset';
/** An iDRAC that does not tell when it started, and was not seen away, is believed to be back after this time. */
const LEAST_RESET_SECONDS = 60;

/** `asked`: it is told to restart, and whether it was is not known. `told`: it was, and is waited for. */
interface Progress {
  readonly step: string;
  readonly phase: 'asked' | 'told';
  /** When it started last, as it told that before; null: it does not tell. */
  readonly before: string | null;
  readonly wasAway: boolean;
  /** Milliseconds since 1970, when this phase began. */
  readonly since: number;
}

const keep = (progress: Progress | null) => ({ memory: { [KEY]: progress === null ? null : { ...progress } } });

function waiting(task: Task, what: string, progress: Progress): Outcome {
  const pollSeconds = task.config.redfish.step_status_interval;
  return park(what, { pollSeconds, timeoutSeconds: 0, facts: keep(progress) });
}

/** The steps clear_job_queue, reset_idrac and known_good_state, for verification and cleaning. */
export function upkeepSteps(load: () => Promise<RedfishBmc>): readonly Step[] {
  const upkeep = async () => (await load()).dell;

  /** The last start as it tells it now; undefined while it is away. */
  async function lastReset(task: Task): Promise<string | null | undefined> {
    try {
      return await (await upkeep()).lastReset(task);
    } catch (error) {
      if (!(await load()).isAway(error)) {
        throw error;
      }
      return undefined;
    }
  }

  async function tell(task: Task, progress: Progress): Promise<Outcome> {
    const told: Progress = { ...progress, phase: 'told', since: Date.now() };
    const last = await lastReset(task);
    if (last === undefined) {
      const limit = task.config.redfish.idrac_ready_timeout;
      return Date.now() - progress.since > limit * 1000
        ? fail(
            `The iDRAC of node ${task.node.uuid} could not be told to restart: it was away for ${limit} s (redfish.idrac_ready_timeout). Look at its network.`,
          )
        : waiting(task, 'the iDRAC, which is away', progress);
    }
    // A server that stopped may have told it.
    if (last === progress.before) {
      await (await upkeep()).reset(task);
    }
    return waiting(task, 'the restart of the iDRAC', told);
  }

  async function follow(task: Task, given: Progress, afterwards: (task: Task) => Promise<void>): Promise<Outcome> {
    const last = await lastReset(task);
    const progress: Progress = last === undefined ? { ...given, wasAway: true } : given;
    const seconds = (Date.now() - progress.since) / 1000;
    const isSeen = progress.wasAway || last !== progress.before || seconds > LEAST_RESET_SECONDS;
    const obstacle =
      last === undefined ? 'it is away' : isSeen ? await obstacleOf(task, load) : 'it has not restarted yet';
    if (obstacle === null) {
      await afterwards(task);
      task.learn(keep(null));
      return done();
    }
    const limit = task.config.redfish.idrac_ready_timeout;
    return seconds > limit
      ? fail(
          `The iDRAC of node ${task.node.uuid} was not ready ${limit} s after its restart (redfish.idrac_ready_timeout): ${obstacle}. Look at its network, and at its Lifecycle log.`,
        )
      : waiting(task, `the iDRAC after its restart (${obstacle})`, progress);
  }

  function resetStep(name: string, afterwards: (task: Task) => Promise<void>): Step {
    const run = async (task: Task): Promise<Outcome> => {
      const known = task.memory[KEY] as Progress | null | undefined;
      const progress = known?.step === name ? known : undefined;
      if (progress === undefined) {
        const before = await (await upkeep()).lastReset(task);
        const asked: Progress = { step: name, phase: 'asked', before, wasAway: false, since: Date.now() };
        return again(0, 'The iDRAC is about to be told to restart.', keep(asked));
      }
      return progress.phase === 'asked' ? tell(task, progress) : follow(task, progress, afterwards);
    };
    return step({ ...common, step: name, execute: run, resume: run });
  }

  const common = { interface: 'management', kinds: ['clean', 'verify'], recovery: 'repeat' } as const;
  const clear = async (task: Task) => (await upkeep()).clearJobs(task);
  return [
    step({
      ...common,
      step: 'clear_job_queue',
      async execute(task) {
        await clear(task);
        return done();
      },
    }),
    resetStep('reset_idrac', async () => {}),
    resetStep('known_good_state', clear),
  ];
}
