// Commands of single sensors: reading, thresholds, hysteresis, factors, event enables (IPMI 2.0, 35.5 to 35.17).
import { networkFunction } from '../codec/message.ts';
import type { Connection } from '../connection.ts';
import { flags } from './bit-fields.ts';
import { FieldReader } from './field-reader.ts';
import { decodeReadingFactors, type ReadingFactors, type ThresholdName } from './sdr/full-sensor.ts';

const netFn = networkFunction.sensorEvent;

/** Which sensor: its number, and the logical unit of its owner. */
export interface SensorAddress {
  readonly sensorNumber: number;
  readonly lun: number;
}

/** The six comparisons and masks that threshold sensors have, by bit. */
export const thresholdFlags = flags<ThresholdName>({
  lowerNonCritical: 0,
  lowerCritical: 1,
  lowerNonRecoverable: 2,
  upperNonCritical: 3,
  upperCritical: 4,
  upperNonRecoverable: 5,
});
const thresholdOrder = Object.keys(thresholdFlags.decode(0)) as readonly ThresholdName[];

export interface RawSensorReading {
  /** The raw analog reading; without meaning for discrete sensors. */
  readonly raw: number;
  readonly eventsEnabled: boolean;
  readonly scanningEnabled: boolean;
  /** An update is under way or the entity is absent: raw reading and states mean nothing now. */
  readonly unavailable: boolean;
  /** Bits 0 to 14: states of a discrete sensor, comparisons with the thresholds (`thresholdFlags`) of a threshold sensor. */
  readonly states: number;
}

/** Get Sensor Reading (35.14). BMCs may leave out the bytes of states that a sensor does not have. */
export async function getSensorReading(connection: Connection, sensor: SensorAddress): Promise<RawSensorReading> {
  const request = { netFn, command: 0x2d, lun: sensor.lun, data: Uint8Array.of(sensor.sensorNumber) };
  const reader = new FieldReader(await connection.request(request), 'Get Sensor Reading');
  const raw = reader.u8('reading');
  const state = reader.u8('state flags');
  const low = reader.optionalU8() ?? 0;
  const high = reader.optionalU8() ?? 0;
  return {
    raw,
    eventsEnabled: (state & 0x80) !== 0,
    scanningEnabled: (state & 0x40) !== 0,
    unavailable: (state & 0x20) !== 0,
    states: low | ((high & 0x7f) << 8),
  };
}

/** The bytes of the answer of Get Sensor Reading. */
export function encodeSensorReading(reading: RawSensorReading): Buffer {
  const state =
    (reading.eventsEnabled ? 0x80 : 0) | (reading.scanningEnabled ? 0x40 : 0) | (reading.unavailable ? 0x20 : 0);
  // The topmost bit is reserved and reads as 1.
  return Buffer.from([reading.raw, state, reading.states & 0xff, (reading.states >> 8) | 0x80]);
}

/** Raw values of the thresholds that are readable. */
export type RawThresholds = Readonly<Partial<Record<ThresholdName, number>>>;

/** Get Sensor Thresholds (35.9). */
export async function getSensorThresholds(connection: Connection, sensor: SensorAddress): Promise<RawThresholds> {
  const request = { netFn, command: 0x27, lun: sensor.lun, data: Uint8Array.of(sensor.sensorNumber) };
  const reader = new FieldReader(await connection.request(request), 'Get Sensor Thresholds');
  const readable = thresholdFlags.decode(reader.u8('readable thresholds'));
  const values = thresholdOrder.map((name) => [name, reader.u8(name)] as const);
  return Object.fromEntries(values.filter(([name]) => readable[name]));
}

