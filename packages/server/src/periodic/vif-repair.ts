// Ends attachments, detachments and changes of addresses of VIFs that a crash, or an absence of the network service, cut off.
import { isRegisteredError } from '@wrought/contract';
import type { EngineContext } from '../flows/engine/context.ts';
import { reservedTask } from '../flows/engine/node-task.ts';
import { nodesWithUnsettledVifs } from '../store/unsettled-vifs.ts';
import type { PeriodicTask } from './task.ts';

const PAUSE_SECONDS = 30;

/** Makes the task; a node that is held, or whose network service is away, has its turn in the next round. */
export function vifRepair(context: EngineContext): PeriodicTask {
  return {
    name: 'VIF repair',
    everySeconds: PAUSE_SECONDS,
    async run() {
      for (const node of await nodesWithUnsettledVifs(context.store.read)) {
        if (context.members.ownerOf(node) !== context.lease.hostname) {
          continue;
        }
        try {
          await reservedTask(context, node, 'VIF repair', async ({ task }) => {
            task.learn((await task.interfaces.network.repairVifs?.(task)) ?? {});
          });
        } catch (error) {
          if (!isRegisteredError(error)) {
            throw error;
          }
          context.log.info({ node: node.uuid, reason: error.message }, 'A VIF could not be settled; tried again.');
        }
      }
    },
  };
}
