// Event and reading types: the generic states, and the names of a sensor's states (IPMI 2.0, tables 42-1 and 42-2).
import { sensorTypes } from './sensor-types.ts';

/** By the event/reading type, the states by offset. */
const genericStates: readonly (readonly string[])[] = [
  [],
  [
    ...['lower non-critical going low', 'lower non-critical going high', 'lower critical going low'],
    ...['lower critical going high', 'lower non-recoverable going low', 'lower non-recoverable going high'],
    ...['upper non-critical going low', 'upper non-critical going high', 'upper critical going low'],
    ...['upper critical going high', 'upper non-recoverable going low', 'upper non-recoverable going high'],
  ],
  ['idle', 'active', 'busy'],
  ['state deasserted', 'state asserted'],
  ['predictive failure deasserted', 'predictive failure asserted'],
  ['limit not exceeded', 'limit exceeded'],
  ['performance met', 'performance lags'],
  [
    ...['OK', 'non-critical from OK', 'critical from less severe', 'non-recoverable from less severe'],
    ...[
      'non-critical from more severe',
      'critical from non-recoverable',
      'non-recoverable',
      'monitor',
      'informational',
    ],
  ],
  ['device absent', 'device present'],
  ['device disabled', 'device enabled'],
  [
    ...[
      'running',
      'in test',
      'power off',
      'on line',
      'off line',
      'off duty',
      'degraded',
      'power save',
      'install error',
    ],
  ],
  [
    ...['fully redundant', 'redundancy lost', 'redundancy degraded', 'non-redundant, sufficient from redundant'],
    ...['non-redundant, sufficient from insufficient', 'non-redundant, insufficient resources'],
    ...['redundancy degraded from fully redundant', 'redundancy degraded from non-redundant'],
  ],
  ['D0 power state', 'D1 power state', 'D2 power state', 'D3 power state'],
];

export const sensorSpecificEventType = 0x6f;
const firstOemEventType = 0x70;

/** What kind of states an event/reading type has. */
export function eventTypeClass(
  eventType: number,
): 'unspecified' | 'threshold' | 'discrete' | 'sensor-specific' | 'OEM' {
  if (eventType === 0) return 'unspecified';
  if (eventType === 1) return 'threshold';
  if (eventType < sensorSpecificEventType) return 'discrete';
  return eventType < firstOemEventType ? 'sensor-specific' : 'OEM';
}

/** The name of a state; "state 9" for what the specification does not define. */
export function stateName(sensorType: number, eventType: number, offset: number): string {
  const states = eventType === sensorSpecificEventType ? sensorTypes[sensorType]?.states : genericStates[eventType];
  return states?.[offset] ?? `state ${offset}`;
}
