// wrought node watch: follows a node live, state by state, step by step, until it is where it should be.
import { setTimeout as pause } from 'node:timers/promises';
import { isProvisionState, provisionStates } from '@wrought/contract';
import { type Command, InvalidArgumentError } from 'commander';
import { ident } from '../arguments.ts';
import type { Client } from '../client.ts';
import { CommandError, UnreachableError } from '../command-error.ts';
import type { Context } from '../context.ts';
import type { Resource } from '../output.ts';
import { createProgress, type Progress } from './progress.ts';

/** How often the node is looked at. */
const pollIntervalMilliseconds = 1000;

/** How long a server that does not answer, because it is restarted, is waited for. */
const unreachableLimitMilliseconds = 120_000;

const watchedFields = ['provision_state', 'target_provision_state', 'power_state', 'last_error', 'maintenance'];

export function defineWatch(noun: Command, context: Context): void {
  noun
    .command('watch')
    .description('show state changes, steps and progress of a node as they happen')
    .argument('<node>')
    .option(
      '--until <state>',
      'end when the node is in this provision state; exit code 1 when it stops elsewhere',
      parseState,
    )
    .action((node: string, options: { until?: string }) => watchNode(context, node, options.until));
}

/**
 * Prints what happens to a node. Without a goal it goes on until it is interrupted.
 * @throws CommandError when the node comes to rest in another state than `goal`, with the node's own explanation
 */
export async function watchNode(context: Context, node: string, goal?: string): Promise<void> {
  const client = await context.client();
  const progress = createProgress(context);
  let before: Resource = {};
  // What happened before the watch began is for `timeline`; with a goal, the work it belongs to began just now.
  let after = goal === undefined ? await lastEventId(client, node) : undefined;
  for (;;) {
    const now = await outlastRestart(progress, () =>
      client.get(`/v1/nodes/${ident(node)}?fields=${watchedFields.join(',')}`),
    );
    const seen = after;
    after = await outlastRestart(progress, () => showEvents(client, node, seen, progress));
    showChanges(before, now, progress);
    before = now;
    const state = String(now.provision_state);
    if (goal !== undefined && state === goal) {
      progress.end();
      return;
    }
    if (goal !== undefined && isAtRest(state)) {
      progress.end();
      const reason = typeof now.last_error === 'string' ? now.last_error : 'the server gives no error';
      throw new CommandError(`${node} is in state "${state}" and not "${goal}": ${reason}`);
    }
    await pause(pollIntervalMilliseconds);
  }
}

/** Repeats a request while the server is away: a node's work goes on after a restart, and so does the watch. */
async function outlastRestart<T>(progress: Progress, request: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + unreachableLimitMilliseconds;
  for (let attempt = 1; ; attempt++) {
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof UnreachableError) || performance.now() > deadline) {
        throw error;
      }
      if (attempt === 1) {
        progress.line(new Date(), `${error.message}; waiting for it`);
      }
      await pause(pollIntervalMilliseconds);
    }
  }
}

function isAtRest(state: string): boolean {
  return isProvisionState(state) && !provisionStates[state].transient;
}

function showChanges(before: Resource, now: Resource, progress: Progress): void {
  const labels = { provision_state: 'state', power_state: 'power', maintenance: 'maintenance' } as const;
  for (const [field, label] of Object.entries(labels)) {
    const isFirstLook = before[field] === undefined;
    if (before[field] !== now[field] && !(isFirstLook && now[field] === false)) {
      progress.line(
        new Date(),
        isFirstLook ? `${label} ${value(now[field])}` : `${label} ${value(before[field])} -> ${value(now[field])}`,
      );
    }
  }
  if (before.last_error !== now.last_error && typeof now.last_error === 'string') {
    progress.line(new Date(), `error: ${now.last_error}`);
  }
}

function value(field: unknown): string {
  return field === null ? 'unknown' : String(field);
}

/** Shows the events since `after` and returns the id of the last one seen. */
async function showEvents(client: Client, node: string, after: unknown, progress: Progress): Promise<unknown> {
  const events = await fetchEvents(client, node, after);
  for (const event of events) {
    // State and power changes are told by the node itself, also where the timeline was cut.
    if (event.kind !== 'state' && event.kind !== 'power') {
      progress.event(event);
    }
  }
  return events.at(-1)?.id ?? after;
}

async function lastEventId(client: Client, node: string): Promise<unknown> {
  return (await fetchEvents(client, node, undefined)).at(-1)?.id;
}

async function fetchEvents(client: Client, node: string, after: unknown): Promise<readonly Resource[]> {
  const query = after === undefined ? '' : `?after=${encodeURIComponent(String(after))}`;
  return client.list(`/wrought/v1/nodes/${ident(node)}/timeline${query}`, 'events');
}

function parseState(text: string): string {
  if (!isProvisionState(text)) {
    throw new InvalidArgumentError(`there is no such state; allowed: ${Object.keys(provisionStates).join(', ')}`);
  }
  return text;
}
