// Reads the history of a node.
import { type Selectable, sql } from 'kysely';
import { afterMarker, type Marker, type Page, pageOrder } from './paging.ts';
import type { Database } from './store.ts';
import type { NodeHistoryTable } from './tables.ts';

type HistoryRow = Selectable<NodeHistoryTable>;

/** A page of a node's history. */
export async function listHistoryRows(db: Database, nodeId: number, page: Page): Promise<HistoryRow[]> {
  let query = db
    .selectFrom('node_history')
    .selectAll()
    .where('node_id', '=', nodeId)
    .orderBy(pageOrder('node_history', page))
    .limit(page.limit);
  if (page.marker !== undefined) {
    query = query.where(afterMarker('node_history', page, page.marker));
  }
  return query.execute();
}

/** One entry, whichever node it belongs to. */
export async function findHistoryRow(db: Database, uuid: string): Promise<HistoryRow | undefined> {
  return db.selectFrom('node_history').selectAll().where('uuid', '=', uuid.toLowerCase()).executeTakeFirst();
}

/** Where the page after this entry begins. */
export async function historyMarker(db: Database, uuid: string, sortKey: string): Promise<Marker | undefined> {
  return db
    .selectFrom('node_history')
    .select(['id', sql.ref<string | number | null>(sortKey).as('value')])
    .where('uuid', '=', uuid.toLowerCase())
    .executeTakeFirst();
}
