// Events that a network service posts about the ports it binds.
import { findProblemInList, type Members } from './members.ts';
import { isUuidLike, list, readMac } from './value.ts';

/** Version that brought events. */
export const EVENTS_SINCE = 54;

const eventNames = ['network.bind_port', 'network.unbind_port', 'network.delete_port'] as const;

const isUuid = (value: unknown) => typeof value === 'string' && isUuidLike(value);
const uuidOrNull = { allowed: 'a UUID, or null', test: (value: unknown) => value === null || isUuid(value) } as const;

const members: Members = {
  event: {
    required: true,
    allowed: `one of ${eventNames.join(', ')}`,
    test: (value) => (eventNames as readonly unknown[]).includes(value),
  },
  port_id: { required: true, allowed: 'a UUID', test: isUuid },
  mac_address: {
    required: true,
    allowed: 'a MAC address such as 52:54:00:12:34:56',
    test: (value) => typeof value === 'string' && readMac(value) !== undefined,
  },
  status: { required: true, allowed: 'text', test: (value) => typeof value === 'string' },
  device_id: uuidOrNull,
  'binding:host_id': uuidOrNull,
  'binding:vnic_type': { allowed: 'text, or null', test: (value) => value === null || typeof value === 'string' },
};

/** The list of events in a request: at least one. */
export const events = list(
  (value) => (value.length === 0 ? { ok: false } : (findProblemInList(value, members) ?? { ok: true, value })),
  'a list of at least one event with event, port_id, mac_address and status',
);
