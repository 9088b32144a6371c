// Events that the outside is told of: their types, who sends them, and the objects they may carry.
import type { JsonObject } from './objects.ts';
import { type ProvisionEvent, type ProvisionState, provisionStates } from './states.ts';

/** Objects whose making, change and end is told. */
export const recordedObjects = [
  'node',
  'port',
  'portgroup',
  'chassis',
  'volumeconnector',
  'volumetarget',
  'allocation',
  'deploytemplate',
  'runbook',
  'inspectionrule',
] as const;
export type RecordedObject = (typeof recordedObjects)[number];

export type ObjectAction = 'create' | 'update' | 'delete';

export type NodeAction =
  | ObjectAction
  | 'maintenance_set'
  | 'power_set'
  | 'power_state_corrected'
  | 'provision_set'
  | 'console_set';

export const eventStatuses = ['start', 'end', 'error', 'success'] as const;
export type EventStatus = (typeof eventStatuses)[number];

/** Readings of the sensors of a machine; the middle is its hardware type. */
export type SensorEventType = `hardware.${string}.metrics`;

export type OutgoingEventType =
  | SensorEventType
  | `baremetal.node.${NodeAction}.${EventStatus}`
  | `baremetal.${RecordedObject}.${ObjectAction}.${EventStatus}`;

/** An event as every sink and the stream of events have it; times are ISO 8601 in UTC. */
export interface OutgoingEvent {
  /** Grows with every event, with gaps; 0 where it is not in the list of events, as readings of sensors. */
  readonly id: number;
  /** The same when an event is delivered twice. */
  readonly uuid: string;
  readonly at: string;
  readonly type: OutgoingEventType;
  /** UUID of the node that it is about, or that what it is about belongs to. */
  readonly node: string | null;
  /** "api.HOST" or "conductor.HOST". */
  readonly publisher: string;
  /** What happened, in a few members. */
  readonly data: JsonObject;
  /** The whole object, secrets masked; null where no sink wants it. */
  readonly object: JsonObject | null;
}

/** The levels that events can have, the least first; errors have "error" and all others "info". */
export const notificationLevels = ['debug', 'info', 'warning', 'error', 'critical'] as const;
export type NotificationLevel = (typeof notificationLevels)[number];

export function isSensorEvent(type: string): type is SensorEventType {
  return type.startsWith('hardware.');
}

export function levelOfEvent(type: string): NotificationLevel {
  return type.endsWith('.error') ? 'error' : 'info';
}

/** How a transition is told: as the begin of work, as its end, as its failure, or as a step on the way. */
export function statusOfTransition(event: ProvisionEvent, from: ProvisionState, to: ProvisionState): EventStatus {
  if (event === 'fail') {
    return 'error';
  }
  const [before, after] = [provisionStates[from], provisionStates[to]];
  if (before.stable && after.transient) {
    return 'start';
  }
  return before.transient && after.stable ? 'end' : 'success';
}
