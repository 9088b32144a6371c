// Follows a node through the API until it is in a state: what it tells on the way, and why it does not get there.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from './api.ts';

const pollMilliseconds = 250;

export interface TimelineEvent {
  id: number;
  at: string;
  kind: string;
  severity: string;
  message: string;
  data: Record<string, unknown>;
}

export interface NodeState {
  uuid: string;
  provision_state: string;
  target_provision_state: string | null;
  power_state: string | null;
  last_error: string | null;
  maintenance: boolean;
  reservation: string | null;
}

export interface WaitOptions {
  /** Seconds. */
  deadlineSeconds: number;
  /** States that end the wait with an error at once. */
  failureStates?: string[];
  onEvent?: (event: TimelineEvent) => void;
  /** Only events after this one are told; 0: all. */
  afterEvent?: number;
}

const stateFields = 'uuid,provision_state,target_provision_state,power_state,last_error,maintenance,reservation';

/** The fields of a node that tell where it is. */
export function nodeState(api: ApiClient, node: string): Promise<NodeState> {
  return api.call<NodeState>('GET', `/v1/nodes/${node}?fields=${stateFields}`);
}

/** Events of a node's timeline after one, in order. */
export async function timeline(api: ApiClient, node: string, after = 0): Promise<TimelineEvent[]> {
  const body = await api.call<{ events: TimelineEvent[] }>(
    'GET',
    `/wrought/v1/nodes/${node}/timeline?after=${after}&limit=1000`,
  );
  return body.events;
}

/** The number of the newest event, to wait for what comes after it. */
export async function lastEventId(api: ApiClient, node: string): Promise<number> {
  let last = 0;
  for (;;) {
    const events = await timeline(api, node, last);
    if (events.length === 0) return last;
    last = events.at(-1)?.id ?? last;
  }
}

/**
 * Waits until the node is in the state and nobody works on it. The server may be away for a while (a test kills it).
 * Throws with the node's own words when it fails or the deadline passes.
 */
export async function waitForState(
  api: ApiClient,
  node: string,
  wanted: string,
  options: WaitOptions,
): Promise<NodeState> {
  const deadline = performance.now() + options.deadlineSeconds * 1000;
  let last = options.afterEvent ?? 0;
  let seen: NodeState | undefined;
  for (;;) {
    try {
      seen = await nodeState(api, node);
      if (options.onEvent !== undefined) {
        for (const event of await timeline(api, node, last)) {
          last = event.id;
          options.onEvent(event);
        }
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ECONNREFUSED' && code !== 'ENOENT' && code !== 'ECONNRESET') throw error;
    }
    if (seen?.provision_state === wanted && seen.reservation === null) return seen;
    const isOver = performance.now() > deadline;
    if (isOver || (seen !== undefined && options.failureStates?.includes(seen.provision_state))) {
      const why = await api.ask('GET', `/wrought/v1/nodes/${node}/why`).catch(() => undefined);
      throw new Error(
        `node ${node} is "${seen?.provision_state}" instead of "${wanted}"${isOver ? ` after ${options.deadlineSeconds} s` : ''}; ` +
          `last error: ${seen?.last_error ?? 'none'}; why: ${JSON.stringify(why?.body)}`,
      );
    }
    await sleep(pollMilliseconds);
  }
}
