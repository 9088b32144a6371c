// The journal of runs, the intents before their effects, and the signals that met a running step.
import type { JsonObject } from '@wrought/contract';
import { parseObject } from './json.ts';
import type { PlannedStep, Run } from './runs.ts';
import type { Database } from './store.ts';
import { now } from './time.ts';

export type JournalEntry =
  | 'started'
  | 'queued'
  | 'admitted'
  | 'planned'
  | 'begun'
  | 'done'
  | 'parked'
  | 'resumed'
  | 'again'
  | 'failed'
  | 'recovered'
  | 'aborted'
  | 'finished';

/** The name of a step in journals, intents and texts: "deploy.write_image". */
export function stepName(step: Pick<PlannedStep, 'interface' | 'step'>): string {
  return `${step.interface}.${step.step}`;
}

/** Appends an entry about the present place of a run. */
export async function writeJournal(
  db: Database,
  run: Run,
  entry: JournalEntry,
  detail: JsonObject = {},
): Promise<void> {
  const step = run.plan[run.position];
  await db
    .insertInto('journal')
    .values({
      run_id: run.id,
      at: now(),
      entry,
      phase: run.phase,
      position: run.position,
      step: step === undefined ? null : stepName(step),
      detail: JSON.stringify(detail),
    })
    .execute();
}

/** Says, before the effect, that the present step of the run is about to be tried. */
export async function writeIntent(db: Database, run: Run, epoch: number): Promise<void> {
  const step = run.plan[run.position];
  if (step !== undefined) {
    await db
      .insertInto('intents')
      .values({
        run_id: run.id,
        phase: run.phase,
        position: run.position,
        attempt: run.attempt,
        step: stepName(step),
        epoch,
        created_at: now(),
        settled_at: null,
      })
      .execute();
  }
}

/** Settles every open intent of a run: its outcome is in the journal now. */
export async function settleIntents(db: Database, runId: number): Promise<void> {
  await db
    .updateTable('intents')
    .set({ settled_at: now() })
    .where('run_id', '=', runId)
    .where('settled_at', 'is', null)
    .execute();
}

/** Whether an effect of the run may have happened without its outcome being known. */
export async function hasOpenIntent(db: Database, runId: number): Promise<boolean> {
  const row = await db
    .selectFrom('intents')
    .select('id')
    .where('run_id', '=', runId)
    .where('settled_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether the journal says that the present attempt of the run's step was begun. */
export async function wasBegun(db: Database, run: Run): Promise<boolean> {
  const row = await db
    .selectFrom('journal')
    .select('id')
    .where('run_id', '=', run.id)
    .where('entry', '=', 'begun')
    .where('phase', '=', run.phase)
    .where('position', '=', run.position)
    .where('detail', '=', JSON.stringify({ attempt: run.attempt }))
    .executeTakeFirst();
  return row !== undefined;
}

/** Keeps a signal for a node whose step is running. */
export async function keepSignal(db: Database, nodeId: number, kind: string, payload: JsonObject): Promise<void> {
  await db
    .insertInto('signals')
    .values({ node_id: nodeId, kind, payload: JSON.stringify(payload), created_at: now() })
    .execute();
}

/** Takes the newest kept signal of a node out of the store, and drops older ones. */
export async function takeSignal(
  db: Database,
  nodeId: number,
): Promise<{ kind: string; payload: JsonObject } | undefined> {
  const rows = await db.selectFrom('signals').selectAll().where('node_id', '=', nodeId).orderBy('id', 'desc').execute();
  const newest = rows[0];
  if (newest === undefined) {
    return undefined;
  }
  await db.deleteFrom('signals').where('node_id', '=', nodeId).where('id', '<=', newest.id).execute();
  return { kind: newest.kind, payload: parseObject(newest.payload) };
}

/** Drops all kept signals of a node. */
export async function dropSignals(db: Database, nodeId: number): Promise<void> {
  await db.deleteFrom('signals').where('node_id', '=', nodeId).execute();
}
