// Who may begin: runs under way are counted by class, and those that wait are let in by turns of the projects that asked.
import { sql } from 'kysely';
import { listMembers } from './conductor-lease.ts';
import { findRun, type LimitClass, type Run } from './runs.ts';
import type { Database } from './store.ts';

/** What is counted together: a class of work, in one conductor group or (undefined) in all of them. */
export interface Line {
  readonly limitClass: LimitClass;
  readonly conductorGroup: string | undefined;
}

function runsOf(db: Database, { limitClass, conductorGroup }: Line) {
  const query = db
    .selectFrom('runs')
    .innerJoin('nodes', 'nodes.id', 'runs.node_id')
    .where('runs.limit_class', '=', limitClass);
  return conductorGroup === undefined ? query : query.where('nodes.conductor_group', '=', conductorGroup);
}

/** How many runs are under way, waits for machines included. */
export async function countActive(db: Database, line: Line): Promise<number> {
  const { count } = await runsOf(db, line)
    .where('runs.status', 'in', ['running', 'parked'])
    .select(({ fn }) => fn.count<number>('runs.id').as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

async function aliveConductors(db: Database): Promise<string[]> {
  return (await listMembers(db)).filter(({ isAlive }) => isAlive).map(({ hostname }) => hostname);
}

/** The runs that wait on conductors that are alive: the others wait for somebody to take them over, and hold nobody up. */
function queuedOf(db: Database, line: Line, alive: readonly string[]) {
  // Nobody has the empty name; PostgreSQL takes no empty list.
  return runsOf(db, line)
    .where('runs.status', '=', 'queued')
    .where('runs.conductor', 'in', ['', ...alive]);
}

/** Leaves those out that wait for one of these image servers. */
function withoutServers(query: ReturnType<typeof queuedOf>, servers: readonly string[]) {
  return servers.length === 0
    ? query
    : query.where((is) => is.or([is('runs.image_server', 'is', null), is('runs.image_server', 'not in', servers)]));
}

/** Which of the runs that wait are counted. */
export interface QueuedFilter {
  /** Those that came before this run. */
  readonly before?: number;
  /** Those that wait for this image server. */
  readonly imageServer?: string;
  /** All but those that wait for one of these image servers. */
  readonly exceptServers?: readonly string[];
}

/** How many runs wait. */
export async function countQueued(db: Database, line: Line, filter: QueuedFilter = {}): Promise<number> {
  const { before, imageServer, exceptServers = [] } = filter;
  let query = withoutServers(queuedOf(db, line, await aliveConductors(db)), exceptServers);
  if (before !== undefined) {
    query = query.where('runs.id', '<', before);
  }
  if (imageServer !== undefined) {
    query = query.where('runs.image_server', '=', imageServer);
  }
  const { count } = await query.select(({ fn }) => fn.count<number>('runs.id').as('count')).executeTakeFirstOrThrow();
  return count;
}

/** From how many machines each image server is asked; a run that is only about to begin (`except`) is left out. */
export async function countByServer(db: Database, except?: number): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('runs')
    .select(({ fn }) => ['image_server', fn.count<number>('id').as('count')])
    .where('status', 'in', ['running', 'parked'])
    .where('image_server', 'is not', null)
    .where('id', '!=', except ?? 0)
    .groupBy('image_server')
    .execute();
  return new Map(rows.map(({ image_server, count }) => [image_server ?? '', count]));
}

/** The lines in which somebody waits. */
export async function linesWithQueue(db: Database): Promise<Line[]> {
  const rows = await db
    .selectFrom('runs')
    .innerJoin('nodes', 'nodes.id', 'runs.node_id')
    .select(['runs.limit_class', 'nodes.conductor_group'])
    .distinct()
    .where('runs.status', '=', 'queued')
    .execute();
  return rows.map((row) => ({ limitClass: row.limit_class as LimitClass, conductorGroup: row.conductor_group }));
}

/**
 * The run that is next: the oldest of the project that has the fewest under way, so that a thousand deployments of one project
 * do not keep those of another waiting. Nodes that somebody works on otherwise are passed over, and those whose image server
 * (`fullServers`) has no room.
 */
export async function nextQueued(
  db: Database,
  line: Line,
  fullServers: readonly string[] = [],
): Promise<Run | undefined> {
  const active = await runsOf(db, line)
    .where('runs.status', 'in', ['running', 'parked'])
    .select(({ fn }) => ['runs.requested_by_project as project', fn.count<number>('runs.id').as('count')])
    .groupBy('runs.requested_by_project')
    .execute();
  const countOf = new Map(active.map(({ project, count }) => [project, count]));
  const oldest = await withoutServers(queuedOf(db, line, await aliveConductors(db)), fullServers)
    .where('nodes.reservation', 'is', null)
    .select(['runs.requested_by_project as project', sql<number>`min(runs.id)`.as('id')])
    .groupBy('runs.requested_by_project')
    .execute();
  const [next] = oldest.sort((a, b) => (countOf.get(a.project) ?? 0) - (countOf.get(b.project) ?? 0) || a.id - b.id);
  return next === undefined ? undefined : findRun(db, next.id);
}
