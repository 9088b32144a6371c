// Who may work on a node now: bounded waiting for its reservation, and the words for those who do not get it.

import { EventEmitter, once } from 'node:events';
import { type Node, registeredError } from '@wrought/contract';
import type { Config } from '../config/index.ts';
import { noteHint } from '../store/hints.ts';
import { findNodeById, getNode, updateNode } from '../store/nodes.ts';
import { reservationOf } from '../store/reservation.ts';
import type { Database, Store } from '../store/store.ts';
import { now } from '../store/time.ts';

/** How long somebody who waits for a node trusts that it is still reserved, where no hint says otherwise. */
const LOOK_AGAIN_MILLISECONDS = 1_000;

export interface NodeLocks {
  /** Says that a node was written: whoever waits for it looks again. */
  changed(nodeId: number): void;
  /** Resolves when the node was written, or after the time at the latest. */
  untilChanged(nodeId: number, milliseconds: number): Promise<void>;
  /**
   * Runs `work` alone among all who ask for this node in this process, on the unreserved node, read afresh; NodeLocked when the
   * node is reserved longer than the configured tries, counted from the call.
   */
  alone<Result>(node: Node, work: (node: Node) => Promise<Result>): Promise<Result>;
  /** Runs `work` with the reservation of the node held and shown, for calls that reach its BMC. */
  reserved<Result>(node: Node, purpose: string, work: (node: Node) => Promise<Result>): Promise<Result>;
  /** Drops reservations of this conductor, and of those that have stopped, behind which neither a running run nor a call stands. */
  releaseAbandoned(): Promise<void>;
}

/** NodeLocked for a node as it stands: holder, age, purpose, and when to try again. */
export function nodeLocked(node: Node, retryAfterSeconds: number) {
  return registeredError('NodeLocked', { node: node.uuid, ...reservationOf(node) }, { retryAfterSeconds });
}

/** The same for a node whose parent is held, which it needs. */
export function parentLocked(node: Node, parent: Node) {
  const held = reservationOf(parent);
  return registeredError(
    'ParentNodeLocked',
    { node: node.uuid, parent: parent.uuid, ...held },
    { retryAfterSeconds: 1 },
  );
}

/** The same for a node whose child is held, which goes before it. */
export function childLocked(node: Node, child: Node) {
  const held = reservationOf(child);
  return registeredError('ChildNodeLocked', { node: node.uuid, child: child.uuid, ...held }, { retryAfterSeconds: 1 });
}

/** Makes the locks of one process. */
export function createNodeLocks(store: Store, config: () => Config, hostname: string): NodeLocks {
  const changes = new EventEmitter().setMaxListeners(0);
  // Nodes that others give back; what this process does is told sooner.
  store.hints.onHint((topic) => {
    const id = /^node (\d+)$/.exec(topic)?.[1];
    for (const name of topic === 'nodes' ? changes.eventNames() : id === undefined ? [] : [id]) {
      changes.emit(name);
    }
  });
  const queues = new Map<number, Promise<unknown>>();
  /** Calls of this process that have reserved their node, or are about to. */
  const called = new Set<{ readonly nodeId: number }>();

  async function untilChanged(nodeId: number, milliseconds: number): Promise<void> {
    const timeout = AbortSignal.timeout(Math.ceil(milliseconds));
    try {
      await once(changes, String(nodeId), { signal: timeout });
    } catch (error) {
      if (!timeout.aborted) {
        throw error;
      }
    }
  }

  async function whenFree(node: Node, deadline: number): Promise<Node> {
    for (;;) {
      const fresh = await getNode(store.read, node.uuid);
      if (fresh.reservation === null) {
        return fresh;
      }
      const left = deadline - performance.now();
      if (left <= 0) {
        throw nodeLocked(fresh, Math.max(1, Math.ceil(config().conductor.node_locked_retry_interval)));
      }
      // Another process may give the node back, of which a hint can get lost.
      await untilChanged(node.id, Math.min(left, LOOK_AGAIN_MILLISECONDS));
    }
  }

  async function alone<Result>(node: Node, work: (node: Node) => Promise<Result>): Promise<Result> {
    const { node_locked_retry_attempts: attempts, node_locked_retry_interval: interval } = config().conductor;
    const deadline = performance.now() + attempts * interval * 1000;
    const before = queues.get(node.id) ?? Promise.resolve();
    const mine = before.then(
      async () => work(await whenFree(node, deadline)),
      async () => work(await whenFree(node, deadline)),
    );
    queues.set(node.id, mine);
    try {
      return await mine;
    } finally {
      if (queues.get(node.id) === mine) {
        queues.delete(node.id);
      }
    }
  }

  async function reserve(node: Node, purpose: string): Promise<Node | undefined> {
    return store.transaction(async (trx) => {
      const fresh = await findNodeById(trx, node.id);
      if (fresh === undefined || fresh.reservation !== null) {
        return undefined;
      }
      return updateNode(trx, fresh, { reservation: hostname, reserved_at: now(), reserved_for: purpose });
    });
  }

  async function release(node: Node): Promise<void> {
    await store.transaction(async (trx) => {
      const fresh = await findNodeById(trx, node.id);
      // Where it was taken away meanwhile, it is somebody else's now.
      if (fresh?.reservation === hostname && fresh.reserved_at === node.reserved_at) {
        await updateNode(trx, fresh, { reservation: null, reserved_at: null, reserved_for: null });
      }
    });
    changes.emit(String(node.id));
  }

  async function abandoned(db: Database): Promise<number[]> {
    const stopped = db.selectFrom('conductors').select('hostname').where('online', '=', 0);
    const busy = db.selectFrom('runs').select('node_id').where('status', '=', 'running');
    const rows = await db
      .selectFrom('nodes')
      .select('id')
      .where((is) => is.or([is('reservation', '=', hostname), is('reservation', 'in', stopped)]))
      .where('id', 'not in', busy)
      .execute();
    const mine = new Set([...called].map(({ nodeId }) => nodeId));
    return rows.map(({ id }) => id).filter((id) => !mine.has(id));
  }

  return {
    changed: (nodeId) => {
      changes.emit(String(nodeId));
    },
    untilChanged,
    alone,
    async releaseAbandoned() {
      // Most often there are none, and a look costs less than a transaction.
      if ((await abandoned(store.read)).length === 0) {
        return;
      }
      await store.transaction(async (trx) => {
        const ids = await abandoned(trx);
        if (ids.length === 0) {
          return;
        }
        await trx
          .updateTable('nodes')
          .set((expression) => ({
            reservation: null,
            reserved_at: null,
            reserved_for: null,
            version: expression('version', '+', 1),
          }))
          .where('id', 'in', ids)
          .execute();
        noteHint(trx, 'nodes');
      });
    },
    async reserved(node, purpose, work) {
      const call = { nodeId: node.id };
      try {
        // From here on the reservation keeps others out: in the queue they would wait for the end of the work, however long.
        const held = await alone(node, (free) => {
          called.add(call);
          return reserve(free, purpose);
        });
        if (held === undefined) {
          throw nodeLocked(await getNode(store.read, node.uuid), 1);
        }
        try {
          return await work(held);
        } finally {
          await release(held);
        }
      } finally {
        called.delete(call);
      }
    },
  };
}
