// Lets drivers make anew on this machine what a node needs of it, where the conductor that had it is gone or the files got lost.
import type { Node } from '@wrought/contract';
import type { LocalState, NodeInterfaces, Task } from '../../drivers/kit/index.ts';

/** What the implementations of a node keep on the machine of a conductor. */
export function localStates({ boot, deploy }: Pick<NodeInterfaces, 'boot' | 'deploy'>): LocalState[] {
  return [boot.local, deploy.local].filter((local) => local !== undefined);
}

/** The conductors that have something for a node. */
export function holdersOf(node: Node, interfaces: NodeInterfaces): string[] {
  return localStates(interfaces)
    .map((local) => local.holder(node))
    .filter((holder) => holder !== null);
}

/** What is missing here of what the node has somewhere. */
export async function missingHere(task: Task, hostname: string): Promise<LocalState[]> {
  const missing: LocalState[] = [];
  for (const local of localStates(task.interfaces)) {
    const holder = local.holder(task.node);
    if (holder !== null && (holder !== hostname || !(await local.isHere(task)))) {
      missing.push(local);
    }
  }
  return missing;
}

/** Makes here what is missing; the task learns it. @throws what the drivers throw: a kernel that can not be fetched, say */
export async function restoreLocalState(task: Task, hostname: string): Promise<void> {
  for (const local of await missingHere(task, hostname)) {
    task.learn(await local.restore(task));
  }
}
