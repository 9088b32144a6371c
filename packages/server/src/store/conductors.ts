// Reads conductors for the API.
import { type Selectable, sql } from 'kysely';
import { afterMarker, type Marker, type Page, pageOrder } from './paging.ts';
import type { Database } from './store.ts';
import type { ConductorsTable } from './tables.ts';

export type ConductorRow = Selectable<ConductorsTable>;

/** A page of conductors. */
export async function listConductorRows(db: Database, page: Page): Promise<ConductorRow[]> {
  let query = db.selectFrom('conductors').selectAll().orderBy(pageOrder('conductors', page)).limit(page.limit);
  if (page.marker !== undefined) {
    query = query.where(afterMarker('conductors', page, page.marker));
  }
  return query.execute();
}

/** The conductor of this host name. */
export async function findConductorRow(db: Database, hostname: string): Promise<ConductorRow | undefined> {
  return db.selectFrom('conductors').selectAll().where('hostname', '=', hostname).executeTakeFirst();
}

/** Where the page after this conductor begins. */
export async function conductorMarker(db: Database, hostname: string, sortKey: string): Promise<Marker | undefined> {
  return db
    .selectFrom('conductors')
    .select(['id', sql.ref<string | number | null>(sortKey).as('value')])
    .where('hostname', '=', hostname)
    .executeTakeFirst();
}
