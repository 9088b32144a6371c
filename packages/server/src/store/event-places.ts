// How far each sink has come in the outbox, and which process delivers to it: a claim that ends by the database's clock.
import { sql } from 'kysely';
import { databaseMilliseconds } from './database-clock.ts';
import type { Database } from './store.ts';
import { now } from './time.ts';

/** Deletes of the outbox are made so many at a time: no other writer waits long for one. */
const TRIM_BATCH = 5_000;

/** Who delivers to a sink: a process, and the conductor in it. */
export interface SinkHolder {
  readonly conductor: string;
  readonly process: string;
}

const holderText = ({ conductor, process }: SinkHolder) => `${conductor} ${process}`;

/**
 * Takes or prolongs the claim of `holder` on a sink. That of an earlier process with the same conductor holds no more: there is
 * one process for each conductor. A sink that is new begins after the event `newest`.
 * @returns the number of the last event that the sink has had; undefined while another process holds the claim
 */
export async function claimSink(
  db: Database,
  claim: {
    readonly sink: string;
    readonly holder: SinkHolder;
    readonly durationSeconds: number;
    readonly newest: number;
  },
): Promise<number | undefined> {
  const { sink, holder, durationSeconds, newest } = claim;
  const clock = await databaseMilliseconds(db);
  const own = `${holder.conductor} `;
  const values = { holder: holderText(holder), expires_ms: clock + durationSeconds * 1000, updated_at: now() };
  const added = await db
    .insertInto('event_places')
    .values({ ...values, sink, place: newest, lost: 0 })
    .onConflict((conflict) => conflict.column('sink').doNothing())
    .returning('place')
    .executeTakeFirst();
  const claimed =
    added ??
    (await db
      .updateTable('event_places')
      .set(values)
      .where('sink', '=', sink)
      .where((where) =>
        where.or([
          where('holder', 'is', null),
          sql<boolean>`substr(holder, 1, ${own.length}) = ${own}`,
          where('expires_ms', '<=', clock),
        ]),
      )
      .returning('place')
      .executeTakeFirst());
  return claimed?.place;
}

/** Notes that a sink has had everything up to `place`; false when another process took the sink over. */
export async function keepPlace(db: Database, sink: string, holder: SinkHolder, place: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('event_places')
    .set({ place, updated_at: now() })
    .where('sink', '=', sink)
    .where('holder', '=', holderText(holder))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Gives a sink back, so that another process need not wait for the end of the claim. */
export async function releaseSink(db: Database, sink: string, holder: SinkHolder): Promise<void> {
  await db
    .updateTable('event_places')
    .set({ holder: null, expires_ms: 0 })
    .where('sink', '=', sink)
    .where('holder', '=', holderText(holder))
    .execute();
}

/**
 * Deletes events older than `before` that each of these sinks has had, and of them those older than `lostBefore` whoever lacks
 * them.
 * At most a batch of each: `isDone` tells whether there may be more.
 * @returns how many events each sink lost
 */
export async function trimOutbox(
  db: Database,
  sinks: readonly string[],
  before: string,
  lostBefore: string,
): Promise<{ readonly lost: ReadonlyMap<string, number>; readonly isDone: boolean }> {
  const places =
    sinks.length === 0
      ? []
      : await db.selectFrom('event_places').select(['sink', 'place']).where('sink', 'in', sinks).execute();
  const reached = Math.min(...places.map(({ place }) => place), Number.MAX_SAFE_INTEGER);
  const old = await db
    .selectFrom('outbox')
    .select('id')
    .where('created_at', '<', before)
    .where((where) => where.or([where('created_at', '<', lostBefore), where('id', '<=', reached)]))
    // In the order of the index on times: that of the numbers would go through all that may not be deleted yet.
    .orderBy('created_at')
    .orderBy('id')
    .limit(TRIM_BATCH)
    .execute();
  const lost = new Map<string, number>();
  if (old.length === 0) {
    return { lost, isDone: true };
  }
  for (const { sink, place } of places) {
    const missed = old.filter(({ id }) => id > place).length;
    if (missed > 0) {
      lost.set(sink, missed);
      await db
        .updateTable('event_places')
        .set((expression) => ({ lost: expression('lost', '+', missed) }))
        .where('sink', '=', sink)
        .execute();
    }
  }
  // Numbers need not follow the clock strictly, so the rows are named and not the span.
  const ids = old.map(({ id }) => id);
  await db.deleteFrom('outbox').where('id', 'in', ids).execute();
  return { lost, isDone: old.length < TRIM_BATCH };
}
