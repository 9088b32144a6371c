// Tasks of a Redfish service as steps follow them: how one stands, and which one runs whose path got lost.

import { setTimeout as sleep } from 'node:timers/promises';
import { registeredError } from '@wrought/contract';
import {
  type Answer,
  type Client,
  listTasks,
  MissingError,
  messagesText,
  ResponseError,
  readTask,
  readTaskOf,
  type TaskProgress,
  taskPath,
} from '@wrought/redfish';

/** How often a change for the next start is looked at until it is taken, and how long apart. There are BMCs that call it running all the time. */
const LOOKS_AT_HANDING_OVER = 10;
const LOOK_MILLISECONDS = 1000;

/** Statuses by which a BMC refuses what it was asked to do. */
const FINAL = [400, 409, 413, 415, 422];

/** How a task stands. */
export type TaskState =
  | { readonly kind: 'running'; readonly percent: number | null; readonly what: string }
  | { readonly kind: 'done' }
  /** It has not begun: it is about to, or it waits for a start of the machine. */
  | { readonly kind: 'waiting'; readonly what: string }
  | { readonly kind: 'failed'; readonly what: string }
  /** A fault of the BMC: one of its own while it starts anew, or what the task came to. */
  | { readonly kind: 'fault'; readonly what: string };

function stateOf({ outcome, state, percent, messages }: TaskProgress): TaskState {
  if (outcome === 'failed') {
    return { kind: 'failed', what: `the task of the BMC ended as ${state}. ${messagesText(messages)}` };
  }
  if (outcome === 'succeeded') {
    return { kind: 'done' };
  }
  // An iDRAC has "Scheduled" for jobs, and "Starting" for the tasks of such.
  const waits = /^(Pending|Suspended|New|Scheduled)$/.test(state) || (state === 'Starting' && (percent ?? 0) === 0);
  return waits ? { kind: 'waiting', what: state } : { kind: 'running', percent: percent ?? null, what: state };
}

/** Looks at a task once; null: it was over with the answer that began it. */
export async function lookAtTask(client: Client, path: string | null, signal: AbortSignal): Promise<TaskState> {
  if (path === null) {
    return { kind: 'done' };
  }
  try {
    return stateOf(await readTask(client, path, { signal }));
  } catch (error) {
    if (error instanceof MissingError) {
      // Monitors go when they were read once at the end, and tasks with the restart of a BMC.
      return { kind: 'done' };
    }
    if (error instanceof ResponseError && (error.status === 500 || FINAL.includes(error.status))) {
      const itself = await readTaskOf(client, path, { signal });
      return (itself && stateOf(itself)) ?? { kind: error.status === 500 ? 'fault' : 'failed', what: error.message };
    }
    throw error;
  }
}

const idOf = (path: string | null) => path?.replace(/\/$/, '').split('/').at(-1);

/**
 * Waits until a change for the next start of the machine is taken: the task of it is over, or waits for that start.
 *
 * @throws DriverOperationError when it failed
 */
export async function untilTaken(client: Client, answer: Answer, signal: AbortSignal): Promise<void> {
  const path = taskPath(answer);
  for (let looks = 1; path !== undefined && looks <= LOOKS_AT_HANDING_OVER; looks += 1) {
    const seen = await lookAtTask(client, path, signal);
    if (seen.kind === 'failed') {
      const reason = `The BMC at ${client.origin} did not take what it was asked for: ${seen.what}`;
      throw registeredError('DriverOperationError', { driver: 'redfish', reason });
    }
    // A job that is new may be gone again when the machine starts too early.
    if (seen.kind === 'done' || (seen.kind === 'waiting' && seen.what !== 'New')) {
      return;
    }
    await sleep(LOOK_MILLISECONDS, undefined, { signal });
  }
}

/** Where the BMC tells of a task that runs and is called so, and is none of those at `except`; null when none does. */
export async function findTask(
  client: Client,
  called: RegExp,
  signal: AbortSignal,
  except: readonly (string | null)[] = [],
): Promise<string | null> {
  const known = except.map(idOf);
  for (const each of await listTasks(client, { signal })) {
    // A task and its monitor have the same id.
    if (known.includes(each.id)) {
      continue;
    }
    const isMeant = called.test(`${each.text('Name') ?? ''} ${each.text('Description') ?? ''}`);
    if (isMeant && (await readTask(client, each.path, { signal })).outcome === 'running') {
      return each.path;
    }
  }
  return null;
}
