// Compact (0x02) and event-only (0x03) sensor records, and the sensors that share one record (IPMI 2.0, 43.2 and 43.3).
import { type Choice, choices } from '../bit-fields.ts';
import type { FieldReader } from '../field-reader.ts';
import { decodeIdString, encodeIdString, type IdString } from '../type-length.ts';
import { directions } from './full-sensor.ts';
import { decodeSensorIdentity, encodeSensorIdentity, type SensorIdentity } from './sensor-identity.ts';
import { decodeSensorProperties, encodeSensorProperties, type SensorProperties } from './sensor-properties.ts';

const idModifiers = choices({ 0: 'numeric', 1: 'alpha' });

/** One record for several sensors with consecutive numbers. */
export interface RecordSharing {
  readonly direction: Choice<(typeof directions.names)[number]>;
  /** How many sensors share the record; 0 and 1 are one. */
  readonly shareCount: number;
  /** What is appended to the id string of each: a number or letters. */
  readonly idModifier: Choice<(typeof idModifiers.names)[number]>;
  /** Where that begins: 0 is "0" or "A". */
  readonly idModifierOffset: number;
  /** The entity instance counts up with the sensor number. */
  readonly entityInstanceIncrements: boolean;
}

export interface CompactSensor extends SensorIdentity, SensorProperties, RecordSharing {
  readonly type: 'compact sensor';
  readonly positiveHysteresis: number;
  readonly negativeHysteresis: number;
  readonly oem: number;
  readonly id: IdString;
}

export interface EventOnlySensor extends SensorIdentity, RecordSharing {
  readonly type: 'event-only sensor';
  readonly sensorType: number;
  readonly eventType: number;
  readonly oem: number;
  readonly id: IdString;
}

function decodeSharing(reader: FieldReader): RecordSharing {
  const first = reader.u8('record sharing 1');
  const second = reader.u8('record sharing 2');
  return {
    direction: directions.decode(first >> 6),
    shareCount: first & 0x0f,
    idModifier: idModifiers.decode((first >> 4) & 3),
    idModifierOffset: second & 0x7f,
    entityInstanceIncrements: (second & 0x80) !== 0,
  };
}

function encodeSharing(sensor: RecordSharing): number[] {
  return [
    (directions.encode(sensor.direction) << 6) | (idModifiers.encode(sensor.idModifier) << 4) | sensor.shareCount,
    sensor.idModifierOffset | (sensor.entityInstanceIncrements ? 0x80 : 0),
  ];
}

export function decodeCompactSensor(reader: FieldReader): CompactSensor {
  const identity = decodeSensorIdentity(reader);
  const properties = decodeSensorProperties(reader);
  const sharing = decodeSharing(reader);
  const hysteresis = {
    positiveHysteresis: reader.u8('positive hysteresis'),
    negativeHysteresis: reader.u8('negative hysteresis'),
  };
  reader.skip(3, 'reserved');
  return {
    type: 'compact sensor',
    ...identity,
    ...properties,
    ...sharing,
    ...hysteresis,
    oem: reader.u8('OEM'),
    id: decodeIdString(reader),
  };
}

export function encodeCompactSensor(sensor: CompactSensor): Buffer {
  return Buffer.from([
    ...encodeSensorIdentity(sensor),
    ...encodeSensorProperties(sensor),
    ...encodeSharing(sensor),
    sensor.positiveHysteresis,
    sensor.negativeHysteresis,
    ...[0, 0, 0],
    sensor.oem,
    ...encodeIdString(sensor.id),
  ]);
}

export function decodeEventOnlySensor(reader: FieldReader): EventOnlySensor {
  const identity = decodeSensorIdentity(reader);
  const types = { sensorType: reader.u8('sensor type'), eventType: reader.u8('event/reading type') };
  const sharing = decodeSharing(reader);
  reader.skip(1, 'reserved');
  return {
    type: 'event-only sensor',
    ...identity,
    ...types,
    ...sharing,
    oem: reader.u8('OEM'),
    id: decodeIdString(reader),
  };
}

export function encodeEventOnlySensor(sensor: EventOnlySensor): Buffer {
  return Buffer.from([
    ...encodeSensorIdentity(sensor),
    sensor.sensorType,
    sensor.eventType,
    ...encodeSharing(sensor),
    0,
    sensor.oem,
    ...encodeIdString(sensor.id),
  ]);
}

/** 0 is A, 25 is Z, 26 is AA. */
function letters(number: number): string {
  const last = String.fromCharCode(65 + (number % 26));
  return number < 26 ? last : `${letters(Math.floor(number / 26) - 1)}${last}`;
}

/** The sensors of a record that several share, each as a record of its own with its number, name and entity instance. */
export function expandSharedRecord<Sensor extends CompactSensor | EventOnlySensor>(sensor: Sensor): Sensor[] {
  if (sensor.shareCount <= 1) return [sensor];
  return Array.from({ length: sensor.shareCount }, (_, index) => {
    const modifier = sensor.idModifierOffset + index;
    const suffix = sensor.idModifier === 'alpha' ? letters(modifier) : String(modifier);
    return {
      ...sensor,
      shareCount: 1,
      sensorNumber: (sensor.sensorNumber + index) & 0xff,
      entityInstance: (sensor.entityInstance + (sensor.entityInstanceIncrements ? index : 0)) & 0x7f,
      id: { ...sensor.id, text: `${sensor.id.text}${suffix}` },
    };
  });
}
