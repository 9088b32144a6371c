// Steps that go through the Lifecycle Controller of an iDRAC wait until that takes work: after a start it needs minutes.
import { fail, type Outcome, park, type Step, type StepArguments, type Task } from '../../kit/index.ts';
import type { RedfishBmc } from '../bmc/index.ts';

/** Member of the run's memory: the step that found it ready, and since when one waits. */
const KEY = 'lifecycle_controller';

interface Readiness {
  readonly step: string;
  readonly isReady: boolean;
  /** Milliseconds since 1970: when the wait began. */
  readonly since: number;
}

const keep = (readiness: Readiness | null) => ({ memory: { [KEY]: readiness === null ? null : { ...readiness } } });

/** What is in the way of work now, in a phrase; null: nothing. An iDRAC that is away can not work either. */
export async function obstacleOf(task: Task, load: () => Promise<RedfishBmc>): Promise<string | null> {
  const bmc = await load();
  try {
    return await bmc.dell.obstacle(task);
  } catch (error) {
    if (!bmc.isAway(error)) {
      throw error;
    }
    return `the iDRAC is away: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The same step, begun only when the Lifecycle Controller is ready. */
export function whenReady(inner: Step, load: () => Promise<RedfishBmc>): Step {
  const name = `${inner.interface}.${inner.step}`;

  async function after(task: Task, work: () => Promise<Outcome>): Promise<Outcome> {
    const known = (task.memory[KEY] as Readiness | null | undefined) ?? undefined;
    if (known?.step !== name || !known.isReady) {
      const since = known?.step === name ? known.since : Date.now();
      const obstacle = await obstacleOf(task, load);
      const limit = task.config.redfish.idrac_ready_timeout;
      if (obstacle !== null && Date.now() - since > limit * 1000) {
        return fail(
          `The iDRAC of node ${task.node.uuid} did not become ready for the step ${name} within ${limit} s (redfish.idrac_ready_timeout): ${obstacle}. Clear its job queue (management.clear_job_queue) or reset it (management.reset_idrac).`,
        );
      }
      if (obstacle !== null) {
        return park(`the iDRAC to be ready (${obstacle})`, {
          pollSeconds: task.config.redfish.step_status_interval,
          timeoutSeconds: 0,
          facts: keep({ step: name, isReady: false, since }),
        });
      }
      task.learn(keep({ step: name, isReady: true, since }));
    }
    const outcome = await work();
    if (outcome.kind === 'done' || outcome.kind === 'fail') {
      task.learn(keep(null));
    }
    return outcome;
  }

  const { execute, resume } = inner;
  return {
    ...inner,
    execute: (task: Task, args: StepArguments) => after(task, () => execute(task, args)),
    resume: (task, args, signal) =>
      after(task, () => {
        const hasBegun = (task.memory[KEY] as Readiness | null | undefined)?.isReady === true;
        return hasBegun && resume !== undefined ? resume(task, args, signal) : execute(task, args);
      }),
  };
}
