// What a change leaves behind for people: timeline events and history entries.

import { randomUUID } from 'node:crypto';
import type { Node, NodeHistoryEntry, TimelineEvent } from '@wrought/contract';
import type { Database } from './store.ts';
import { now, secondsSince } from './time.ts';

/** A timeline event before it has a number. */
export type NewTimelineEvent = Pick<TimelineEvent, 'kind' | 'message'> &
  Partial<Pick<TimelineEvent, 'severity' | 'data' | 'at'>>;

/** Appends events to a node's timeline, in order. */
export async function appendTimeline(db: Database, nodeId: number, events: readonly NewTimelineEvent[]): Promise<void> {
  if (events.length > 0) {
    const rows = events.map((event) => ({
      node_id: nodeId,
      at: event.at ?? now(),
      kind: event.kind,
      severity: event.severity ?? 'info',
      message: event.message,
      data: JSON.stringify(event.data ?? {}),
    }));
    await db.insertInto('timeline').values(rows).execute();
  }
}

/** Deletes the oldest timeline events of a node over `maximumEntries`. */
export async function trimTimeline(db: Database, nodeId: number, maximumEntries: number): Promise<void> {
  const oldestKept = await db
    .selectFrom('timeline')
    .select('id')
    .where('node_id', '=', nodeId)
    .orderBy('id', 'desc')
    .offset(maximumEntries)
    .limit(1)
    .executeTakeFirst();
  if (oldestKept !== undefined) {
    await db.deleteFrom('timeline').where('node_id', '=', nodeId).where('id', '<=', oldestKept.id).execute();
  }
}

/** Adds an entry to the history of a node, with the state it was in. */
export async function appendHistory(
  db: Database,
  node: Node,
  entry: Pick<NodeHistoryEntry, 'severity' | 'event_type' | 'event'> &
    Partial<Pick<NodeHistoryEntry, 'conductor' | 'user' | 'project'>>,
): Promise<void> {
  await db
    .insertInto('node_history')
    .values({
      uuid: randomUUID(),
      node_id: node.id,
      created_at: now(),
      severity: entry.severity,
      event_type: entry.event_type,
      event: entry.event,
      conductor: entry.conductor ?? null,
      user: entry.user ?? null,
      project: entry.project ?? null,
      state: node.provision_state,
      target_provision_state: node.target_provision_state,
      duration_seconds: secondsSince(node.provision_updated_at),
    })
    .execute();
}
