// Events that a sink refused for good: what an operator is shown of them.
import type { OutgoingEvent } from '@wrought/contract';
import type { Database } from './store.ts';
import { now } from './time.ts';

/** What the sink got of an event that it refused: the event without its payload, or nothing. */
export type RefusedForm = 'reduced' | 'set aside';

/** Told of each event that a sink refused for good. */
export type RefusalObserver = (sink: string, form: RefusedForm) => void;

export interface RefusedEvent {
  readonly sink: string;
  readonly event: Pick<OutgoingEvent, 'id' | 'uuid' | 'type' | 'node'>;
  readonly form: RefusedForm;
  readonly reason: string;
}

/** Keeps a refusal beside the place of the sink. */
export async function recordRefusedEvent(db: Database, { sink, event, form, reason }: RefusedEvent): Promise<void> {
  await db
    .insertInto('refused_events')
    .values({
      sink,
      event_id: event.id,
      event_uuid: event.uuid,
      event: event.type,
      node_uuid: event.node,
      form,
      reason,
      created_at: now(),
    })
    .execute();
}

/** How many events each sink refused, and the newest of them. */
export async function countRefusedEvents(
  db: Database,
): Promise<
  readonly { readonly sink: string; readonly form: string; readonly count: number; readonly newest: number }[]
> {
  return db
    .selectFrom('refused_events')
    .select(({ fn }) => ['sink', 'form', fn.count<number>('id').as('count'), fn.max<number>('event_id').as('newest')])
    .groupBy(['sink', 'form'])
    .orderBy('sink')
    .orderBy('form')
    .execute();
}

/** Why a sink refused an event. */
export async function reasonOfRefusal(db: Database, sink: string, eventId: number): Promise<string | undefined> {
  const row = await db
    .selectFrom('refused_events')
    .select('reason')
    .where('sink', '=', sink)
    .where('event_id', '=', eventId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.reason;
}

/** Deletes records that are older than `before`. */
export async function trimRefusedEvents(db: Database, before: string): Promise<void> {
  await db.deleteFrom('refused_events').where('created_at', '<', before).execute();
}