/** Set Sensor Thresholds (35.8): sets those that are given and leaves the others. */
export async function setSensorThresholds(
  connection: Connection,
  sensor: SensorAddress,
  thresholds: RawThresholds,
): Promise<void> {
  const given = thresholdOrder.map((name) => [name, thresholds[name] !== undefined] as const);
  const data = Uint8Array.of(
    sensor.sensorNumber,
    thresholdFlags.encode(Object.fromEntries(given)),
    ...thresholdOrder.map((name) => thresholds[name] ?? 0),
  );
  await connection.request({ netFn, command: 0x26, lun: sensor.lun, data }, { repeatable: true });
}

/** Get Sensor Hysteresis (35.7), in raw counts. */
export async function getSensorHysteresis(connection: Connection, sensor: SensorAddress) {
  const request = { netFn, command: 0x25, lun: sensor.lun, data: Uint8Array.of(sensor.sensorNumber, 0xff) };
  const reader = new FieldReader(await connection.request(request), 'Get Sensor Hysteresis');
  return { positive: reader.u8('positive hysteresis'), negative: reader.u8('negative hysteresis') };
}

/** Set Sensor Hysteresis (35.6), in raw counts. */
export async function setSensorHysteresis(
  connection: Connection,
  sensor: SensorAddress,
  hysteresis: { readonly positive: number; readonly negative: number },
): Promise<void> {
  const data = Uint8Array.of(sensor.sensorNumber, 0xff, hysteresis.positive, hysteresis.negative);
  await connection.request({ netFn, command: 0x24, lun: sensor.lun, data }, { repeatable: true });
}

/** Get Sensor Reading Factors (35.5): what converts this raw reading of a non-linear sensor, and the next reading that has others. */
export async function getSensorReadingFactors(
  connection: Connection,
  sensor: SensorAddress,
  raw: number,
): Promise<{ readonly nextReading: number; readonly factors: ReadingFactors }> {
  const request = { netFn, command: 0x23, lun: sensor.lun, data: Uint8Array.of(sensor.sensorNumber, raw) };
  const reader = new FieldReader(await connection.request(request), 'Get Sensor Reading Factors');
  const nextReading = reader.u8('next reading');
  const { direction: _, ...factors } = decodeReadingFactors(reader);
  return { nextReading, factors };
}

export interface SensorEventEnable {
  readonly eventsEnabled: boolean;
  readonly scanningEnabled: boolean;
  /** Bits of the states whose assertion makes an event now. */
  readonly assertionMask: number;
  readonly deassertionMask: number;
}

/** Get Sensor Event Enable (35.11). */
export async function getSensorEventEnable(connection: Connection, sensor: SensorAddress): Promise<SensorEventEnable> {
  const request = { netFn, command: 0x29, lun: sensor.lun, data: Uint8Array.of(sensor.sensorNumber) };
  const reader = new FieldReader(await connection.request(request), 'Get Sensor Event Enable');
  const enabled = reader.u8('enables');
  const mask = () => (reader.optionalU8() ?? 0) | (((reader.optionalU8() ?? 0) & 0x7f) << 8);
  return {
    eventsEnabled: (enabled & 0x80) !== 0,
    scanningEnabled: (enabled & 0x40) !== 0,
    assertionMask: mask(),
    deassertionMask: mask(),
  };
}

/** Re-arm Sensor Events (35.12): all events of the sensor, so that a state that still holds is reported again. */
export async function reArmSensorEvents(connection: Connection, sensor: SensorAddress): Promise<void> {
  const data = Uint8Array.of(sensor.sensorNumber, 0);
  await connection.request({ netFn, command: 0x2a, lun: sensor.lun, data }, { repeatable: true });
}

/** Get Sensor Type (35.16). */
export async function getSensorType(connection: Connection, sensor: SensorAddress) {
  const request = { netFn, command: 0x2f, lun: sensor.lun, data: Uint8Array.of(sensor.sensorNumber) };
  const reader = new FieldReader(await connection.request(request), 'Get Sensor Type');
  return { sensorType: reader.u8('sensor type'), eventType: reader.u8('event/reading type') & 0x7f };
}
