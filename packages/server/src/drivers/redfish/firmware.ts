// Firmware through Redfish: components with their versions, and updates one after the other, each followed to its end.
import {
  again,
  done,
  type FirmwareInterface,
  type FirmwareWish,
  fail,
  lazily,
  type Outcome,
  park,
  readFirmwareWishes,
  type StepArguments,
  step,
  type Task,
} from '../kit/index.ts';
import type { RedfishBmc } from './bmc/index.ts';
import { readConnection } from './connection.ts';
import { properties } from './properties.ts';
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
  /** Which of the wishes. */
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

const shown = ({ component, url }: FirmwareWish) =>
  `the firmware of "${component}" (${new URL(url).pathname.split('/').at(-1)})`;

/** Firmware interface "redfish". */
export function redfishFirmware(load: () => Promise<RedfishBmc>): FirmwareInterface {
  const part = async () => (await load()).firmware;

  async function versionOf(task: Task, component: string): Promise<string | null> {
    const found = (await (await part()).readComponents(task)).find((each) => each.component === component);
    return found?.current_version ?? null;
  }

  /** Stores that an update is about to be asked for; only what an outcome carries outlives a crash. */
  async function intend(task: Task, wish: FirmwareWish, index: number, begunAt: number): Promise<Outcome> {
    const before = await versionOf(task, wish.component);
    const asked: Progress = { phase: 'asked', index, before, taskPath: null, looks: 0, since: Date.now(), begunAt };
    return again(0, `${shown(wish)} is about to be installed.`, keep(asked));
  }

  /**
   * Asks the BMC, unless it does or did it already: a server that stopped after it asked finds the phase as it was before.
   */
  async function ask(task: Task, wish: FirmwareWish, progress: Progress): Promise<Outcome> {
    const running = await (await part()).runningUpdate(task);
    if (running === null && (await versionOf(task, wish.component)) !== progress.before) {
      return waiting(task, `${shown(wish)} to show`, keep({ ...progress, phase: 'verifying', since: Date.now() }));
    }
    const taskPath = running ?? (await (await part()).beginUpdate(task, wish));
    task.record({
      kind: 'bmc',
      message: `The BMC installs ${shown(wish)}; the version is ${progress.before ?? 'unknown'} now.`,
    });
    return waiting(task, `${shown(wish)} being installed`, keep({ ...progress, phase: 'running', taskPath }));
  }

  async function next(task: Task, wishes: readonly FirmwareWish[], progress: Progress): Promise<Outcome> {
    const index = progress.index + 1;
    const wish = wishes[index];
    if (wish !== undefined) {
      return intend(task, wish, index, progress.begunAt);
    }
    task.learn(keep(null));
    return done({ firmware_components: await (await part()).readComponents(task) });
  }

  async function follow(task: Task, wish: FirmwareWish, progress: Progress): Promise<Outcome> {
    const seen = await (await part()).lookAtUpdate(task, progress.taskPath);
    const looks = seen.kind === 'fault' || seen.kind === 'waiting' ? progress.looks + 1 : 0;
    const counts = looks >= LOOKS_THAT_COUNT;
    if (seen.kind === 'failed' || (seen.kind === 'fault' && counts)) {
      return fail(`${shown(wish)} was not installed: ${seen.what}`);
    }
    if (seen.kind === 'running' && seen.percent !== null) {
      task.progress(seen.percent, shown(wish));
    }
    if (seen.kind === 'running' || ((seen.kind === 'fault' || seen.kind === 'waiting') && !counts)) {
      return waiting(task, `${shown(wish)} being installed (${seen.what})`, keep({ ...progress, looks }));
    }
    const pause = wish.wait ?? 0;
    const phase = pause > 0 ? 'pausing' : 'restarting';
    return waiting(task, `${shown(wish)} to settle`, keep({ ...progress, phase, since: Date.now() }));
  }

  /** The BMC restarts by itself; all else needs a start of the machine. */
  async function restart(task: Task, wish: FirmwareWish, progress: Progress): Promise<Outcome> {
    if (wish.component !== 'bmc') {
      await restartMachine(task);
    }
    return waiting(task, `${shown(wish)} to show`, keep({ ...progress, phase: 'verifying', since: Date.now() }));
  }

  async function verify(
    task: Task,
    wishes: readonly FirmwareWish[],
    wish: FirmwareWish,
    progress: Progress,
  ): Promise<Outcome> {
    const version = await versionOf(task, wish.component);
    const isLate = Date.now() - progress.since > task.config.redfish.firmware_update_verify_timeout * 1000;
    if (version === progress.before && !isLate) {
      return waiting(task, `another version than ${version} of ${shown(wish)}`);
    }
    const isAgentAwaited = task.memory.agent_awaited === true;
    if (isAgentAwaited && typeof task.node.driver_internal_info.agent_url !== 'string') {
      return waiting(task, 'the agent, after a restart');
    }
    task.record({
      kind: 'bmc',
      ...(version === progress.before ? { severity: 'warning' as const } : {}),
      message:
        version === progress.before
          ? `After the update of "${wish.component}" the BMC still shows the version ${version}.`
          : `The version of "${wish.component}" is ${version} now; it was ${progress.before}.`,
    });
    return next(task, wishes, progress);
  }

  async function goOn(task: Task, wishes: readonly FirmwareWish[], progress: Progress): Promise<Outcome> {
    const wish = wishes[progress.index];
    if (wish === undefined) {
      return fail('The list of updates is not the one that was begun with.');
    }
    const limit = task.config.redfish.firmware_update_overall_timeout * 1000;
    if (limit > 0 && Date.now() - progress.begunAt > limit) {
      return fail(
        `The updates took longer than ${limit / 1000} s (redfish.firmware_update_overall_timeout); ${shown(wish)} is "${progress.phase}".`,
      );
    }
    switch (progress.phase) {
      case 'asked':
        return ask(task, wish, progress);
      case 'running':
        return follow(task, wish, progress);
      case 'pausing': {
        const isOver = Date.now() - progress.since >= (wish.wait ?? 0) * 1000;
        return isOver ? restart(task, wish, progress) : waiting(task, `the end of the wait after ${shown(wish)}`);
      }
      case 'restarting':
        return restart(task, wish, progress);
      case 'verifying':
        return verify(task, wishes, wish, progress);
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

  const run = async (task: Task, { settings }: StepArguments): Promise<Outcome> => {
    const wishes = readFirmwareWishes(settings);
    const progress = progressOf(task);
    if (progress !== undefined) {
      return patiently(task, () => goOn(task, wishes, progress));
    }
    const [first] = wishes;
    return first === undefined ? done() : intend(task, first, 0, Date.now());
  };

  return {
    kind: 'firmware',
    name: 'redfish',
    properties,
    supported: true,
    async validate(task) {
      readConnection(task.node, task.config);
    },
    ...lazily(part, ['readComponents']),
    steps: [
      step({
        interface: 'firmware',
        step: 'update',
        kinds: ['clean', 'deploy', 'service'],
        recovery: 'repeat',
        argsinfo: {
          settings: {
            description:
              'The updates in their order: [{"component": "bmc", "url": "https://...", "wait": 60}]; components are bios, bmc and nic:ID.',
            required: true,
          },
        },
        execute: run,
        resume: run,
      }),
    ],
  };
}
