// A run and its node inside one transaction, and the changes that everything else is made of.
import { type Node, nextState, type ProvisionEvent } from '@wrought/contract';
import { appendTimeline } from '../../store/evidence.ts';
import type { NodeChanges } from '../../store/nodes.ts';
import { type Run, type RunChanges, updateRun } from '../../store/runs.ts';
import type { StoreTransaction } from '../../store/store.ts';
import { now } from '../../store/time.ts';
import type { Flow } from '../flow.ts';
import type { EngineContext } from './context.ts';
import { recordTransition } from './events.ts';

/** A run and its node inside one transaction; every change goes through it and is written once, at the end. */
export interface Progress {
  readonly context: EngineContext;
  readonly trx: StoreTransaction;
  readonly flow: Flow;
  run: Run;
  node: Node;
  changes: NodeChanges;
  /** The run that follows this one, begun in the same transaction. */
  followUp?: Run;
}

/** Changes node fields; what follows in the same transaction sees them. */
export function change(progress: Progress, changes: NodeChanges): void {
  progress.changes = { ...progress.changes, ...changes };
  progress.node = { ...progress.node, ...changes } as Node;
}

export async function changeRun(progress: Progress, changes: RunChanges): Promise<void> {
  progress.run = await updateRun(progress.trx, progress.run.id, changes);
}

/** Moves the provision state along an event, with timestamp, timeline and outbox. */
export async function moveState(progress: Progress, event: ProvisionEvent): Promise<void> {
  const { node, trx } = progress;
  const to = nextState(node.provision_state, event);
  if (to === undefined) {
    throw new Error(`Node ${node.uuid} has no transition "${event}" from state "${node.provision_state}".`);
  }
  change(progress, { provision_state: to, provision_updated_at: now() });
  const data = { event, from: node.provision_state, to };
  const request = progress.run.request_id;
  progress.context.log.info({ node: node.uuid, request_id: request, ...data }, 'A node changed its state.');
  await appendTimeline(trx, node.id, [{ kind: 'state', message: `${node.provision_state} -> ${to} (${event})`, data }]);
  await recordTransition(progress, node, event);
}
