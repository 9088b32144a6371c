// Answers "why is this node where it is": what its work waits for, since when, until when, and the last evidence.
import { type Node, possibleVerbs, type TimelineEvent } from '@wrought/contract';
import { countActive, countByServer, countQueued } from '../../store/queue.ts';
import { type Run, unfinishedRunOf } from '../../store/runs.ts';
import type { Database } from '../../store/store.ts';
import { newestEvent } from '../../store/timeline.ts';

/** The answer of `/wrought/v1/nodes/{node}/why`. Times are ISO 8601 in UTC. */
interface Explanation {
  readonly state: string;
  readonly target: string | null;
  /** In words; null when nothing is awaited. */
  readonly waiting_for: string | null;
  readonly since: string | null;
  /** When waiting ends by itself. */
  readonly until: string | null;
  readonly last_evidence: Pick<TimelineEvent, 'at' | 'kind' | 'message'> | null;
  readonly last_error: string | null;
  /** What happens next, or what can be done. */
  readonly next: string;
}

const awaitedInWords: Readonly<Record<string, string>> = {
  heartbeat: 'a heartbeat of the agent in the ramdisk',
};

/** Explains a node by its row, its unfinished work and its timeline. */
export async function explain(db: Database, node: Node): Promise<Explanation> {
  const run = (await unfinishedRunOf(db, node.id, 'provision')) ?? (await unfinishedRunOf(db, node.id, 'power'));
  const evidence = await newestEvent(db, node.id);
  return {
    state: node.provision_state,
    target: node.target_provision_state,
    waiting_for: await waitingFor(db, node, run),
    since: run?.updated_at ?? node.provision_updated_at,
    until: run?.deadline ?? null,
    last_evidence: evidence === undefined ? null : { at: evidence.at, kind: evidence.kind, message: evidence.message },
    last_error: node.last_error,
    next: nextOf(node, run),
  };
}

async function waitingFor(db: Database, node: Node, run: Run | undefined): Promise<string | null> {
  if (run === undefined) {
    return node.reservation === null ? null : `the work of ${node.reservation} (${node.reserved_for ?? 'unnamed'})`;
  }
  if (run.status === 'queued' && run.limit_class !== null) {
    const line = { limitClass: run.limit_class, conductorGroup: undefined };
    const before = await countQueued(db, line, { before: run.id });
    const server = run.image_server;
    const fetching = server === null ? 0 : ((await countByServer(db)).get(server) ?? 0);
    const ofServer =
      fetching === 0
        ? ''
        : `; ${await countQueued(db, line, { before: run.id, imageServer: server ?? '' })} of those that came before and ${fetching} under way take their image from ${server}`;
    return `a place in line: ${before} came before, and ${await countActive(db, line)} of the kind "${line.limitClass}" are under way (conductor.max_concurrent_${line.limitClass})${ofServer}`;
  }
  if (run.status === 'parked') {
    const awaited = run.awaiting ?? 'a signal';
    return awaitedInWords[awaited] ?? awaited;
  }
  return `the step ${stepName(run)} of the flow "${run.flow}" on ${run.conductor}, attempt ${run.attempt}`;
}

function stepName({ plan, position }: Run): string {
  const step = plan[position];
  return step === undefined ? `number ${position + 1}` : `${step.interface}.${step.step}`;
}

function nextOf(node: Node, run: Run | undefined): string {
  if (run !== undefined) {
    if (run.status === 'queued') {
      return `The flow "${run.flow}" begins when it is the node's turn; a tear-down or an abort takes it out of the line.`;
    }
    const place = `step ${run.position + 1} of ${run.plan.length} in phase "${run.phase}"`;
    const ending = run.deadline === null ? '' : ` It fails at ${run.deadline} unless that comes first.`;
    return `The flow "${run.flow}" goes on with ${place}.${run.status === 'parked' ? ending : ''}`;
  }
  const possible = possibleVerbs(node);
  const maintenance = node.maintenance ? ` It is in maintenance: ${node.maintenance_reason ?? 'no reason given'}.` : '';
  return possible.length === 0
    ? `No work is under way, and no verb is possible in this state.${maintenance}`
    : `No work is under way. Possible verbs: ${possible.join(', ')}.${maintenance}`;
}
