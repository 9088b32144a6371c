// Makes the task on a node as it stands: for steps of runs, for calls that answer at once, and for relatives of a node.

import { randomUUID } from 'node:crypto';
import type { Node } from '@wrought/contract';
import { portgroupsOfNode } from '../../store/portgroups.ts';
import { portsOfNode } from '../../store/ports.ts';
import { storeFacts } from './apply-facts.ts';
import type { EngineContext } from './context.ts';
import { createTask, type LearningTask, type TaskOptions } from './task.ts';

type NodeTaskOptions = Partial<
  Pick<TaskOptions, 'abortSignal' | 'isBackground' | 'idempotencyKey' | 'memory' | 'beforePower'>
>;

/** A task on the node as given; one that belongs to no step has a key of its own and is never aborted. */
export async function nodeTask(
  context: EngineContext,
  node: Node,
  options: NodeTaskOptions = {},
): Promise<LearningTask> {
  return createTask({
    node,
    ports: await portsOfNode(context.store.read, node.id),
    portgroups: await portgroupsOfNode(context.store.read, node.id),
    interfaces: context.interfacesOf(node),
    config: context.config(),
    log: context.log,
    timeline: context.timeline,
    abortSignal: new AbortController().signal,
    idempotencyKey: randomUUID(),
    ...(context.tracing === undefined ? {} : { trace: context.tracing.call }),
    store: (facts) => storeFacts(context.store, node.id, facts),
    ...options,
  });
}

/** Runs `work` on the node and stores what it learned, even when it fails. */
export async function freeTask<Result>(
  context: EngineContext,
  node: Node,
  work: (learning: LearningTask) => Promise<Result>,
  options?: NodeTaskOptions,
): Promise<Result> {
  const learning = await nodeTask(context, node, options);
  try {
    return await work(learning);
  } finally {
    await storeFacts(context.store, node.id, learning.learned());
  }
}

/** The same with the reservation of the node held for `purpose`. */
export function reservedTask<Result>(
  context: EngineContext,
  node: Node,
  purpose: string,
  work: (learning: LearningTask) => Promise<Result>,
  options?: NodeTaskOptions,
): Promise<Result> {
  return context.locks.reserved(node, purpose, (held) => freeTask(context, held, work, options));
}
