// Tasks of a Redfish service as steps follow them: how one stands, and which one runs whose path got lost.

import {
  type Client,
  MissingError,
  messagesText,
  type Resource,
  ResponseError,
  readTask,
  type TaskProgress,
} from '@wrought/redfish';

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
  const waits = /^(Pending|Suspended|New)$/.test(state);
  return waits ? { kind: 'waiting', what: state } : { kind: 'running', percent: percent ?? null, what: state };
}

async function tasksOf(client: Client, signal: AbortSignal): Promise<readonly Resource[]> {
  const tasks = (await client.root({ signal })).link('Tasks');
  const service = tasks === undefined ? undefined : await client.get(tasks, { signal });
  const collection = service?.link('Tasks');
  return collection === undefined ? [] : client.members(collection, { signal });
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
    // The monitor of a task answers what the operation answers; the task itself says more.
    if (error instanceof ResponseError && (error.status === 500 || FINAL.includes(error.status))) {
      const itself = (await tasksOf(client, signal)).find((each) => each.text('TaskMonitor') === path);
      const state = itself && stateOf(await readTask(client, itself.path, { signal }));
      return state ?? { kind: error.status === 500 ? 'fault' : 'failed', what: error.message };
    }
    throw error;
  }
}

const idOf = (path: string | null) => path?.replace(/\/$/, '').split('/').at(-1);

/** Where the BMC tells of a task that runs and is called so, and is none of those at `except`; null when none does. */
export async function findTask(
  client: Client,
  called: RegExp,
  signal: AbortSignal,
  except: readonly (string | null)[] = [],
): Promise<string | null> {
  const known = except.map(idOf);
  for (const each of await tasksOf(client, signal)) {
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
