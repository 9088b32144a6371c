// Installs firmware images one after the other, each followed to its end, through restarts of machine, BMC and server.
import { isRegisteredError } from '@wrought/contract';
import { again, done, fail, type Outcome, park, type StepArguments, type Task } from '../kit/index.ts';
import type { RedfishBmc } from './bmc/index.ts';
import { type FirmwareImage, shownImage } from './firmware-images.ts';
import { restartMachine } from './restart-machine.ts';

/** Member of the run's memory. */
const KEY = 'firmware_update';

/**
 * How far the updates are. `asked`: the BMC is asked to begin, and whether it was is not known. `running`: it has a task.
 * `pausing`: the wait that was asked for. `restarting`: the machine starts, which gives BIOS and cards their new firmware.
 * `verifying`: the new version is awaited.
 */
interface Progress {
  readonly phase: 'asked' | 'running' | 'pausing' | 'restarting' | 'verifying';
  /** Which of the images. */
  readonly index: number;
  /** The version before; null where the BMC did not tell. */
  readonly before: string | null;
  /** Where the BMC tells of the task; null: it told of none. */
  readonly taskPath: string | null;
  /** Looks in a row that met a fault of the BMC, or a task that has not begun. */
  readonly looks: number;
  /** Milliseconds since 1970: when this phase, and when all of it, began. */
  readonly since: number;
  readonly begunAt: number;
}

/** So many looks in a row count: faults are what the update came to, and a task that waits does so for a start of the machine. */
const LOOKS_THAT_COUNT = 3;

const progressOf = (task: Task) => (task.memory[KEY] as Progress | null | undefined) ?? undefined;
const keep = (progress: Progress | null) => ({ memory: { [KEY]: progress === null ? null : { ...progress } } });

function waiting(task: Task, what: string, facts = {}): Outcome {
  return park(what, { pollSeconds: task.config.redfish.step_status_interval, timeoutSeconds: 0, facts });
}

/** What is said before an update. */
const versionBefore = ({ component }: FirmwareImage, version: string | null) =>
  component === null ? '' : `; the version is ${version ?? 'unknown'} now`;

/** What is said after it. All the firmware has no version that says something to a person. */
function versionAfter({ component }: FirmwareImage, before: string | null, version: string | null): string {
  if (component === null) {
    return version === before
      ? 'After the update the BMC still shows the same versions of all firmware.'
      : 'The BMC shows another version of firmware now.';
  }
  return version === before
    ? `After the update of "${component}" the BMC still shows the version ${version}.`
    : `The version of "${component}" is ${version} now; it was ${before}.`;
}

