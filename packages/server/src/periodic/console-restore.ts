// Opens the consoles that are switched on and not open here, after a start or a take-over, and closes those that are another's now.
import type { Node } from '@wrought/contract';
import type { EngineContext } from '../flows/engine/context.ts';
import { freeTask } from '../flows/engine/node-task.ts';
import { createSlots } from '../flows/engine/slots.ts';
import { nodeFromRow } from '../store/nodes.ts';
import { StoreUnavailableError } from '../store/unavailable.ts';
import type { PeriodicTask } from './task.ts';

/** Consoles that are opened at one time; a silent BMC takes its time. */
const AT_ONCE = 32;

/** Makes the task. */
export function consoleRestore(context: EngineContext): PeriodicTask {
  const { store, config, log, lease, members, interfacesOf } = context;

  async function enabledNodes(): Promise<Node[]> {
    const rows = await store.read.selectFrom('nodes').selectAll().where('console_enabled', '=', 1).execute();
    return rows.map(nodeFromRow);
  }

  async function look(node: Node): Promise<void> {
    const { console } = interfacesOf(node);
    if (!console.supported || console.isOpen === undefined) {
      return;
    }
    const isOurs = members.ownerOf(node) === lease.hostname;
    if (isOurs === console.isOpen(node.uuid) || (isOurs && node.reservation !== null)) {
      return;
    }
    try {
      await freeTask(context, node, ({ task }) => (isOurs ? console.start(task) : console.stop(task)));
      log.info({ node: node.uuid }, isOurs ? 'A console was opened again.' : 'A console went to another conductor.');
    } catch (error) {
      if (error instanceof StoreUnavailableError) {
        throw error;
      }
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ node: node.uuid, reason }, 'A console could not be opened again; the next look tries once more.');
    }
  }

  return {
    name: 'consoles',
    everySeconds: config().console.restore_interval,
    async run() {
      const slots = createSlots(() => AT_ONCE);
      const nodes = await enabledNodes();
      await Promise.all(nodes.map((node) => slots.use(() => look(node))));
    },
  };
}
