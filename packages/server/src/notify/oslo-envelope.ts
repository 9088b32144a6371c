// The envelope of oslo.messaging around a notification, as consumers of OpenStack's message bus read it.
import { isSensorEvent, levelOfEvent, type OutgoingEvent } from '@wrought/contract';
import { ironicPayload } from './ironic-payload.ts';

const ENVELOPE_VERSION = '2.0';

/** The body of the message that tells of an event: JSON with the notification as JSON text within. */
export function osloEnvelope(event: OutgoingEvent): string {
  const message = {
    message_id: event.uuid,
    publisher_id: `ironic-${event.publisher}`,
    event_type: event.type,
    priority: levelOfEvent(event.type).toUpperCase(),
    payload: isSensorEvent(event.type) ? event.data : ironicPayload(event),
    timestamp: event.at.replace('T', ' ').replace('Z', '000'),
    // By it oslo.messaging knows a message that comes a second time.
    _unique_id: event.uuid.replaceAll('-', ''),
  };
  return JSON.stringify({ 'oslo.version': ENVELOPE_VERSION, 'oslo.message': JSON.stringify(message) });
}
