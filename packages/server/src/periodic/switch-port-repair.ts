// Compares the ports of switches with what the nodes want of them, and mends what differs: after a crash, or another's hand.
import { isRegisteredError, type Node } from '@wrought/contract';
import type { EngineContext } from '../flows/engine/context.ts';
import { reservedTask } from '../flows/engine/node-task.ts';
import { createSlots } from '../flows/engine/slots.ts';
import { nodesWithSwitchPorts } from '../store/switch-ports.ts';
import type { PeriodicTask } from './task.ts';

/** Nodes that are looked at at one time; a switch that is away takes its time. */
const AT_ONCE = 16;

/** Makes the task; a node that is held, or whose switch is away, has its turn in the next round. */
export function switchPortRepair(context: EngineContext): PeriodicTask {
  const { store, config, log, lease, members } = context;

  async function look(node: Node): Promise<void> {
    try {
      await reservedTask(context, node, 'switch port repair', async ({ task }) => {
        task.learn((await task.interfaces.network.repairSwitchPorts?.(task)) ?? {});
      });
    } catch (error) {
      if (!isRegisteredError(error)) {
        throw error;
      }
      log.warn({ node: node.uuid, reason: error.message }, 'Switch ports could not be looked after; tried again.');
    }
  }

  return {
    name: 'switch port repair',
    everySeconds: config().ironic_networking.repair_interval,
    async run() {
      const slots = createSlots(() => AT_ONCE);
      const nodes = (await nodesWithSwitchPorts(store.read)).filter(
        (node) => node.reservation === null && members.ownerOf(node) === lease.hostname,
      );
      await Promise.all(nodes.map((node) => slots.use(() => look(node))));
    },
  };
}
