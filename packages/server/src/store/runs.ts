// Runs in the store: one execution of a flow on a node, its plan, its place in it, and what it waits for.
import type { JsonObject, StepDescription } from '@wrought/contract';
import type { Insertable, Selectable, Updateable } from 'kysely';
import { parseList, parseObject } from './json.ts';
import type { Database } from './store.ts';
import type { RunsTable } from './tables.ts';
import { now } from './time.ts';

/** The part of a flow that a run is in; each has a plan of its own that is frozen when the phase begins. */
export type Phase = 'prepare' | 'steps' | 'agent steps' | 'conclude' | 'failure';
export type Lane = 'provision' | 'power';
/** A run is "queued" until the limit of its class lets it begin. */
export type RunStatus = 'queued' | 'running' | 'parked' | 'finished';
/** Work that is limited: deployments; cleanings and tear-downs. */
export type LimitClass = 'deploy' | 'clean';

/** A step in a plan. `description` is kept for steps of an agent, which is not there to be asked again. */
export interface PlannedStep {
  readonly interface: string;
  readonly step: string;
  readonly priority: number;
  readonly args: JsonObject;
  readonly source: 'flow' | 'driver' | 'agent' | 'user' | 'template' | 'reserved' | 'inspection rules';
  readonly description?: StepDescription;
  /** Carried out on the children of the node, or on those named, in place of the node itself. */
  readonly children?: 'all' | readonly string[];
}

export interface Run {
  readonly id: number;
  readonly uuid: string;
  readonly node_id: number;
  readonly flow: string;
  readonly lane: Lane;
  readonly status: RunStatus;
  readonly conductor: string;
  readonly epoch: number;
  readonly arguments: JsonObject;
  readonly plan: readonly PlannedStep[];
  readonly phase: Phase;
  readonly position: number;
  readonly attempt: number;
  readonly failure: string | null;
  readonly memory: JsonObject;
  readonly awaiting: string | null;
  readonly deadline: string | null;
  readonly abort_requested: boolean;
  readonly request_id: string | null;
  readonly requested_by: string | null;
  readonly requested_by_project: string | null;
  readonly limit_class: LimitClass | null;
  /** "HOST:PORT" from where the machine fetches its image, until it has it. */
  readonly image_server: string | null;
  /** Its place in a trace; null where none are kept. */
  readonly trace: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly finished_at: string | null;
}

/** What of a run changes while it runs. */
export type RunChanges = Partial<
  Pick<
    Run,
    | 'status'
    | 'conductor'
    | 'epoch'
    | 'plan'
    | 'phase'
    | 'position'
    | 'attempt'
    | 'failure'
    | 'memory'
    | 'awaiting'
    | 'deadline'
    | 'abort_requested'
    | 'image_server'
    | 'finished_at'
  >
>;

function runFromRow(row: Selectable<RunsTable>): Run {
  return {
    ...row,
    lane: row.lane as Lane,
    status: row.status as RunStatus,
    phase: row.phase as Phase,
    limit_class: row.limit_class as LimitClass | null,
    arguments: parseObject(row.arguments),
    plan: parseList<PlannedStep>(row.plan),
    memory: parseObject(row.memory),
    abort_requested: row.abort_requested === 1,
  };
}

/** Which request asked for a run, and whose it was. */
export type Requested = Pick<Run, 'request_id' | 'requested_by' | 'requested_by_project'>;

/** What a run is begun by: a request, or a run that it follows; `trace` is the place of either. */
export type BegunBy = Requested & Pick<Run, 'trace'>;

/** Everything that a new run needs. */
export type NewRun = Pick<
  Run,
  'uuid' | 'node_id' | 'flow' | 'lane' | 'limit_class' | 'conductor' | 'epoch' | 'arguments' | 'plan' | 'phase'
> &
  Requested &
  Partial<Pick<Run, 'image_server' | 'trace'>>;

/** Inserts a run at the beginning of its plan. A second unfinished run of the same node and lane fails the statement. */
export async function insertRun(db: Database, run: NewRun): Promise<Run> {
  const time = now();
  const row = await db
    .insertInto('runs')
    .values({
      ...run,
      arguments: JSON.stringify(run.arguments),
      plan: JSON.stringify(run.plan),
      status: 'running',
      position: 0,
      attempt: 1,
      failure: null,
      memory: '{}',
      awaiting: null,
      deadline: null,
      image_server: run.image_server ?? null,
      trace: run.trace ?? null,
      abort_requested: 0,
      created_at: time,
      updated_at: time,
      finished_at: null,
    } satisfies Insertable<RunsTable>)
    .returningAll()
    .executeTakeFirstOrThrow();
  return runFromRow(row);
}

