// Compares the ports of switches with what the nodes want of them, and mends what differs: after a crash, or another's hand.
import type { Node } from '@wrought/contract';
import { FencedError } from '../cluster/fenced-error.ts';
import type { EngineContext } from '../flows/engine/context.ts';
import { nodeTask, reservedTask } from '../flows/engine/node-task.ts';
import { createSlots } from '../flows/engine/slots.ts';
import { nodesWithSwitchPorts } from '../store/switch-ports.ts';
import { StoreUnavailableError } from '../store/unavailable.ts';
import type { PeriodicTask } from './task.ts';

/** Nodes that are looked at at one time; a switch that is away takes its time. */
const AT_ONCE = 16;

/** Makes the task; a node that is held, or whose switch is away, has its turn in the next round. */
export function switchPortRepair(context: EngineContext): PeriodicTask {
  const { store, config, log, lease, members } = context;

  /** Looks without a reservation: most ports are as they should be, and a switch that is away takes its time. */
  async function look(node: Node, signal: AbortSignal | undefined): Promise<void> {
    const options = signal === undefined ? {} : { abortSignal: signal };
    const { task } = await nodeTask(context, node, options);
    const ports = ((await task.interfaces.network.switchPorts?.(task)) ?? []).filter(({ network }) => network !== null);
    if (ports.some(({ matches }) => matches === false)) {
      await reservedTask(
        context,
        node,
        'switch port repair',
        async ({ task: held }) => {
          held.learn((await held.interfaces.network.repairSwitchPorts?.(held)) ?? {});
        },
        options,
      );
      return;
    }
    const unknown = ports.find(({ matches }) => matches === null);
    if (unknown !== undefined) {
      throw new Error(unknown.problem ?? `port ${unknown.switch_port} could not be looked at`);
    }
  }

  async function attempt(node: Node, signal: AbortSignal | undefined): Promise<void> {
    try {
      await look(node, signal);
    } catch (error) {
      if (error instanceof FencedError || error instanceof StoreUnavailableError || signal?.aborted) {
        throw error;
      }
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ node: node.uuid, reason }, 'Switch ports could not be looked after; tried again.');
    }
  }

  return {
    name: 'switch port repair',
    everySeconds: config().ironic_networking.repair_interval,
    async run(signal) {
      const slots = createSlots(() => AT_ONCE);
      const nodes = (await nodesWithSwitchPorts(store.read)).filter(
        (node) => node.reservation === null && members.ownerOf(node) === lease.hostname,
      );
      await Promise.all(
        nodes.map((node) => slots.use(async () => (signal?.aborted ? undefined : attempt(node, signal)))),
      );
    },
  };
}
