// Takes nodes out of the maintenance that a silent BMC brought, once it answers again.
import type { Node } from '@wrought/contract';
import type { EngineContext } from '../flows/engine/context.ts';
import { nodeTask } from '../flows/engine/node-task.ts';
import { appendHistory, appendTimeline } from '../store/evidence.ts';
import { findNodeById, nodeFromRow, updateNode } from '../store/nodes.ts';
import { recordNode } from '../store/object-events.ts';
import { createLookSlots } from './look-slots.ts';
import type { PeriodicTask } from './task.ts';

/** Nodes of this conductor that are out of service because of their power. */
async function candidates({ store, members, lease }: EngineContext): Promise<Node[]> {
  const rows = await store.read
    .selectFrom('nodes')
    .selectAll()
    .where('maintenance', '=', 1)
    .where('fault', '=', 'power failure')
    .where('reservation', 'is', null)
    .execute();
  return rows.filter((row) => members.ownerOf(row) === lease.hostname).map(nodeFromRow);
}

/** Makes the task. */
export function powerRecovery(context: EngineContext): PeriodicTask {
  async function recover(node: Node, real: NonNullable<Node['power_state']>): Promise<void> {
    const message = `The BMC answers again: the machine is "${real}", and the node is out of maintenance.`;
    await context.store.transaction(async (trx) => {
      const fresh = await findNodeById(trx, node.id);
      if (fresh === undefined || fresh.fault !== 'power failure' || fresh.reservation !== null) {
        return;
      }
      const written = await updateNode(trx, fresh, {
        power_state: real,
        maintenance: false,
        maintenance_reason: null,
        fault: null,
        ...(fresh.last_error === fresh.maintenance_reason ? { last_error: null } : {}),
      });
      await appendTimeline(trx, node.id, [{ kind: 'power', message }]);
      await appendHistory(trx, fresh, {
        severity: 'INFO',
        event_type: 'monitoring',
        event: message,
        conductor: context.lease.hostname,
      });
      await recordNode(trx, context.config(), 'conductor', written ?? fresh, 'power_state_corrected', ['success'], {
        from_power: node.power_state,
        to_power: real,
      });
    });
    context.locks.changed(node.id);
  }

  async function look(node: Node, signal: AbortSignal | undefined): Promise<void> {
    const { sync_power_state_timeout: limit } = context.config().conductor;
    try {
      const patience = AbortSignal.timeout(limit * 1000);
      const abortSignal = signal === undefined ? patience : AbortSignal.any([signal, patience]);
      const { task } = await nodeTask(context, node, { abortSignal, isBackground: true });
      const { power } = task.interfaces;
      await power.validate(task);
      const real = await power.getPowerState(task);
      if (real !== null) {
        await recover(node, real);
      }
    } catch (error) {
      // Why it is out of service stands in the node; that it still is needs no second line there.
      context.log.debug(
        { node: node.uuid, err: error },
        'A node in maintenance for its power can not be recovered yet.',
      );
    }
  }

  return {
    name: 'power failure recovery',
    everySeconds: context.config().conductor.power_failure_recovery_interval,
    async run(signal) {
      const slots = createLookSlots(context.config);
      const nodes = await candidates(context);
      await Promise.all(nodes.map((node) => slots.use(async () => (signal?.aborted ? undefined : look(node, signal)))));
    },
  };
}
