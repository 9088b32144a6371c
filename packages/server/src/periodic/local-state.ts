// Looks whether what machines fetch from their conductor is on this machine, makes anew what is not, and takes back what is another's now.
import type { Node } from '@wrought/contract';
import type { BootRecords } from '../boot/boot-records.ts';
import type { ServedFolders } from '../boot/served-folders.ts';
import { FencedError } from '../cluster/fenced-error.ts';
import type { EngineContext } from '../flows/engine/context.ts';
import { holdersOf, missingHere, restoreLocalState } from '../flows/engine/local-state.ts';
import { freeTask, nodeTask } from '../flows/engine/node-task.ts';
import { createSlots } from '../flows/engine/slots.ts';
import { findNode, findNodeById, isUuid } from '../store/nodes.ts';
import { unfinishedRunOf, unfinishedRunsOf } from '../store/runs.ts';
import { StoreUnavailableError } from '../store/unavailable.ts';
import type { PeriodicTask } from './task.ts';

/** Nodes that are restored at one time; each may fetch a kernel and a ramdisk. */
const AT_ONCE = 8;

/** Makes the task; without records and folders nothing is taken back. */
export function localState(
  context: EngineContext,
  records: BootRecords | undefined,
  served: ServedFolders | undefined,
): PeriodicTask {
  const { store, config, log, lease, members, locks } = context;
  const { hostname, epoch } = lease;

  /** Nodes whose machines wait for this conductor; a run that executes looks after its node itself. */
  async function waitingNodes(): Promise<number[]> {
    const runs = await unfinishedRunsOf(store.read, { conductor: hostname, epoch });
    return runs.filter(({ lane, status }) => lane === 'provision' && status === 'parked').map(({ node_id }) => node_id);
  }

  /** Nodes at rest that are left scripts to start their disk, where the conductor that had them is gone. */
  async function restingNodes(): Promise<number[]> {
    if (!config().pxe.enable_netboot_fallback) {
      return [];
    }
    const busy = store.read.selectFrom('runs').select('node_id').where('finished_at', 'is', null);
    const rows = await store.read
      .selectFrom('nodes')
      .select(['id', 'uuid', 'driver', 'conductor_group'])
      .where('driver_internal_info', 'like', '%"conductor":%')
      .where('id', 'not in', busy)
      .execute();
    return rows.filter((row) => members.ownerOf(row) === hostname).map(({ id }) => id);
  }

  /** Whether this conductor is to have it: nobody else does, or the node's work is here. */
  function isOurs(node: Node, isWaiting: boolean): boolean {
    const holders = holdersOf(node, context.interfacesOf(node));
    return holders.some((holder) => isWaiting || holder === hostname || members.find(holder) === undefined);
  }

  async function isMissing(node: Node): Promise<boolean> {
    const { task } = await nodeTask(context, node);
    return (await missingHere(task, hostname)).length > 0;
  }

  async function restore(id: number, isWaiting: boolean, signal: AbortSignal | undefined): Promise<void> {
    const seen = await findNodeById(store.read, id);
    if (seen === undefined || seen.reservation !== null || !isOurs(seen, isWaiting) || !(await isMissing(seen))) {
      return;
    }
    // Reserved, so that nobody takes the files back while they are written.
    await locks.reserved(seen, 'boot files', async (held) => {
      const run = await unfinishedRunOf(store.read, id, 'provision');
      const isAsSeen = isWaiting ? run?.status === 'parked' && run.conductor === hostname : run === undefined;
      if (isAsSeen) {
        const options = signal === undefined ? {} : { abortSignal: signal };
        await freeTask(context, held, ({ task }) => restoreLocalState(task, hostname), options);
      }
    });
  }

  /** Takes back what this machine still offers a node whose work went on elsewhere, or that is gone. */
  async function takeBack(uuid: string): Promise<void> {
    const node = await findNode(store.read, uuid);
    if (node === undefined) {
      await records?.withdraw(uuid);
      return;
    }
    const isOver = async (seen: Node) =>
      !holdersOf(seen, context.interfacesOf(seen)).includes(hostname) &&
      (await unfinishedRunOf(store.read, seen.id, 'provision')) === undefined;
    // A run that executes keeps what it has done for its end.
    if (node.reservation !== null || !(await isOver(node))) {
      return;
    }
    await locks.reserved(node, 'boot files', async (held) => {
      if (await isOver(held)) {
        await records?.withdraw(uuid);
        log.info({ node: uuid }, 'What was left of the network boot of a node was taken back.');
      }
    });
  }

  /** Takes away what a node was served that is gone. */
  async function sweep(uuid: string): Promise<void> {
    if ((await findNode(store.read, uuid)) === undefined) {
      await served?.remove(uuid);
    }
  }

  async function look(node: number | string, work: () => Promise<void>, signal?: AbortSignal): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof FencedError || error instanceof StoreUnavailableError || signal?.aborted) {
        throw error;
      }
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ node, reason }, 'Boot files of a node could not be looked after; the next look tries again.');
    }
  }

  return {
    name: 'local state',
    everySeconds: config().conductor.sync_local_state_interval,
    async run(signal) {
      const slots = createSlots(() => AT_ONCE);
      const all = async <Of extends number | string>(nodes: readonly Of[], work: (node: Of) => Promise<void>) => {
        const looks = nodes.map((node) =>
          slots.use(async () => (signal?.aborted ? undefined : look(node, () => work(node), signal))),
        );
        await Promise.all(looks);
      };
      await all(await waitingNodes(), (id) => restore(id, true, signal));
      await all(await restingNodes(), (id) => restore(id, false, signal));
      await all((await records?.nodes()) ?? [], takeBack);
      // What is not called by a UUID is not of a node: operators serve files of their own there.
      await all(((await served?.names()) ?? []).filter(isUuid), sweep);
    },
  };
}
