// Switches off the graphical consoles that nobody looks at any more, and whose address lets nobody in any more.
import { isRegisteredError, type Node } from '@wrought/contract';
import type { StartDoor } from '../flows/doors.ts';
import type { EngineContext } from '../flows/engine/context.ts';
import { nodeFromRow } from '../store/nodes.ts';
import type { PeriodicTask } from './task.ts';

/** Makes the task. */
export function consoleExpiry(context: EngineContext, start: Pick<StartDoor, 'console'>): PeriodicTask {
  const { store, config, log, interfacesOf } = context;

  async function switchOff(node: Node): Promise<void> {
    const requester = { requestId: `req-console-expiry-${node.uuid}`, user: null, project: null };
    try {
      await start.console({ node, requester, isEnabled: false });
      log.info({ node: node.uuid }, 'A graphical console that nobody looks at was switched off (vnc.token_timeout).');
    } catch (error) {
      if (!isRegisteredError(error)) {
        throw error;
      }
      // Such as other work on the node; the next look tries once more.
      log.debug({ node: node.uuid, reason: error.message }, 'A graphical console could not be switched off.');
    }
  }

  return {
    name: 'graphical consoles',
    everySeconds: config().vnc.expire_console_session_interval,
    async run() {
      const rows = await store.read.selectFrom('nodes').selectAll().where('console_enabled', '=', 1).execute();
      for (const node of rows.map(nodeFromRow)) {
        const { console } = interfacesOf(node);
        // What is open here is known here alone.
        if (console.supported && console.screen?.isForsaken(node.uuid) === true) {
          await switchOff(node);
        }
      }
    },
  };
}
