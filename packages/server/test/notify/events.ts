// Events to put into an outbox in tests.
import type { OutgoingEventType } from '@wrought/contract';
import { appendEvents, type NewEvent } from '../../src/store/outbox.ts';
import type { Store } from '../../src/store/store.ts';

export function newEvent(fields: Partial<NewEvent> = {}): NewEvent {
  return {
    type: 'baremetal.node.power_set.end' as OutgoingEventType,
    node: '11111111-2222-4333-8444-555555555555',
    owner: null,
    lessee: null,
    publisher: 'conductor.test',
    data: {},
    object: null,
    ...fields,
  };
}

/** Appends events in one transaction. */
export function append(store: Store, ...events: readonly Partial<NewEvent>[]): Promise<void> {
  return store.transaction((trx) => appendEvents(trx, events.map(newEvent)));
}
