// Works a list of changes of volumes off: asked for one after the other, followed to their end, through a restart where they need one.
import { isDeepStrictEqual } from 'node:util';
import { again, fail, type Outcome, park, type Task } from '../kit/index.ts';
import type { RedfishRaid } from './bmc/raid.ts';
import { type Change, isDone, shownChange } from './raid-change.ts';
import { isAgentThere, restartMachine } from './restart-machine.ts';

/** Member of the run's memory. */
const KEY = 'raid';
/** So many looks in a row count: faults are what the change came to, and a task that waits does so for a start of the machine. */
const LOOKS_THAT_COUNT = 3;

/** So many looks a change may take to show after its task has ended. */
const LOOKS_UNTIL_SHOWN = 30;

/**
 * How far the changes are, stored before each of them is asked for. `asked`: the BMC is asked for one, and whether it began is not
 * known yet. `running`: it has a task. `starting`: the machine is to start for those that wait for that, and `started`: it was told to.
 */
export interface Progress {
  /** The step, so that the memory of another one is not taken for its own. */
  readonly step: string;
  /** Which part of it, such as "delete", which comes before "create": each is planned from what there is when its turn comes. */
  readonly part: string;
  readonly changes: readonly Change[];
  readonly phase: 'asked' | 'running' | 'starting' | 'started';
  readonly index: number;
  readonly taskPath: string | null;
  /** The task was found at the BMC: it may be that of something else. */
  readonly isFound: boolean;
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

export function begin(step: string, part: string, changes: readonly Change[], wasOff = false): Progress {
  const fresh = {
    phase: 'asked',
    index: 0,
    taskPath: null,
    isFound: false,
    looks: 0,
    waiting: [],
    hasWaiting: false,
  } as const;
  return { step, part, changes, wasOff, ...fresh };
}

/** A wait whose time begins anew. */
const waitingAnew = (task: Task, what: string, progress: Progress): Outcome =>
  park(what, { pollSeconds: task.config.redfish.step_status_interval, facts: keep(progress) });

/** Where nothing new is known nothing is stored: the time for it goes on, and ends in the time-out of the wait. */
export function waiting(task: Task, what: string, progress: Progress): Outcome {
  return isDeepStrictEqual(progressOf(task, progress.step), progress)
    ? park(what, { pollSeconds: task.config.redfish.step_status_interval })
    : waitingAnew(task, what, progress);
}

/** What comes next is stored before it is done: after a crash the BMC is looked at, and not asked a second time unseen. */
export const note = (progress: Progress): Outcome => again(0, 'What comes next is stored.', keep(progress));

/** Goes to the change at `index`, or to what follows all of them; an answer that is no outcome means that all are done. */
async function next(task: Task, progress: Progress): Promise<Outcome | Progress> {
  if (progress.index < progress.changes.length) {
    return note({ ...progress, phase: 'asked', taskPath: null, isFound: false, looks: 0 });
  }
  if (!progress.hasWaiting) {
    return progress;
  }
  const isOff = !isAgentThere(task) && (await task.interfaces.power.getPowerState(task)) === 'power off';
  return note({ ...progress, phase: 'starting', wasOff: progress.wasOff || isOff, looks: 0 });
}

const putOff = (progress: Progress, taskPath: string | null): Progress => ({
  ...progress,
  index: progress.index + 1,
  hasWaiting: true,
  waiting: [...progress.waiting, taskPath],
});

/** Asks for the change, unless it shows already or a task of it runs: a server that stopped may have asked. */
async function ask(task: Task, raid: RedfishRaid, progress: Progress): Promise<Outcome | Progress> {
  const change = progress.changes[progress.index];
  if (change === undefined || isDone(change, await raid.readArrays(task))) {
    return next(task, { ...progress, index: progress.index + 1 });
  }
  const found = await raid.find(task, progress.waiting);
  if (found !== null) {
    return waiting(task, shownChange(change), {
      ...progress,
      phase: 'running',
      taskPath: found,
      isFound: true,
      looks: 0,
    });
  }
  const { taskPath, waitsForStart } = await raid.ask(task, change);
  task.record({ kind: 'bmc', message: `The BMC was asked for ${shownChange(change)}.` });
  return waitsForStart
    ? next(task, putOff(progress, taskPath))
    : waiting(task, shownChange(change), { ...progress, phase: 'running', taskPath });
}

async function follow(task: Task, raid: RedfishRaid, progress: Progress): Promise<Outcome | Progress> {
  const change = progress.changes[progress.index] as Change;
  const seen = await raid.look(task, progress.taskPath);
  const looks = seen.kind === 'fault' || seen.kind === 'waiting' ? progress.looks + 1 : 0;
  const counts = looks >= LOOKS_THAT_COUNT;
  if (seen.kind === 'failed' || (seen.kind === 'fault' && counts)) {
    return fail(`${shownChange(change)} did not succeed: ${seen.what}`);
  }
  if (seen.kind === 'waiting' && counts) {
    return next(task, putOff(progress, progress.taskPath));
  }
  if (seen.kind !== 'done') {
    if (seen.kind === 'running' && seen.percent !== null) {
      task.progress(seen.percent, shownChange(change));
    }
    // A task that runs is a sign of life: large volumes take hours.
    const wait = seen.kind === 'running' ? waitingAnew : waiting;
    return wait(task, `${shownChange(change)} (${seen.what})`, { ...progress, looks });
  }
  // What comes next is planned from what the BMC shows, and some show late what they did.
  const isPreparation = change.kind !== 'create' && change.kind !== 'delete';
  if (isPreparation && !progress.isFound && !isDone(change, await raid.readArrays(task))) {
    return progress.looks < LOOKS_UNTIL_SHOWN
      ? waiting(task, `${shownChange(change)} to show`, { ...progress, looks: progress.looks + 1 })
      : fail(`The BMC says that ${shownChange(change)} was done, and does not show it.`);
  }
  return progress.isFound
    ? note({ ...progress, phase: 'asked' })
    : next(task, { ...progress, index: progress.index + 1 });
}

/** Starts the machine, unless that shows to have been done before the server stopped. */
async function start(task: Task, raid: RedfishRaid, progress: Progress): Promise<Outcome> {
  const started: Progress = { ...progress, phase: 'started', looks: 0 };
  const states = await Promise.all(progress.waiting.map((path) => (path === null ? null : raid.look(task, path))));
  if (states.every((state) => state !== null && state.kind !== 'waiting')) {
    return note(started);
  }
  await restartMachine(task);
  return waiting(task, 'the volumes after a restart', started);
}

async function afterStart(task: Task, raid: RedfishRaid, progress: Progress): Promise<Outcome | Progress> {
  for (const path of progress.waiting) {
    const seen = await raid.look(task, path);
    const looks = seen.kind === 'fault' ? progress.looks + 1 : 0;
    if (seen.kind === 'failed' || (seen.kind === 'fault' && looks >= LOOKS_THAT_COUNT)) {
      return fail(`The volumes were not changed when the machine started: ${seen.what}`);
    }
    if (seen.kind !== 'done') {
      const wait = seen.kind === 'running' ? waitingAnew : waiting;
      return wait(task, `the volumes after a restart (${seen.what})`, { ...progress, looks });
    }
  }
  const arrays = await raid.readArrays(task);
  const missing = progress.changes.find((change) => !isDone(change, arrays));
  if (missing !== undefined) {
    return waiting(task, `${shownChange(missing)} to show`, progress);
  }
  if (task.memory.agent_awaited === true && !isAgentThere(task)) {
    return waiting(task, 'the agent, after a restart', progress);
  }
  return progress;
}

/** Goes on with the changes; an answer that is no outcome means that all are done. */
export function goOn(task: Task, raid: RedfishRaid, progress: Progress): Promise<Outcome | Progress> {
  switch (progress.phase) {
    case 'asked':
      return progress.changes.length === 0 ? next(task, progress) : ask(task, raid, progress);
    case 'running':
      return follow(task, raid, progress);
    case 'starting':
      return start(task, raid, progress);
    case 'started':
      return afterStart(task, raid, progress);
  }
}
