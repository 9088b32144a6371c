// Compares the power state of each node with what its BMC says, sets right what differs, and gives up on BMCs that stay silent.
import { setTimeout as sleep } from 'node:timers/promises';
import { isRegisteredError, type Node, powerSyncExcludedStates } from '@wrought/contract';
import { FencedError } from '../cluster/fenced-error.ts';
import { BmcSilentError, type Task } from '../drivers/kit/index.ts';
import { storeFacts } from '../flows/engine/apply-facts.ts';
import type { EngineContext } from '../flows/engine/context.ts';
import { nodeTask } from '../flows/engine/node-task.ts';
import { lacksVendor, vendorFacts } from '../flows/machine-vendor.ts';
import { appendHistory, appendTimeline } from '../store/evidence.ts';
import { findNodeById, type NodeChanges, updateNode } from '../store/nodes.ts';
import { recordNode } from '../store/object-events.ts';
import { StoreUnavailableError } from '../store/unavailable.ts';
import { createLookSlots } from './look-slots.ts';
import type { PeriodicTask } from './task.ts';

/** Numbers of the nodes of this conductor whose power may be looked at. */
async function candidates({ store, members, lease }: EngineContext): Promise<number[]> {
  const rows = await store.read
    .selectFrom('nodes')
    .select(['id', 'uuid', 'driver', 'conductor_group'])
    .where('maintenance', '=', 0)
    .where('parent_node', 'is', null)
    .where('provision_state', 'not in', [...powerSyncExcludedStates])
    .orderBy('id')
    .execute();
  return rows.filter((row) => members.ownerOf(row) === lease.hostname).map(({ id }) => id);
}

/** Whether nothing else is going on with the power of a node. */
function isIdle(node: Node): boolean {
  return (
    !node.maintenance &&
    node.reservation === null &&
    node.target_power_state === null &&
    !powerSyncExcludedStates.has(node.provision_state)
  );
}

const PAUSE_SECONDS = 0.1;

