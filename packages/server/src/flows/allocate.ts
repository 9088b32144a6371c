// Looks for nodes for allocations, as work of the conductor: what a process leaves unfinished another one takes up.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Allocation, type Node, registeredError } from '@wrought/contract';
import {
  AllocationGoneError,
  allocationFromRow,
  allocationTable,
  assignNode,
  claimAllocation,
  failAllocation,
  freeNodes,
  lostAllocations,
} from '../store/allocations.ts';
import { databaseTime } from '../store/database-clock.ts';
import { uniqueColumn } from '../store/nodes.ts';
import type { EngineContext } from './engine/context.ts';

export interface Allocator {
  /** Begins to look for a node for the allocation of this number; returns at once. */
  begin(id: number): void;
  /** Takes up every allocation without a node that no living conductor looks after. */
  resumeAll(): Promise<void>;
  /** Ends the search; what is unfinished is taken up again later. */
  stop(): Promise<void>;
}

/** Why no node fits, in words for whoever asked. */
function noneFits(allocation: Allocation, free: readonly Node[]): string {
  const { resource_class, owner, traits, candidate_nodes: candidates } = allocation;
  const what = `resource class "${resource_class}"${owner === null ? '' : `, owned or leased by ${owner}`}`;
  if (free.length === 0) {
    return `no available node has ${what}. Free nodes are available, powered on or off, without an instance and not in maintenance.`;
  }
  const among = candidates.length === 0 ? '' : ' among its candidate nodes';
  const having = traits.length === 0 ? '' : ` and all of the traits ${traits.join(', ')}`;
  return `${free.length} nodes of ${what} are free, and none${among}${having === '' ? ' fits' : ` has it${having}`}.`;
}

function fits({ candidate_nodes: candidates, traits }: Allocation, node: Node): boolean {
  return (
    (candidates.length === 0 || candidates.includes(node.uuid)) && traits.every((trait) => node.traits.includes(trait))
  );
}

/** The nodes in any order, so that searches at one time do not all want the same; one of the allocation's own name first. */
function shuffled(nodes: readonly Node[], name: string | null): Node[] {
  return nodes
    .map((node) => ({ node, place: node.name !== null && node.name === name ? -1 : Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ node }) => node);
}

/** Makes the allocator of one conductor. */
export function createAllocator(context: EngineContext): Allocator {
  const { store, config, locks, log, lease } = context;
  const stopping = new AbortController();
  const searching = new Map<number, Promise<void>>();

  async function fail(allocation: Allocation, reason: string): Promise<void> {
    const error = registeredError('AllocationFailed', { uuid: allocation.uuid, reason });
    await store.transaction((trx) => failAllocation(trx, allocation.id, error.message));
  }

  /** Tries the nodes one after the other; true when one was given. */
  async function assignOne(allocation: Allocation, nodes: readonly Node[]): Promise<boolean> {
    for (const node of nodes) {
      if (node.reservation !== null) {
        continue;
      }
      const given = await store.transaction((trx) => assignNode(trx, allocation, node));
      if (given !== undefined) {
        locks.changed(node.id);
        return true;
      }
    }
    return false;
  }

  /** One look at the nodes; true when nothing is left to do. */
  async function look(id: number, isLast: boolean): Promise<boolean> {
    const row = await allocationTable.findById(store.read, id);
    if (row === undefined || row.state !== 'allocating') {
      return true;
    }
    const allocation = allocationFromRow(row);
    const free = await freeNodes(store.read, allocation);
    const fitting = shuffled(
      free.filter((node) => fits(allocation, node)),
      allocation.name,
    );
    if (fitting.length === 0) {
      await fail(allocation, noneFits(allocation, free));
      return true;
    }
    try {
      if (await assignOne(allocation, fitting)) {
        return true;
      }
    } catch (error) {
      if (error instanceof AllocationGoneError) {
        return true;
      }
      if (uniqueColumn(error) !== 'nodes.instance_uuid') {
        throw error;
      }
      await fail(allocation, `a node already has an instance with this UUID, ${allocation.uuid}.`);
      return true;
    }
    if (isLast) {
      const names = fitting.map((node) => node.name ?? node.uuid).join(', ');
      await fail(allocation, `the nodes that fit are all reserved for other work: ${names}. Try again later.`);
    }
    return isLast;
  }

  async function search(id: number): Promise<void> {
    try {
      await store.transaction((trx) => claimAllocation(trx, id, lease.hostname));
      const { node_locked_retry_attempts: attempts, node_locked_retry_interval: interval } = config().conductor;
      for (let attempt = 0; !(await look(id, attempt >= attempts)); attempt += 1) {
        await sleep(interval * 1000, undefined, { signal: stopping.signal });
      }
    } catch (error) {
      if (!stopping.signal.aborted) {
        log.error({ err: error, allocation: id }, 'The search for a node failed; it is taken up again later.');
      }
    } finally {
      searching.delete(id);
    }
  }

  function begin(id: number): void {
    if (!stopping.signal.aborted && !searching.has(id)) {
      searching.set(id, search(id));
    }
  }

  return {
    begin,
    async resumeAll() {
      const unseenSince = await databaseTime(store.read, -config().conductor.heartbeat_timeout);
      for (const id of await lostAllocations(store.read, lease.hostname, unseenSince)) {
        begin(id);
      }
    },
    async stop() {
      stopping.abort();
      await Promise.all(searching.values());
    },
  };
}
