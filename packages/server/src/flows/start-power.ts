// Begins power actions.
import { powerTargets, registeredError } from '@wrought/contract';
import { findNode } from '../store/nodes.ts';
import type { Beginnings } from './beginnings.ts';
import type { PowerRequest, StartDoor } from './doors.ts';
import type { EngineContext } from './engine/context.ts';
import { nodeTask } from './engine/node-task.ts';
import { change } from './engine/progress.ts';
import { flows } from './index.ts';
import { parentLocked } from './locks.ts';

/** Makes the part of the start door that concerns power. */
export function createPowerStart(context: EngineContext, { begin }: Beginnings): Pick<StartDoor, 'power'> {
  async function power(request: PowerRequest): Promise<void> {
    const { target, timeoutSeconds, requester } = request;
    await context.locks.alone(request.node, async (node) => {
      const { task } = await nodeTask(context, node);
      if (!task.interfaces.power.supportedTargets.includes(target)) {
        throw registeredError('UnsupportedDriverExtension', {
          interface: 'power',
          implementation: task.interfaces.power.name,
          node: node.uuid,
          extension: `the power target "${target}"; it takes: ${task.interfaces.power.supportedTargets.join(', ')}`,
        });
      }
      if (node.disable_power_off && (target === 'power off' || target === 'soft power off')) {
        throw registeredError('PowerStateFailure', {
          node: node.uuid,
          pstate: target,
          reason: 'powering off is disabled for this node (disable_power_off).',
        });
      }
      const parent = node.parent_node === null ? undefined : await findNode(context.store.read, node.parent_node);
      if (parent !== undefined && parent.reservation !== null) {
        throw parentLocked(node, parent);
      }
      await task.interfaces.power.validate(task);
      const runArguments = { target, ...(timeoutSeconds === undefined ? {} : { timeout: timeoutSeconds }) };
      await begin(node, flows.power, runArguments, requester, async (progress) => {
        const isFailed = progress.node.provision_state.endsWith('failed');
        change(progress, {
          target_power_state: powerTargets[target].end,
          ...(isFailed ? {} : { last_error: null }),
        });
      });
    });
  }

  return { power };
}
