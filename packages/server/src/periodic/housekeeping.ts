// Keeps the tables that grow with time within their bounds: finished runs, timelines, histories, told events.
import { type Kysely, sql } from 'kysely';
import type { Config } from '../config/index.ts';
import type { TaskLog } from '../drivers/kit/index.ts';
import type { EngineContext } from '../flows/engine/context.ts';
import { databaseTime } from '../store/database-clock.ts';
import { trimOutbox } from '../store/event-places.ts';
import { trimRefusedEvents } from '../store/refused-events.ts';
import type { Store } from '../store/store.ts';
import type { Tables } from '../store/tables.ts';
import type { PeriodicTask } from './task.ts';

const SECONDS_PER_DAY = 86_400;

/** Deletes the oldest rows of each node over `most`. */
async function trimByNode(db: Kysely<Tables>, table: 'timeline' | 'node_history', most: number): Promise<void> {
  await sql`
    delete from ${sql.table(table)} where id in (
      select id from (
        select id, row_number() over (partition by node_id order by id desc) as place from ${sql.table(table)}
      ) as ranked where place > ${most}
    )`.execute(db);
}

/** Deletes runs that ended before the time, with their journal and intents. */
async function deleteFinishedRuns(db: Kysely<Tables>, before: string): Promise<void> {
  const ended = db.selectFrom('runs').select('id').where('finished_at', '<', before);
  await db.deleteFrom('journal').where('run_id', 'in', ended).execute();
  await db.deleteFrom('intents').where('run_id', 'in', ended).execute();
  await db.deleteFrom('runs').where('finished_at', '<', before).execute();
}

/** Deletes told events; what a sink has not had stays until it is older than the cap, and what it loses then is said. */
async function trimEvents(store: Store, { events, conductor }: Config, before: string, log: TaskLog): Promise<void> {
  const capDays = Math.max(events.undelivered_retention_days, conductor.finished_work_retention_days);
  const lostBefore = await databaseTime(store.read, -capDays * SECONDS_PER_DAY);
  for (let isDone = false; !isDone; ) {
    const trimmed = await store.transaction((trx) => trimOutbox(trx, events.sinks, before, lostBefore));
    for (const [sink, lost] of trimmed.lost) {
      log.error(
        { sink, lost, olderThan: lostBefore },
        'Events were deleted that the sink never took; events.undelivered_retention_days is how long they are kept.',
      );
    }
    isDone = trimmed.isDone;
  }
  await store.transaction((trx) => trimRefusedEvents(trx, lostBefore));
}

/** Makes the task; one conductor of all does it. */
export function housekeeping({ store, config, log, members, lease }: EngineContext): PeriodicTask {
  const name = 'housekeeping';
  return {
    name,
    everySeconds: config().conductor.housekeeping_interval,
    async run() {
      if (members.keeperOf(name) !== lease.hostname) {
        return;
      }
      const { conductor, timeline } = config();
      const before = await databaseTime(store.read, -conductor.finished_work_retention_days * SECONDS_PER_DAY);
      await store.transaction((trx) => deleteFinishedRuns(trx, before));
      await store.transaction((trx) => trimByNode(trx, 'timeline', timeline.max_entries_per_node));
      if (conductor.node_history_max_entries > 0) {
        await store.transaction((trx) => trimByNode(trx, 'node_history', conductor.node_history_max_entries));
      }
      await trimEvents(store, config(), before, log);
    },
  };
}
