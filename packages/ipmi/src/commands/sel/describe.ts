// A system event as people want it: which sensor, which state, with which value (IPMI 2.0, 29.7 and table 42-3).
import { convertReading } from '../sdr/conversion.ts';
import { eventTypeClass, stateName } from '../sdr/event-types.ts';
import type { SensorRecord } from '../sdr/record.ts';
import { sensorTypeName } from '../sdr/sensor-types.ts';
import { formatUnits } from '../sdr/units.ts';
import { type EventBytes, eventDetails } from './event-details.ts';
import type { SystemEvent } from './record.ts';

export interface EventDescription {
  readonly sensorType: string;
  /** The id string of the sensor's record, when the record is given. */
  readonly sensor: string | undefined;
  /** Which state, 0 to 14. */
  readonly offset: number;
  readonly state: string;
  readonly direction: SystemEvent['direction'];
  /** Of threshold events that carry them: the reading and the threshold, raw and, with a full sensor record, converted. */
  readonly triggerReading: EventValue | undefined;
  readonly triggerThreshold: EventValue | undefined;
  /** Of discrete events that carry them: the state before, and the severity. */
  readonly previousState: string | undefined;
  readonly severity: string | undefined;
  /** What else the data say, for sensors for which the specification defines it. */
  readonly details: readonly string[];
  /** Bytes that the event marks as the manufacturer's. */
  readonly oemData: { readonly data2: number | undefined; readonly data3: number | undefined };
}

export interface EventValue {
  readonly raw: number;
  readonly value: number | undefined;
  readonly unit: string;
}

const notSpecified = 0x0f;
const severityEventType = 0x07;
const ofData2 = (first: number) => (first >> 6) & 3;
const ofData3 = (first: number) => (first >> 4) & 3;

/** What the two upper halves of the first byte say about the second and the third: 1 state or value, 2 OEM, 3 specific. */
const meanings = { value: 1, oem: 2, specific: 3 } as const;

function eventValue(raw: number, sensor: SensorRecord | undefined): EventValue {
  if (sensor?.type !== 'full sensor') return { raw, value: undefined, unit: '' };
  return { raw, value: convertReading(sensor, raw), unit: formatUnits(sensor.units) };
}

/** Whether a sensor record is that of an event; `sensors` of a shared record must have been expanded. */
export function isSensorOfEvent(sensor: SensorRecord, event: SystemEvent): boolean {
  const { generator } = event;
  const ownerId = generator.kind === 'controller' ? generator.address : (generator.id << 1) | 1;
  return (
    sensor.sensorNumber === event.sensorNumber &&
    sensor.ownerId === ownerId &&
    sensor.lun === generator.lun &&
    sensor.sensorType === event.sensorType
  );
}

/** Describes an event; with the record of its sensor also by name and in units. */
export function describeEvent(event: SystemEvent, sensor?: SensorRecord): EventDescription {
  const [first, second, third] = event.data;
  const offset = first & 0x0f;
  const kind = eventTypeClass(event.eventType);
  const isThreshold = kind === 'threshold';
  const hasState = !isThreshold && ofData2(first) === meanings.value;
  const specific: EventBytes = {
    offset,
    data2: ofData2(first) === meanings.specific ? second : undefined,
    data3: ofData3(first) === meanings.specific ? third : undefined,
  };
  const previous = second & 0x0f;
  const severity = second >> 4;
  return {
    sensorType: sensorTypeName(event.sensorType),
    sensor: sensor?.id.text.trimEnd(),
    offset,
    state: stateName(event.sensorType, event.eventType, offset),
    direction: event.direction,
    triggerReading: isThreshold && ofData2(first) === meanings.value ? eventValue(second, sensor) : undefined,
    triggerThreshold: isThreshold && ofData3(first) === meanings.value ? eventValue(third, sensor) : undefined,
    previousState:
      hasState && previous !== notSpecified ? stateName(event.sensorType, event.eventType, previous) : undefined,
    severity:
      hasState && severity !== notSpecified ? stateName(event.sensorType, severityEventType, severity) : undefined,
    details: kind === 'sensor-specific' ? eventDetails(event.sensorType, specific) : [],
    oemData: {
      data2: ofData2(first) === meanings.oem ? second : undefined,
      data3: ofData3(first) === meanings.oem ? third : undefined,
    },
  };
}

const sinceBmcStart = 0x20000000;
const unspecifiedTime = 0xffffffff;

/** What a timestamp of the event log means: a point in time, or, before the clock was set, seconds since the BMC started. */
export function selTime(
  timestamp: number,
): { readonly date: Date } | { readonly secondsSinceStart: number } | undefined {
  if (timestamp === unspecifiedTime) return undefined;
  if (timestamp <= sinceBmcStart) return { secondsSinceStart: timestamp };
  return { date: new Date(timestamp * 1000) };
}
