// Reads conductors for the API.
import { type Selectable, sql } from 'kysely';
import { databaseClock } from './database-clock.ts';
import { afterMarker, type Marker, type Page, pageOrder } from './paging.ts';
import type { Database } from './store.ts';
import type { ConductorsTable } from './tables.ts';

/** `read_at_ms` is when it was read, by the clock that `updated_at` is told by: milliseconds since 1970. */
export type ConductorRow = Selectable<ConductorsTable> & { readonly read_at_ms: number };

const conductorRows = (db: Database) =>
  db.selectFrom('conductors').selectAll().select(databaseClock(db).as('read_at_ms'));

/** A page of conductors. */
export async function listConductorRows(db: Database, page: Page): Promise<ConductorRow[]> {
  let query = conductorRows(db).orderBy(pageOrder('conductors', page)).limit(page.limit);
  if (page.marker !== undefined) {
    query = query.where(afterMarker('conductors', page, page.marker));
  }
  return query.execute();
}

/** The conductor of this host name. */
export async function findConductorRow(db: Database, hostname: string): Promise<ConductorRow | undefined> {
  return conductorRows(db).where('hostname', '=', hostname).executeTakeFirst();
}

/** Where the page after this conductor begins. */
export async function conductorMarker(db: Database, hostname: string, sortKey: string): Promise<Marker | undefined> {
  return db
    .selectFrom('conductors')
    .select(['id', sql.ref<string | number | null>(sortKey).as('value')])
    .where('hostname', '=', hostname)
    .executeTakeFirst();
}
