// The lease of a conductor: its epoch grows with every start, and a write of an older epoch is refused.
import type { Database } from './connections.ts';
import { databaseMilliseconds } from './database-clock.ts';
import { parseList } from './json.ts';
import { programLevel } from './schema-level.ts';
import { now } from './time.ts';

/**
 * Registers the conductor as online with a new epoch and returns that. The first epoch of a row is the time in seconds, so that a
 * conductor that was forgotten meanwhile never has an epoch twice: one that slept all the while may wake.
 */
export async function takeLease(
  db: Database,
  conductor: {
    hostname: string;
    conductor_group: string;
    drivers: readonly string[];
    internal_url: string | null;
    durationSeconds: number;
  },
): Promise<number> {
  const clock = await databaseMilliseconds(db);
  const time = new Date(clock).toISOString();
  const values = {
    conductor_group: conductor.conductor_group,
    drivers: JSON.stringify(conductor.drivers),
    internal_url: conductor.internal_url,
    online: 1,
    lease_expires_ms: clock + conductor.durationSeconds * 1000,
    schema_level: programLevel(),
    updated_at: time,
  } as const;
  const known = await db
    .updateTable('conductors')
    .set((expression) => ({ ...values, epoch: expression('epoch', '+', 1) }))
    .where('hostname', '=', conductor.hostname)
    .returning('epoch')
    .executeTakeFirst();
  if (known !== undefined) {
    return known.epoch;
  }
  const epoch = Math.floor(clock / 1000);
  await db
    .insertInto('conductors')
    .values({ ...values, hostname: conductor.hostname, epoch, created_at: time })
    .execute();
  return epoch;
}

/** Prolongs the lease; false when the epoch has moved on, that is when somebody else took over. */
export async function renewLease(
  db: Database,
  hostname: string,
  epoch: number,
  durationSeconds: number,
): Promise<boolean> {
  const clock = await databaseMilliseconds(db);
  const result = await db
    .updateTable('conductors')
    .set({ lease_expires_ms: clock + durationSeconds * 1000, updated_at: new Date(clock).toISOString() })
    .where('hostname', '=', hostname)
    .where('epoch', '=', epoch)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Whether the epoch is still the conductor's; asked inside every transaction that writes for a run. */
export async function holdsEpoch(db: Database, hostname: string, epoch: number): Promise<boolean> {
  const row = await db.selectFrom('conductors').select('epoch').where('hostname', '=', hostname).executeTakeFirst();
  return row?.epoch === epoch;
}

/** Marks the conductor as stopped. */
export async function releaseLease(db: Database, hostname: string, epoch: number): Promise<void> {
  await db
    .updateTable('conductors')
    .set({ online: 0, lease_expires_ms: 0, updated_at: now() })
    .where('hostname', '=', hostname)
    .where('epoch', '=', epoch)
    .execute();
}

/**
 * Ends the lease of a conductor that ran out, so that the process that had it can write nothing any more, should it wake.
 * Answers whether this call did it: false when it was renewed, or somebody else was faster.
 */
export async function fenceConductor(db: Database, hostname: string, epoch: number): Promise<boolean> {
  const result = await db
    .updateTable('conductors')
    .set((expression) => ({ online: 0, epoch: expression('epoch', '+', 1), updated_at: now() }))
    .where('hostname', '=', hostname)
    .where('epoch', '=', epoch)
    .where('online', '=', 1)
    .where('lease_expires_ms', '<', await databaseMilliseconds(db))
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Ends the leases of all other conductors: for a database that only one process can have open. */
export async function fenceAllOthers(db: Database, hostname: string): Promise<void> {
  await db
    .updateTable('conductors')
    .set((expression) => ({ online: 0, epoch: expression('epoch', '+', 1) }))
    .where('hostname', '!=', hostname)
    .where('online', '=', 1)
    .execute();
}

/**
 * Forgets conductors, `most` at once, that were not seen since `before` and on which nothing depends any more: no reservation, no
 * unfinished run, no allocation. Answers their names.
 */
export async function forgetConductors(db: Database, before: string, most: number): Promise<string[]> {
  const stale = await db
    .selectFrom('conductors')
    .select('hostname')
    .where('updated_at', '<', before)
    .where('lease_expires_ms', '<', await databaseMilliseconds(db))
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('nodes').select('id').whereRef('nodes.reservation', '=', 'conductors.hostname'))),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('runs')
            .select('id')
            .where('finished_at', 'is', null)
            .whereRef('runs.conductor', '=', 'conductors.hostname'),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('allocations')
            .select('id')
            .where('state', '=', 'allocating')
            .whereRef('allocations.conductor', '=', 'conductors.hostname'),
        ),
      ),
    )
    .orderBy('updated_at')
    .limit(most)
    .execute();
  const names = stale.map(({ hostname }) => hostname);
  if (names.length > 0) {
    await db.deleteFrom('conductors').where('hostname', 'in', names).execute();
  }
  return names;
}

/** A conductor as the others see it. */
export interface Member {
  readonly hostname: string;
  readonly conductorGroup: string;
  readonly drivers: readonly string[];
  readonly internalUrl: string | null;
  readonly isDraining: boolean;
  readonly epoch: number;
  /** Its lease is in force, by the clock of the database. */
  readonly isAlive: boolean;
  /** It did not stop by itself: alive, or its lease ran out. */
  readonly isOnline: boolean;
}

/** Every conductor that ever was here. */
export async function listMembers(db: Database): Promise<Member[]> {
  const now = await databaseMilliseconds(db);
  const rows = await db.selectFrom('conductors').selectAll().orderBy('hostname').execute();
  return rows.map((row) => ({
    hostname: row.hostname,
    conductorGroup: row.conductor_group,
    drivers: parseList<string>(row.drivers),
    internalUrl: row.internal_url,
    isDraining: row.draining === 1,
    epoch: row.epoch,
    isAlive: row.online === 1 && row.lease_expires_ms >= now,
    isOnline: row.online === 1,
  }));
}

/** Says whether a conductor takes new work; false when there is none of this name. */
export async function setDraining(db: Database, hostname: string, isDraining: boolean): Promise<boolean> {
  const result = await db
    .updateTable('conductors')
    .set({ draining: isDraining ? 1 : 0 })
    .where('hostname', '=', hostname)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** A conductor whose lease has not run out; a program from before levels were written has none. */
export interface LiveConductor {
  readonly hostname: string;
  readonly schema_level: number | null;
}

/** The conductors that run, or that died so recently that nobody can tell. Works with every level of the schema. */
export async function liveConductors(db: Database): Promise<LiveConductor[]> {
  const rows = await db
    .selectFrom('conductors')
    .selectAll()
    .where('online', '=', 1)
    .where('lease_expires_ms', '>', await databaseMilliseconds(db))
    .orderBy('hostname')
    .execute();
  return rows.map(({ hostname, schema_level = null }) => ({ hostname, schema_level }));
}
