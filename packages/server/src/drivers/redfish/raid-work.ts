// Works a list of changes of volumes off: asked for one after the other, followed to their end, through a restart where they need one.
import { fail, type Outcome, park, type Task } from '../kit/index.ts';
import type { RaidVolume, RedfishRaid } from './bmc/raid.ts';
import type { VolumePlan } from './raid-plan.ts';
import { isAgentThere, restartMachine } from './restart-machine.ts';

/** Member of the run's memory. */
const KEY = 'raid';
/** So many looks in a row count: faults are what the change came to, and a task that waits does so for a start of the machine. */
const LOOKS_THAT_COUNT = 3;

export type Change =
  | { readonly kind: 'delete'; readonly path: string; readonly id: string }
  | { readonly kind: 'create'; readonly plan: VolumePlan };

/**
 * How far the changes are. `asked`: the BMC is asked for one, and whether it began is not known yet. `running`: it has a task.
 * `starting`: the machine starts, for those that wait for that.
 */
export interface Progress {
  /** The step, so that the memory of another one is not taken for its own. */
  readonly step: string;
  /** "delete" comes before "create", which is planned from what is free then. */
  readonly part: 'delete' | 'create';
  readonly changes: readonly Change[];
  readonly phase: 'asked' | 'running' | 'starting';
  readonly index: number;
  readonly taskPath: string | null;
  readonly looks: number;
  /** Tasks that wait for a start of the machine. */
  readonly waiting: readonly (string | null)[];
  readonly hasWaiting: boolean;
  /** The machine was off when it was started for this. */
  readonly wasOff: boolean;
}

export const progressOf = (task: Task, step: string): Progress | undefined => {
  const found = (task.memory[KEY] as Progress | null | undefined) ?? undefined;
  return found?.step === step ? found : undefined;
};
export const keep = (progress: Progress | null) => ({ memory: { [KEY]: progress === null ? null : { ...progress } } });

export function begin(step: string, part: Progress['part'], changes: readonly Change[], wasOff = false): Progress {
  const fresh = { phase: 'asked', index: 0, taskPath: null, looks: 0, waiting: [], hasWaiting: false } as const;
  return { step, part, changes, wasOff, ...fresh };
}

export function waiting(task: Task, what: string, progress: Progress): Outcome {
  return park(what, { pollSeconds: task.config.redfish.step_status_interval, facts: keep(progress) });
}

function shown(change: Change): string {
  return change.kind === 'delete'
    ? `the deletion of volume ${change.id}`
    : `the volume of RAID ${change.plan.level} on ${change.plan.drivePaths.map((path) => path.split('/').at(-1)).join(', ')}`;
}

const isSame = (plan: VolumePlan, volume: RaidVolume) =>
  volume.drivePaths.length === plan.drivePaths.length &&
  volume.drivePaths.every((path) => plan.drivePaths.includes(path)) &&
  volume.level === plan.level &&
  (plan.bytes === null || volume.bytes === plan.bytes || volume.name === plan.name);

/** The volume that came of a plan. */
export const volumeOfPlan = (plan: VolumePlan, volumes: readonly RaidVolume[]) =>
  volumes.findLast((each) => isSame(plan, each));

/** Whether a change shows in what there is. */
function isDone(change: Change, volumes: readonly RaidVolume[]): boolean {
  return change.kind === 'delete'
    ? volumes.every(({ path }) => path !== change.path)
    : volumeOfPlan(change.plan, volumes) !== undefined;
}

/** Asks for the change at `index`. That is stored before: after a crash the BMC is looked at, and not asked a second time unseen. */
async function ask(task: Task, raid: RedfishRaid, progress: Progress): Promise<Outcome | Progress> {
  const change = progress.changes[progress.index];
  if (change === undefined) {
    return afterAll(task, progress);
  }
  const asked: Progress = { ...progress, phase: 'asked', taskPath: null, looks: 0 };
  task.learn(keep(asked));
  await task.store();
  const { taskPath, waitsForStart } =
    change.kind === 'delete' ? await raid.remove(task, change.path) : await raid.create(task, change.plan);
  task.record({ kind: 'bmc', message: `The BMC was asked for ${shown(change)}.` });
  return waitsForStart
    ? ask(task, raid, putOff(asked, taskPath))
    : waiting(task, shown(change), { ...asked, phase: 'running', taskPath });
}