/** Makes the work of a step that updates firmware; `read` reads its arguments. */
export function firmwareWork(
  load: () => Promise<RedfishBmc>,
  read: (args: StepArguments) => readonly FirmwareImage[],
): (task: Task, args: StepArguments) => Promise<Outcome> {
  const part = async () => (await load()).firmware;
  const versionOf = async (task: Task, component: string | null) => (await part()).versionOf(task, component);

  /** Stores that an update is about to be asked for; only what an outcome carries outlives a crash. */
  async function intend(task: Task, image: FirmwareImage, index: number, begunAt: number): Promise<Outcome> {
    const before = await versionOf(task, image.component);
    const asked: Progress = { phase: 'asked', index, before, taskPath: null, looks: 0, since: Date.now(), begunAt };
    return again(0, `${shownImage(image)} is about to be installed.`, keep(asked));
  }

  /**
   * Asks the BMC, unless it does or did it already: a server that stopped after it asked finds the phase as it was before.
   */
  async function ask(task: Task, image: FirmwareImage, progress: Progress): Promise<Outcome> {
    const running = await (await part()).runningUpdate(task);
    if (running === null && (await versionOf(task, image.component)) !== progress.before) {
      return waiting(
        task,
        `${shownImage(image)} to show`,
        keep({ ...progress, phase: 'verifying', since: Date.now() }),
      );
    }
    const taskPath = running ?? (await (await part()).beginUpdate(task, image));
    task.record({
      kind: 'bmc',
      message: `The BMC installs ${shownImage(image)}${versionBefore(image, progress.before)}.`,
    });
    return waiting(task, `${shownImage(image)} being installed`, keep({ ...progress, phase: 'running', taskPath }));
  }

  async function next(task: Task, images: readonly FirmwareImage[], progress: Progress): Promise<Outcome> {
    const index = progress.index + 1;
    const image = images[index];
    if (image !== undefined) {
      return intend(task, image, index, progress.begunAt);
    }
    task.learn(keep(null));
    return done({ firmware_components: await (await part()).readComponents(task) });
  }

  async function follow(task: Task, image: FirmwareImage, progress: Progress): Promise<Outcome> {
    const seen = await (await part()).lookAtUpdate(task, progress.taskPath);
    const looks = seen.kind === 'fault' || seen.kind === 'waiting' ? progress.looks + 1 : 0;
    const counts = looks >= LOOKS_THAT_COUNT;
    if (seen.kind === 'failed' || (seen.kind === 'fault' && counts)) {
      return fail(`${shownImage(image)} was not installed: ${seen.what}`);
    }
    if (seen.kind === 'running' && seen.percent !== null) {
      task.progress(seen.percent, shownImage(image));
    }
    if (seen.kind === 'running' || ((seen.kind === 'fault' || seen.kind === 'waiting') && !counts)) {
      return waiting(task, `${shownImage(image)} being installed (${seen.what})`, keep({ ...progress, looks }));
    }
    const pause = image.wait ?? 0;
    const phase = pause > 0 ? 'pausing' : 'restarting';
    return waiting(task, `${shownImage(image)} to settle`, keep({ ...progress, phase, since: Date.now() }));
  }

  /** The BMC restarts by itself; all else needs a start of the machine. */
  async function restart(task: Task, image: FirmwareImage, progress: Progress): Promise<Outcome> {
    if (image.component !== 'bmc') {
      await restartMachine(task);
    }
    return waiting(task, `${shownImage(image)} to show`, keep({ ...progress, phase: 'verifying', since: Date.now() }));
  }

  async function verify(
    task: Task,
    images: readonly FirmwareImage[],
    image: FirmwareImage,
    progress: Progress,
  ): Promise<Outcome> {
    const version = await versionOf(task, image.component);
    const isLate = Date.now() - progress.since > task.config.redfish.firmware_update_verify_timeout * 1000;
    if (version === progress.before && !isLate) {
      return waiting(task, `another version after ${shownImage(image)}`);
    }
    const isAgentAwaited = task.memory.agent_awaited === true;
    if (isAgentAwaited && typeof task.node.driver_internal_info.agent_url !== 'string') {
      return waiting(task, 'the agent, after a restart');
    }
    task.record({
      kind: 'bmc',
      ...(version === progress.before ? { severity: 'warning' as const } : {}),
      message: versionAfter(image, progress.before, version),
    });
    return next(task, images, progress);
  }

  async function goOn(task: Task, images: readonly FirmwareImage[], progress: Progress): Promise<Outcome> {
    const image = images[progress.index];
    if (image === undefined) {
      return fail('The list of updates is not the one that was begun with.');
    }
    const limit = task.config.redfish.firmware_update_overall_timeout * 1000;
    if (limit > 0 && Date.now() - progress.begunAt > limit) {
      return fail(
        `The updates took longer than ${limit / 1000} s (redfish.firmware_update_overall_timeout); ${shownImage(image)} is "${progress.phase}".`,
      );
    }
    switch (progress.phase) {
      case 'asked':
        return ask(task, image, progress);
      case 'running':
        return follow(task, image, progress);
      case 'pausing': {
        const isOver = Date.now() - progress.since >= (image.wait ?? 0) * 1000;
        return isOver
          ? restart(task, image, progress)
          : waiting(task, `the end of the wait after ${shownImage(image)}`);
      }
      case 'restarting':
        return restart(task, image, progress);
      case 'verifying':
        return verify(task, images, image, progress);
    }
  }

  /** A BMC that is away installs, or starts anew; the limit of all updates ends the wait. */
  async function patiently(task: Task, work: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await work();
    } catch (error) {
      if (!(await load()).isAway(error)) {
        throw error;
      }
      const reason = error instanceof Error ? error.message : String(error);
      return waiting(task, `the BMC, which is away: ${reason}`);
    }
  }

  async function work(task: Task, images: readonly FirmwareImage[]): Promise<Outcome> {
    const progress = progressOf(task);
    if (progress !== undefined) {
      return patiently(task, () => goOn(task, images, progress));
    }
    for (const image of images) {
      await (await part()).checkImage(task, image);
    }
    const [first] = images;
    return first === undefined ? done() : intend(task, first, 0, Date.now());
  }

  return async (task, args) => {
    const images = read(args);
    const withdraw = async () => (await part()).withdrawImages(task);
    try {
      const outcome = await work(task, images);
      if (outcome.kind === 'done' || outcome.kind === 'fail') {
        await withdraw();
      }
      return outcome;
    } catch (error) {
      // What is not refused may be gone on with: the BMC may be fetching.
      if (isRegisteredError(error)) {
        await withdraw();
      }
      throw error;
    }
  };
}
