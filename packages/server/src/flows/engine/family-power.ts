// The order in which a parent and its children are powered: the parent is on before a child, and children are off before it.
import type { Node, PowerTarget } from '@wrought/contract';
import { changePower } from '../../drivers/kit/index.ts';
import { childNodesOf, findNode } from '../../store/nodes.ts';
import { childLocked, parentLocked } from '../locks.ts';
import type { EngineContext } from './context.ts';
import { reservedTask } from './node-task.ts';

/** Whether a child has power of its own. */
function isPoweredAlone(child: Node): boolean {
  const { has_dedicated_power_supply: value } = child.driver_info;
  return value === true || (typeof value === 'string' && /^(true|yes|on|1)$/i.test(value));
}

async function powerRelative(
  context: EngineContext,
  relative: Node,
  target: 'power on' | 'power off',
  purpose: string,
): Promise<void> {
  await reservedTask(context, relative, purpose, ({ task }) => changePower(task, target));
}

/**
 * Brings the relatives of a node into the power state that its own change needs.
 * @throws RegisteredError ParentNodeLocked, ChildNodeLocked when somebody works on one of them
 */
export async function powerFamily(context: EngineContext, node: Node, target: PowerTarget): Promise<void> {
  const { read } = context.store;
  const turnsOff = target !== 'power on';
  if (node.parent_node !== null) {
    const parent =
      isPoweredAlone(node) || target.endsWith('power off') ? undefined : await findNode(read, node.parent_node);
    if (parent !== undefined && parent.power_state !== 'power on') {
      if (parent.reservation !== null) {
        throw parentLocked(node, parent);
      }
      await powerRelative(context, parent, 'power on', `power on for its child ${node.uuid}`);
    }
  }
  if (turnsOff) {
    for (const child of await childNodesOf(read, node.uuid)) {
      if (isPoweredAlone(child) || child.power_state === 'power off') {
        continue;
      }
      if (child.reservation !== null) {
        throw childLocked(node, child);
      }
      await powerRelative(context, child, 'power off', `power off for its parent ${node.uuid}`);
    }
  }
}
