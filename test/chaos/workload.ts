// Keeps every node busy: deployed, taken back, deployed again, through whichever API answers; counts what it asked for.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Node } from '../cluster/installation.ts';

const LOOK_MILLISECONDS = 400;
const REQUEST_TIMEOUT_MILLISECONDS = 20_000;

/** What is asked of a node that rests in a state. */
const nextVerb: Readonly<Record<string, string>> = {
  enroll: 'manage',
  manageable: 'provide',
  available: 'active',
  active: 'deleted',
};

export interface Workload {
  /** Requests that were taken, by verb. */
  readonly asked: Readonly<Record<string, number>>;
  /** Requests that were refused, by status and reason, and those that nobody answered. */
  readonly refused: Readonly<Record<string, number>>;
  /** Lists of all nodes that were looked at, and those in which a node was missing. */
  looks(): { readonly count: number; readonly incomplete: number };
  /** The longest time in seconds between two looks at which a node rested. */
  longestOnItsWay(): number;
  /** Asks for nothing more. */
  finish(): Promise<void>;
}

export interface ApiCall {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of every kind are read by whoever asked.
  readonly body: any;
}

/** Why a request was refused, without what differs from node to node. */
function reasonOf(body: { error_message?: unknown } | undefined): string {
  return String(body?.error_message)
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UUID')
    .replaceAll(/\d+/g, 'N')
    .slice(0, 200);
}

/** Asks one API after the other until one answers; undefined when none does. */
export async function callAny(
  urls: readonly string[],
  method: string,
  path: string,
  body?: unknown,
): Promise<ApiCall | undefined> {
  for (const url of urls) {
    try {
      const answer = await fetch(url + path, {
        method,
        headers: { 'X-OpenStack-Ironic-API-Version': 'latest', 'Content-Type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MILLISECONDS),
      });
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
    } catch (error) {
      if (!(error instanceof Error)) {
        throw error;
      }
    }
  }
  return undefined;
}

/** Begins; `urls` tells the APIs that are up now, `instance` is the instance_info of a deployment. */
export function startWorkload(
  total: number,
  urls: () => readonly string[],
  instance: object,
  isResting: (node: Node) => boolean,
): Workload {
  const asked: Record<string, number> = {};
  const refused: Record<string, number> = {};
  let count = 0;
  let incomplete = 0;
  const restedAt = new Map<string, number>();
  let longestOnItsWay = 0;
  let isFinishing = false;

  const add = (to: Record<string, number>, what: string) => {
    to[what] = (to[what] ?? 0) + 1;
  };

  async function push(node: Node): Promise<void> {
    const verb = nextVerb[node.provision_state];
    if (verb === undefined || node.reservation !== null || isFinishing) {
      return;
    }
    const path = `/v1/nodes/${node.uuid}`;
    if (verb === 'active') {
      const patch = [{ op: 'add', path: '/instance_info', value: instance }];
      const patched = await callAny(urls(), 'PATCH', path, patch);
      if (patched?.status !== 200) {
        add(refused, patched === undefined ? 'nobody answered' : `${patched.status} ${reasonOf(patched.body)}`);
        return;
      }
    }
    const answer = await callAny(urls(), 'PUT', `${path}/states/provision`, { target: verb });
    if (answer?.status === 202) {
      add(asked, verb);
    } else {
      add(refused, answer === undefined ? 'nobody answered' : `${answer.status} ${reasonOf(answer.body)}`);
    }
  }

  async function work(): Promise<void> {
    while (!isFinishing) {
      const listed = await callAny(urls(), 'GET', '/v1/nodes?fields=uuid,name,provision_state,reservation&limit=1000');
      if (listed?.status === 200) {
        const nodes: Node[] = listed.body.nodes;
        count += 1;
        for (const { uuid } of nodes.filter(isResting)) {
          longestOnItsWay = Math.max(
            longestOnItsWay,
            (performance.now() - (restedAt.get(uuid) ?? performance.now())) / 1000,
          );
          restedAt.set(uuid, performance.now());
        }
        incomplete += nodes.length === total ? 0 : 1;
        await Promise.all(nodes.map(push));
      }
      await sleep(LOOK_MILLISECONDS);
    }
  }
  const working = work();

  return {
    asked,
    refused,
    looks: () => ({ count, incomplete }),
    longestOnItsWay: () => longestOnItsWay,
    async finish() {
      isFinishing = true;
      await working;
    },
  };
}