/** Writes changes to a run and returns it as it is then. */
export async function updateRun(db: Database, id: number, changes: RunChanges): Promise<Run> {
  const { plan, memory, abort_requested, ...plain } = changes;
  const columns: Updateable<RunsTable> = { ...plain, updated_at: now() };
  if (plan !== undefined) {
    columns.plan = JSON.stringify(plan);
  }
  if (memory !== undefined) {
    columns.memory = JSON.stringify(memory);
  }
  if (abort_requested !== undefined) {
    columns.abort_requested = abort_requested ? 1 : 0;
  }
  const row = await db.updateTable('runs').set(columns).where('id', '=', id).returningAll().executeTakeFirstOrThrow();
  return runFromRow(row);
}

/** The run with this number; undefined when its node was deleted. */
export async function findRun(db: Database, id: number): Promise<Run | undefined> {
  const row = await db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : runFromRow(row);
}

/** The unfinished run of a node in a lane. */
export async function unfinishedRunOf(db: Database, nodeId: number, lane: Lane): Promise<Run | undefined> {
  const row = await db
    .selectFrom('runs')
    .selectAll()
    .where('node_id', '=', nodeId)
    .where('lane', '=', lane)
    .where('finished_at', 'is', null)
    .executeTakeFirst();
  return row === undefined ? undefined : runFromRow(row);
}

/** Whose a run is: a process that took the lease of a conductor. */
export type RunOwner = Pick<Run, 'conductor' | 'epoch'>;

/** The unfinished runs of a process, the oldest first. */
export async function unfinishedRunsOf(db: Database, { conductor, epoch }: RunOwner): Promise<Run[]> {
  const rows = await db
    .selectFrom('runs')
    .selectAll()
    .where('finished_at', 'is', null)
    .where('conductor', '=', conductor)
    .where('epoch', '=', epoch)
    .orderBy('id')
    .execute();
  return rows.map(runFromRow);
}

/** An unfinished run that nobody drives, and what of its node decides who should. */
export interface AbandonedRun {
  readonly run: Run;
  readonly node: { readonly uuid: string; readonly driver: string; readonly conductor_group: string };
}

/** Unfinished runs of earlier processes of this conductor, and of conductors that have stopped or were fenced; the oldest first. */
export async function abandonedRuns(db: Database, { conductor, epoch }: RunOwner): Promise<AbandonedRun[]> {
  const online = db.selectFrom('conductors').select('hostname').where('online', '=', 1);
  const rows = await db
    .selectFrom('runs')
    .innerJoin('nodes', 'nodes.id', 'runs.node_id')
    .selectAll('runs')
    .select(['nodes.uuid as node_uuid', 'nodes.driver as node_driver', 'nodes.conductor_group as node_group'])
    .where('runs.finished_at', 'is', null)
    .where((is) =>
      is.or([
        is.and([is('runs.conductor', '=', conductor), is('runs.epoch', '!=', epoch)]),
        is('runs.conductor', 'not in', online),
      ]),
    )
    .orderBy('runs.id')
    .execute();
  return rows.map(({ node_uuid, node_driver, node_group, ...row }) => ({
    run: runFromRow(row),
    node: { uuid: node_uuid, driver: node_driver, conductor_group: node_group },
  }));
}

/** The conductor that has unfinished work on a node; of two, the one that provisions it. */
export async function conductorOfRun(db: Database, nodeId: number): Promise<string | undefined> {
  const row = await db
    .selectFrom('runs')
    .select('conductor')
    .where('node_id', '=', nodeId)
    .where('finished_at', 'is', null)
    // "provision" before "power".
    .orderBy('lane', 'desc')
    .executeTakeFirst();
  return row?.conductor;
}

/** How many unfinished runs each conductor has. */
export async function countWork(db: Database): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('runs')
    .select(({ fn }) => ['conductor', fn.count<number>('id').as('count')])
    .where('finished_at', 'is', null)
    .groupBy('conductor')
    .execute();
  return new Map(rows.map(({ conductor, count }) => [conductor, count]));
}

/** The run of a node that a request asked for. */
export async function findRunOfRequest(db: Database, nodeId: number, requestId: string): Promise<Run | undefined> {
  const row = await db
    .selectFrom('runs')
    .selectAll()
    .where('node_id', '=', nodeId)
    .where('request_id', '=', requestId)
    .executeTakeFirst();
  return row === undefined ? undefined : runFromRow(row);
}

/** Parked runs of a process whose deadline is before `time`. */
export async function overdueRuns(db: Database, { conductor, epoch }: RunOwner, time: string): Promise<Run[]> {
  const rows = await db
    .selectFrom('runs')
    .selectAll()
    .where('conductor', '=', conductor)
    .where('epoch', '=', epoch)
    .where('status', '=', 'parked')
    .where('deadline', '<', time)
    .orderBy('deadline')
    .execute();
  return rows.map(runFromRow);
}
