// Boots machines again that never came up in their ramdisk: network boots get lost, and a power cycle is often all they need.
import { isRegisteredError, type Node, type ProvisionState } from '@wrought/contract';
import { FencedError } from '../cluster/fenced-error.ts';
import type { EngineContext } from '../flows/engine/context.ts';
import { powerFamily } from '../flows/engine/family-power.ts';
import { reservedTask } from '../flows/engine/node-task.ts';
import { withProgress } from '../flows/engine/outcome.ts';
import { changeRun } from '../flows/engine/progress.ts';
import { createSlots } from '../flows/engine/slots.ts';
import { findNodeById, mergeObject } from '../store/nodes.ts';
import { findRun, type Run, unfinishedRunsOf } from '../store/runs.ts';
import { secondsSince } from '../store/time.ts';
import { lastSignAt } from '../store/timeline-evidence.ts';
import { StoreUnavailableError } from '../store/unavailable.ts';
import type { PeriodicTask } from './task.ts';

const AT_ONCE = 8;

/** States in which a machine may be on its way into a ramdisk. */
const waitStates: ReadonlySet<ProvisionState> = new Set([
  'wait call-back',
  'clean wait',
  'service wait',
  'rescue wait',
  'inspect wait',
]);

/** Whether the run waits for a machine that is on, or that a retry left off, and whose agent was never heard of. */
function isAwaited(run: Run, node: Node): boolean {
  return (
    !node.maintenance &&
    node.reservation === null &&
    (node.power_state === 'power on' || run.memory.boot_retries !== undefined) &&
    waitStates.has(node.provision_state) &&
    typeof node.driver_internal_info.agent_url !== 'string'
  );
}

/** Makes the task. */
export function bootRetry(context: EngineContext): PeriodicTask {
  const { store, config, log, lease, timeline } = context;
  const mine = { conductor: lease.hostname, epoch: lease.epoch };

  /** Seconds since the machine was last heard of or the wait began; a retry begins the wait anew, because it is noted in the run. */
  async function silentFor(run: Run): Promise<number> {
    const sign = await lastSignAt(store.read, run.node_id, run.updated_at);
    return secondsSince(sign ?? run.updated_at) ?? 0;
  }

  async function bootAgain(seen: Node, run: Run, seconds: number, signal: AbortSignal | undefined): Promise<void> {
    const options = {
      ...(signal === undefined ? {} : { abortSignal: signal }),
      beforePower: (target: Parameters<typeof powerFamily>[2]) => powerFamily(context, seen, target),
    };
    await reservedTask(
      context,
      seen,
      'boot retry',
      async ({ task }) => {
        const fresh = await findRun(store.read, run.id);
        const isAsSeen = fresh?.status === 'parked' && fresh.updated_at === run.updated_at;
        if (!isAsSeen || !isAwaited(fresh, { ...task.node, reservation: null })) {
          return;
        }
        await lease.assertHeld();
        const facts = (await task.interfaces.boot.prepareRamdiskAgain?.(task)) ?? null;
        if (facts === null) {
          return;
        }
        task.learn(facts);
        // Noted before the power cycle, so that one that fails comes no sooner than after another such time.
        const retries = Number(run.memory.boot_retries ?? 0) + 1;
        await withProgress(context, run.id, (progress) =>
          changeRun(progress, { memory: mergeObject(progress.run.memory, { boot_retries: retries }) }),
        );
        task.record({
          kind: 'boot',
          severity: 'warning',
          message: `The machine gave no sign for ${Math.round(seconds)} s (pxe.boot_retry_timeout), so it boots again (retry ${retries}).`,
          data: { retries },
        });
        await task.setPower('rebooting');
      },
      options,
    );
  }

  async function look(run: Run, limit: number, signal: AbortSignal | undefined): Promise<void> {
    const node = await findNodeById(store.read, run.node_id);
    const seconds = await silentFor(run);
    if (node === undefined || !isAwaited(run, node) || seconds < limit) {
      return;
    }
    try {
      await bootAgain(node, run, seconds, signal);
    } catch (error) {
      if (error instanceof FencedError || error instanceof StoreUnavailableError || signal?.aborted) {
        throw error;
      }
      if (!isRegisteredError(error, 'NodeLocked')) {
        const reason = error instanceof Error ? error.message : String(error);
        timeline.add(node.id, {
          kind: 'boot',
          severity: 'warning',
          message: `It could not be booted again: ${reason}`,
        });
        log.warn({ node: node.uuid, reason }, 'A machine that gave no sign could not be booted again.');
      }
    }
  }

  return {
    name: 'boot retry',
    everySeconds: config().pxe.boot_retry_check_interval,
    async run(signal) {
      const limit = config().pxe.boot_retry_timeout;
      if (limit === null) {
        return;
      }
      // What machines did lately may not be written yet.
      await timeline.flush();
      const slots = createSlots(() => AT_ONCE);
      const runs = await unfinishedRunsOf(store.read, mine);
      const waiting = runs.filter(({ lane, status }) => lane === 'provision' && status === 'parked');
      await Promise.all(
        waiting.map((run) => slots.use(async () => (signal?.aborted ? undefined : look(run, limit, signal)))),
      );
    },
  };
}