/** Makes the task; failures in a row are counted in memory, so that a restart gives every BMC a new chance. */
export function powerSync(context: EngineContext): PeriodicTask {
  const failures = new Map<number, number>();
  const interval = context.config().conductor.sync_power_state_interval;

  /** Writes changes if nobody worked on the node meanwhile; the next round looks again otherwise. */
  async function write(
    node: Node,
    changes: NodeChanges,
    message: string,
    severity: 'warning' | 'error',
  ): Promise<void> {
    await context.store.transaction(async (trx) => {
      const fresh = await findNodeById(trx, node.id);
      if (fresh === undefined || fresh.reservation !== null || fresh.target_power_state !== null) {
        return;
      }
      const written = await updateNode(trx, fresh, changes);
      if (written === undefined) {
        return;
      }
      await appendTimeline(trx, node.id, [{ kind: 'power', severity, message }]);
      await recordNode(trx, context.config(), 'conductor', written, 'power_state_corrected', ['success'], {
        from_power: node.power_state,
        to_power: written.power_state,
      });
      if (severity === 'error') {
        await appendHistory(trx, fresh, {
          severity: 'ERROR',
          event_type: 'monitoring',
          event: message,
          conductor: context.lease.hostname,
        });
      }
    });
    context.locks.changed(node.id);
  }

  async function giveUpLater(node: Node, reason: string): Promise<void> {
    const count = (failures.get(node.id) ?? 0) + 1;
    failures.set(node.id, count);
    const maximum = context.config().conductor.power_state_sync_max_retries;
    if (count <= maximum) {
      context.log.warn({ node: node.uuid, attempt: count, reason }, 'The power state of a node could not be read.');
      return;
    }
    failures.delete(node.id);
    const message = `The power state could not be synchronised ${count} times in a row, so the node is in maintenance now. ${reason}`;
    await write(
      node,
      {
        power_state: null,
        maintenance: true,
        maintenance_reason: message,
        fault: 'power failure',
        last_error: message,
      },
      message,
      'error',
    );
  }

  async function correct(node: Node, real: Node['power_state']): Promise<void> {
    const config = context.config();
    const isForced = config.conductor.force_power_state_during_sync && !node.disable_power_off;
    if (isForced && (node.power_state === 'power on' || node.power_state === 'power off')) {
      const count = (failures.get(node.id) ?? 0) + 1;
      failures.set(node.id, count);
      if (count <= config.conductor.power_state_sync_max_retries) {
        const target = node.power_state;
        await context.locks.reserved(node, 'power sync', async (held) => {
          // Somebody may have powered the machine meanwhile, or begun to work on it.
          const isAsSeen = held.power_state === target && held.provision_state === node.provision_state;
          if (!isAsSeen || held.target_power_state !== null) {
            return;
          }
          const { task } = await nodeTask(context, held);
          task.record({
            kind: 'power',
            severity: 'warning',
            message: `The BMC reports "${real}" where "${target}" is stored; setting it back.`,
          });
          await task.interfaces.power.setPowerState(task, target);
        });
        return;
      }
      failures.delete(node.id);
      const message = `The machine went "${real}" by itself again and again although "${target(node)}" was set; it is in maintenance now.`;
      await write(
        node,
        {
          power_state: real,
          maintenance: true,
          maintenance_reason: message,
          fault: 'power failure',
          last_error: message,
        },
        message,
        'error',
      );
      return;
    }
    await write(
      node,
      { power_state: real },
      `The BMC reports "${real}" where "${node.power_state}" was stored.`,
      'warning',
    );
  }

  function target(node: Node): string {
    return node.power_state ?? 'unknown';
  }

  /** Nodes whose BMC does not say who made it: it is asked once, and again by the next process. */
  const withoutVendor = new Set<number>();

  /** Once the BMC answers, as the power state alone is no reason to ask one that is silent for more. */
  async function learnVendor(task: Task): Promise<void> {
    const { id, uuid } = task.node;
    if (withoutVendor.has(id) || !lacksVendor(task)) {
      return;
    }
    try {
      const facts = await vendorFacts(task);
      if (facts === undefined) {
        withoutVendor.add(id);
      } else {
        await storeFacts(context.store, id, facts);
      }
    } catch (error) {
      if (error instanceof StoreUnavailableError || error instanceof FencedError) {
        throw error;
      }
      context.log.debug({ node: uuid, err: error }, 'The vendor of a node could not be read.');
    }
  }

  /** What the look at the power told beside it; the history has each change. */
  async function keepHealth(before: Node, { node: { health } }: Task): Promise<void> {
    if (health === before.health) {
      return;
    }
    if (health === null) {
      // Nobody looks any more: what was seen last would be taken for what is.
      await context.store.transaction(async (trx) => {
        const fresh = await findNodeById(trx, before.id);
        if (fresh !== undefined && fresh.health === before.health) await updateNode(trx, fresh, { health });
      });
      return;
    }
    const message = `The BMC reports the health "${health}"${before.health === null ? '' : `; it was "${before.health}"`}.`;
    const severity = health === 'OK' ? 'info' : health === 'Warning' ? 'warning' : 'error';
    await context.store.transaction(async (trx) => {
      const fresh = await findNodeById(trx, before.id);
      if (fresh === undefined || fresh.health === health || (await updateNode(trx, fresh, { health })) === undefined) {
        return;
      }
      await appendTimeline(trx, fresh.id, [{ kind: 'bmc', severity, message }]);
      if (before.health !== null || health !== 'OK') {
        await appendHistory(trx, fresh, {
          severity: health === 'OK' ? 'INFO' : 'ERROR',
          event_type: 'monitoring',
          event: message,
          conductor: context.lease.hostname,
        });
      }
    });
  }

  async function syncOne(id: number, signal: AbortSignal | undefined): Promise<void> {
    const node = await findNodeById(context.store.read, id);
    if (node === undefined || !isIdle(node)) {
      return;
    }
    const limit = context.config().conductor.sync_power_state_timeout;
    const patience = AbortSignal.timeout(limit * 1000);
    const abortSignal = signal === undefined ? patience : AbortSignal.any([signal, patience]);
    try {
      const { task } = await nodeTask(context, node, { abortSignal, isBackground: true });
      const { power } = task.interfaces;
      if (!power.canSync) {
        return;
      }
      const real = await power.getPowerState(task);
      context.observer?.powerRead(node.id);
      await keepHealth(node, task);
      await learnVendor(task);
      if (real === node.power_state) {
        failures.delete(node.id);
      } else if (real !== null && node.power_state === null) {
        await write(node, { power_state: real }, `The machine is "${real}".`, 'warning');
      } else if (real !== null) {
        await correct(node, real);
      }
    } catch (error) {
      if (signal?.aborted || error instanceof BmcSilentError || isRegisteredError(error, 'NodeLocked')) {
        // The BMC was not asked, or others are at work: this is no failure of it.
        return;
      }
      if (error instanceof StoreUnavailableError || error instanceof FencedError) {
        throw error;
      }
      const reason = patience.aborted
        ? `The BMC did not tell the power state within ${limit} s (conductor.sync_power_state_timeout).`
        : error instanceof Error
          ? error.message
          : String(error);
      await giveUpLater(node, reason);
    }
  }

  function reportLook(error: unknown): void {
    if (error instanceof StoreUnavailableError) {
      context.log.warn({ reason: error.message }, 'A power state could not be looked at; the next round does it.');
    } else if (!(error instanceof FencedError)) {
      context.log.error({ err: error }, 'A power state could not be looked at; the next round does it.');
    }
  }

  const slots = createLookSlots(context.config);
  /** Nodes that are being looked at; silent ones over the end of a round. */
  const looks = new Map<number, Promise<void>>();

  function look(id: number, signal: AbortSignal | undefined): void {
    const work = async () => (signal?.aborted ? undefined : syncOne(id, signal));
    const wasSilent = failures.has(id);
    const ended = (wasSilent ? slots.useBeside(work) : slots.use(work)).catch(reportLook);
    looks.set(
      id,
      ended.finally(() => looks.delete(id)),
    );
  }

  async function settled(): Promise<void> {
    await Promise.all(looks.values());
  }

  /** Looks at every node once, evenly over the time; it waits for silent ones only when it is asked for one round. */
  async function round(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const begin = performance.now();
    const ids = await candidates(context);
    context.observer?.powerRoundBegan(ids);
    for (const [index, id] of ids.entries()) {
      const early = begin + (milliseconds * index) / ids.length - performance.now();
      if (early > 0) {
        await sleep(early, undefined, { signal, ref: false });
      }
      signal?.throwIfAborted();
      if (!looks.has(id)) {
        look(id, signal);
      }
    }
    if (signal === undefined) {
      await settled();
    }
    const rest = begin + milliseconds - performance.now();
    if (rest > 0) {
      await sleep(rest, undefined, { signal, ref: false });
    }
  }

  return {
    name: 'power sync',
    // A round takes the whole interval, and the next one follows it.
    everySeconds: interval > 0 ? PAUSE_SECONDS : 0,
    run: (signal) => round(signal === undefined ? 0 : interval * 1000, signal),
    settled,
  };
}
