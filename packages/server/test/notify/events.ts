// Events to put into an outbox in tests.
import type { OutgoingEvent } from '@wrought/contract';
import { appendEvents, type NewEvent } from '../../src/store/outbox.ts';
import type { Store } from '../../src/store/store.ts';

export function newEvent(fields: Partial<NewEvent> = {}): NewEvent {
  return {
    type: 'baremetal.node.power_set.end',
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

/** An event as a sink gets it; its uuid follows from its number. */
export function outgoing(fields: Partial<OutgoingEvent> = {}): OutgoingEvent {
  const { id = 1 } = fields;
  return {
    id,
    uuid: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
    at: '2026-01-02T03:04:05.678Z',
    type: 'baremetal.node.power_set.end',
    node: '11111111-2222-4333-8444-555555555555',
    publisher: 'conductor.test',
    data: {},
    object: null,
    ...fields,
  };
}
