// A task without a run: for checks and calls that answer at once and belong to no flow.

import { randomUUID } from 'node:crypto';
import type { Node } from '@wrought/contract';
import { portgroupsOfNode } from '../store/portgroups.ts';
import { portsOfNode } from '../store/ports.ts';
import { storeFacts } from './engine/apply-facts.ts';
import type { EngineContext } from './engine/context.ts';
import { createTask, type LearningTask } from './engine/task.ts';

/** A task on the node as given. */
export async function validationTask(context: EngineContext, node: Node): Promise<LearningTask> {
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
    store: (facts) => storeFacts(context.store, node.id, facts),
  });
}
