// The outbox: events for the outside, written with the change they tell of and read in the order of their numbers.
import { randomUUID } from 'node:crypto';
import type { JsonObject, OutgoingEvent } from '@wrought/contract';
import { type Selectable, sql } from 'kysely';
import type { Database } from './connections.ts';
import { noteHint } from './hints.ts';
import { parseObject } from './json.ts';
import type { OutboxTable } from './tables.ts';
import { now } from './time.ts';

/** An event before it has a number. */
export type NewEvent = Omit<OutgoingEvent, 'id' | 'uuid' | 'at'> & {
  /** Projects whose members may see it. */
  readonly owner: string | null;
  readonly lessee: string | null;
};

/** Puts events beside the change they tell of, in this order. */
export async function appendEvents(db: Database, events: readonly NewEvent[]): Promise<void> {
  if (events.length > 0) {
    const created_at = now();
    const rows = events.map((event) => ({
      uuid: randomUUID(),
      created_at,
      event: event.type,
      node_uuid: event.node,
      owner: event.owner,
      lessee: event.lessee,
      publisher: event.publisher,
      payload: JSON.stringify(event.data),
      object: event.object === null ? null : JSON.stringify(event.object),
    }));
    await db.insertInto('outbox').values(rows).execute();
    noteHint(db, 'events');
  }
}

function eventFromRow(row: Selectable<OutboxTable>): OutgoingEvent {
  return {
    id: row.id,
    uuid: row.uuid ?? '',
    at: row.created_at,
    type: row.event as OutgoingEvent['type'],
    node: row.node_uuid,
    publisher: row.publisher ?? '',
    data: parseObject(row.payload),
    object: row.object === null ? null : (JSON.parse(row.object) as JsonObject),
  };
}

/** Which events are wanted. */
export interface EventFilter {
  /** UUID of a node. */
  readonly node?: string | undefined;
  /** Beginning of the event type, whole words of it: "baremetal.node", "baremetal.node.power_set.end". */
  readonly type?: string | undefined;
  /** Project that has to own or lease what the event is about. */
  readonly project?: string | undefined;
}

/** Events with numbers after `after` and up to `end`, the oldest first. */
export async function eventsBetween(
  db: Database,
  after: number,
  end: number,
  limit: number,
  { node, type, project }: EventFilter = {},
): Promise<OutgoingEvent[]> {
  let query = db
    .selectFrom('outbox')
    .selectAll()
    .where('id', '>', after)
    .where('id', '<=', end)
    .where('uuid', 'is not', null)
    .orderBy('id')
    .limit(limit);
  if (node !== undefined) {
    query = query.where('node_uuid', '=', node);
  }
  if (type !== undefined) {
    query = query.where(sql<boolean>`substr(event || '.', 1, ${type.length + 1}) = ${`${type}.`}`);
  }
  if (project !== undefined) {
    query = query.where((where) => where.or([where('owner', '=', project), where('lessee', '=', project)]));
  }
  return (await query.execute()).map(eventFromRow);
}

/** The number of the newest event. One transaction writes at a time, so no lower number can appear after it. */
export async function newestEventId(db: Database): Promise<number> {
  const row = await db.selectFrom('outbox').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst();
  return row?.id ?? 0;
}
