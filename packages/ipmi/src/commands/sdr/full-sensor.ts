// Full sensor records, type 0x01 (IPMI 2.0, 43.1): analog and threshold sensors with what converts their readings.
import { type Choice, choices, flags, signed } from '../bit-fields.ts';
import type { FieldReader } from '../field-reader.ts';
import { decodeIdString, encodeIdString, type IdString } from '../type-length.ts';
import { decodeSensorIdentity, encodeSensorIdentity, type SensorIdentity } from './sensor-identity.ts';
import { decodeSensorProperties, encodeSensorProperties, type SensorProperties } from './sensor-properties.ts';

/** Raw values of the six thresholds, in the order of the record. */
export const thresholdNames = [
  'upperNonRecoverable',
  'upperCritical',
  'upperNonCritical',
  'lowerNonRecoverable',
  'lowerCritical',
  'lowerNonCritical',
] as const;
export type ThresholdName = (typeof thresholdNames)[number];

/** What turns a raw reading into a value: y = (M·x + B·10^bExponent)·10^rExponent (36.3). */
export interface ReadingFactors {
  /** −512 to 511, both. */
  readonly m: number;
  readonly b: number;
  /** −8 to 7, both. */
  readonly bExponent: number;
  readonly rExponent: number;
  /** Half raw counts, 0 to 63. */
  readonly tolerance: number;
  /** Hundredths of a per cent times 10^accuracyExponent, 0 to 1023. */
  readonly accuracy: number;
  readonly accuracyExponent: number;
}

export const directions = choices({ 0: 'unspecified', 1: 'input', 2: 'output' });
const analogFlags = flags({ nominal: 0, normalMaximum: 1, normalMinimum: 2 });

export interface FullSensor extends SensorIdentity, SensorProperties {
  readonly type: 'full sensor';
  /** 0 to 0x0b, or from 0x70 on "non-linear". */
  readonly linearization: number;
  readonly factors: ReadingFactors;
  readonly direction: Choice<(typeof directions.names)[number]>;
  /** Raw; undefined when the record does not specify it. */
  readonly nominal: number | undefined;
  readonly normalMaximum: number | undefined;
  readonly normalMinimum: number | undefined;
  /** Raw. */
  readonly sensorMaximum: number;
  readonly sensorMinimum: number;
  readonly thresholds: Readonly<Record<ThresholdName, number>>;
  /** Raw counts; 0 is none. */
  readonly positiveHysteresis: number;
  readonly negativeHysteresis: number;
  readonly oem: number;
  readonly id: IdString;
}

/** The six bytes that full records and Get Sensor Reading Factors share; the direction is in the fifth. */
export function decodeReadingFactors(reader: FieldReader): ReadingFactors & { readonly direction: number } {
  const mLow = reader.u8('M');
  const mHigh = reader.u8('M, tolerance');
  const bLow = reader.u8('B');
  const bHigh = reader.u8('B, accuracy');
  const accuracy = reader.u8('accuracy, accuracy exponent, direction');
  const exponents = reader.u8('R exponent, B exponent');
  return {
    m: signed(mLow | ((mHigh & 0xc0) << 2), 10),
    tolerance: mHigh & 0x3f,
    b: signed(bLow | ((bHigh & 0xc0) << 2), 10),
    accuracy: (bHigh & 0x3f) | ((accuracy & 0xf0) << 2),
    accuracyExponent: (accuracy >> 2) & 3,
    direction: accuracy & 3,
    rExponent: signed(exponents >> 4, 4),
    bExponent: signed(exponents & 0x0f, 4),
  };
}

export function encodeReadingFactors(factors: ReadingFactors, direction: number): number[] {
  const { m, b, accuracy } = factors;
  return [
    m & 0xff,
    ((m >> 2) & 0xc0) | factors.tolerance,
    b & 0xff,
    ((b >> 2) & 0xc0) | (accuracy & 0x3f),
    ((accuracy >> 2) & 0xf0) | (factors.accuracyExponent << 2) | direction,
    ((factors.rExponent & 0x0f) << 4) | (factors.bExponent & 0x0f),
  ];
}

export function decodeFullSensor(reader: FieldReader): FullSensor {
  const identity = decodeSensorIdentity(reader);
  const properties = decodeSensorProperties(reader);
  const linearization = reader.u8('linearization') & 0x7f;
  const { direction, ...factors } = decodeReadingFactors(reader);
  const specified = analogFlags.decode(reader.u8('analog characteristic flags'));
  const typical = [reader.u8('nominal reading'), reader.u8('normal maximum'), reader.u8('normal minimum')];
  const limits = { sensorMaximum: reader.u8('sensor maximum'), sensorMinimum: reader.u8('sensor minimum') };
  const thresholds = thresholdNames.map((name) => [name, reader.u8(`${name} threshold`)]);
  const hysteresis = {
    positiveHysteresis: reader.u8('positive hysteresis'),
    negativeHysteresis: reader.u8('negative hysteresis'),
  };
  reader.skip(2, 'reserved');
  return {
    type: 'full sensor',
    ...identity,
    ...properties,
    linearization,
    factors,
    direction: directions.decode(direction),
    nominal: specified.nominal ? typical[0] : undefined,
    normalMaximum: specified.normalMaximum ? typical[1] : undefined,
    normalMinimum: specified.normalMinimum ? typical[2] : undefined,
    ...limits,
    thresholds: Object.fromEntries(thresholds) as Record<ThresholdName, number>,
    ...hysteresis,
    oem: reader.u8('OEM'),
    id: decodeIdString(reader),
  };
}

export function encodeFullSensor(sensor: FullSensor): Buffer {
  const { nominal, normalMaximum, normalMinimum } = sensor;
  const specified = analogFlags.encode({
    nominal: nominal !== undefined,
    normalMaximum: normalMaximum !== undefined,
    normalMinimum: normalMinimum !== undefined,
  });
  return Buffer.from([
    ...encodeSensorIdentity(sensor),
    ...encodeSensorProperties(sensor),
    sensor.linearization,
    ...encodeReadingFactors(sensor.factors, directions.encode(sensor.direction)),
    specified,
    ...[nominal, normalMaximum, normalMinimum].map((value) => value ?? 0),
    sensor.sensorMaximum,
    sensor.sensorMinimum,
    ...thresholdNames.map((name) => sensor.thresholds[name]),
    sensor.positiveHysteresis,
    sensor.negativeHysteresis,
    ...[0, 0],
    sensor.oem,
    ...encodeIdString(sensor.id),
  ]);
}