const putOff = (progress: Progress, taskPath: string | null): Progress => ({
  ...progress,
  index: progress.index + 1,
  hasWaiting: true,
  waiting: [...progress.waiting, taskPath],
});

/** All are asked for: what waits for a start of the machine gets it. */
async function afterAll(task: Task, progress: Progress): Promise<Outcome | Progress> {
  if (!progress.hasWaiting) {
    return progress;
  }
  const isOff = !isAgentThere(task) && (await task.interfaces.power.getPowerState(task)) === 'power off';
  const starting: Progress = { ...progress, phase: 'starting', wasOff: progress.wasOff || isOff };
  task.learn(keep(starting));
  await task.store();
  await restartMachine(task);
  return waiting(task, 'the volumes after a restart', starting);
}

/** What becomes of a change whose beginning got lost with the server: the BMC knows. */
async function findAgain(task: Task, raid: RedfishRaid, progress: Progress): Promise<Outcome | Progress> {
  const change = progress.changes[progress.index];
  if (change !== undefined && !isDone(change, (await raid.readArrays(task)).volumes)) {
    const taskPath = await raid.find(task);
    return taskPath === null
      ? ask(task, raid, progress)
      : waiting(task, shown(change), { ...progress, phase: 'running', taskPath });
  }
  return ask(task, raid, { ...progress, index: progress.index + 1 });
}

async function follow(task: Task, raid: RedfishRaid, progress: Progress): Promise<Outcome | Progress> {
  const change = progress.changes[progress.index] as Change;
  const seen = await raid.look(task, progress.taskPath);
  const looks = seen.kind === 'fault' || seen.kind === 'waiting' ? progress.looks + 1 : 0;
  const counts = looks >= LOOKS_THAT_COUNT;
  if (seen.kind === 'failed' || (seen.kind === 'fault' && counts)) {
    return fail(`${shown(change)} did not succeed: ${seen.what}`);
  }
  if (seen.kind === 'waiting' && counts) {
    return ask(task, raid, putOff(progress, progress.taskPath));
  }
  if (seen.kind !== 'done') {
    if (seen.kind === 'running' && seen.percent !== null) {
      task.progress(seen.percent, shown(change));
    }
    return waiting(task, `${shown(change)} (${seen.what})`, { ...progress, looks });
  }
  return ask(task, raid, { ...progress, index: progress.index + 1 });
}

async function afterStart(task: Task, raid: RedfishRaid, progress: Progress): Promise<Outcome | Progress> {
  for (const path of progress.waiting) {
    const seen = await raid.look(task, path);
    const looks = seen.kind === 'fault' || seen.kind === 'waiting' ? progress.looks + 1 : 0;
    const counts = looks >= LOOKS_THAT_COUNT;
    if (seen.kind === 'failed' || (seen.kind === 'fault' && counts)) {
      return fail(`The volumes were not changed when the machine started: ${seen.what}`);
    }
    if (seen.kind === 'waiting' && counts) {
      // The server stopped before it had the machine started.
      return afterAll(task, { ...progress, looks: 0 });
    }
    if (seen.kind !== 'done') {
      return waiting(task, `the volumes after a restart (${seen.what})`, { ...progress, looks });
    }
  }
  const { volumes } = await raid.readArrays(task);
  const missing = progress.changes.find((change) => !isDone(change, volumes));
  if (missing !== undefined) {
    return waiting(task, `${shown(missing)} to show`, progress);
  }
  if (task.memory.agent_awaited === true && !isAgentThere(task)) {
    return waiting(task, 'the agent, after a restart', progress);
  }
  return progress;
}

/** Goes on with the changes; an answer that is no outcome means that all are done. */
export function goOn(task: Task, raid: RedfishRaid, progress: Progress, isFresh: boolean): Promise<Outcome | Progress> {
  switch (progress.phase) {
    case 'asked':
      return isFresh ? ask(task, raid, progress) : findAgain(task, raid, progress);
    case 'running':
      return follow(task, raid, progress);
    case 'starting':
      return afterStart(task, raid, progress);
  }
}
