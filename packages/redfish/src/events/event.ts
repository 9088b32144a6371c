// Events as a service pushes and streams them (Event schema).
import { Fields, type Json, type OddityListener } from '../fields.ts';

/** One of the records of an event. */
export interface EventRecord {
  readonly id: string | undefined;
  readonly messageId: string | undefined;
  readonly message: string | undefined;
  readonly arguments: readonly string[];
  readonly severity: string | undefined;
  /** ISO 8601. */
  readonly timestamp: string | undefined;
  /** The resource that it is about. */
  readonly originPath: string | undefined;
  /** Of the older schema. */
  readonly eventType: string | undefined;
}

export interface Event {
  readonly id: string | undefined;
  /** What the subscriber gave as context. */
  readonly context: string | undefined;
  readonly records: readonly EventRecord[];
  /** With metric reports there are no records; their values are in it. */
  readonly fields: Fields;
}

/** Reads an event from its JSON, as a BMC posts it to a subscriber. */
export function readEvent(json: Json, onOddity: OddityListener = () => {}): Event {
  const fields = new Fields(json, 'Event', '', onOddity);
  return {
    id: fields.string('Id'),
    context: fields.string('Context'),
    records: fields.objects('Events').map((each) => ({
      id: each.string('EventId') ?? each.string('MemberId'),
      messageId: each.text('MessageId'),
      message: each.text('Message'),
      arguments: each.strings('MessageArgs'),
      severity: each.text('MessageSeverity') ?? each.text('Severity'),
      timestamp: each.text('EventTimestamp'),
      originPath:
        typeof each.value('OriginOfCondition') === 'string'
          ? each.text('OriginOfCondition')
          : each.link('OriginOfCondition'),
      eventType: each.text('EventType'),
    })),
    fields,
  };
}
