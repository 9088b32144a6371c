// Reads the timeline of a node, and what its unfinished work waits for.
import type { TimelineEvent } from '@wrought/contract';
import type { Selectable } from 'kysely';
import { parseObject } from './json.ts';
import type { Database } from './store.ts';
import type { TimelineTable } from './tables.ts';

function eventFromRow(row: Selectable<TimelineTable>): TimelineEvent {
  const { id, at, kind, severity, message, data } = row;
  return { id, at, kind, severity: severity as TimelineEvent['severity'], message, data: parseObject(data) };
}

/** Events of a node after the one with this number, the oldest first. */
export async function timelineAfter(
  db: Database,
  nodeId: number,
  afterId: number,
  limit: number,
): Promise<TimelineEvent[]> {
  const rows = await db
    .selectFrom('timeline')
    .selectAll()
    .where('node_id', '=', nodeId)
    .where('id', '>', afterId)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(eventFromRow);
}

/** The newest event of a node, optionally of one severity. */
export async function newestEvent(
  db: Database,
  nodeId: number,
  severity?: TimelineEvent['severity'],
): Promise<TimelineEvent | undefined> {
  let query = db.selectFrom('timeline').selectAll().where('node_id', '=', nodeId).orderBy('id', 'desc').limit(1);
  if (severity !== undefined) {
    query = query.where('severity', '=', severity);
  }
  const row = await query.executeTakeFirst();
  return row === undefined ? undefined : eventFromRow(row);
}
