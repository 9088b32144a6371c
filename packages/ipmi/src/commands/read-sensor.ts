// A sensor as people want it: name, value with unit, states by name, thresholds, for each sensor record of a BMC.
import type { Connection } from '../connection.ts';
import { CompletionCodeError, IpmiError, ProtocolError } from '../errors.ts';
import { expandSharedRecord } from './sdr/compact-sensor.ts';
import { convertReading, isNonLinear } from './sdr/conversion.ts';
import { entityName } from './sdr/entities.ts';
import { eventTypeClass, stateName } from './sdr/event-types.ts';
import type { ThresholdName } from './sdr/full-sensor.ts';
import { isSensorRecord, type SensorDataRecord, type SensorRecord } from './sdr/record.ts';
import { isSoftwareSensor } from './sdr/sensor-identity.ts';
import { sensorTypeName } from './sdr/sensor-types.ts';
import { formatUnits } from './sdr/units.ts';
import { readSdrs } from './sdr-repository.ts';
import {
  getSensorReading,
  getSensorReadingFactors,
  getSensorThresholds,
  type RawSensorReading,
  type RawThresholds,
  thresholdFlags,
} from './sensors.ts';

export interface SensorState {
  readonly offset: number;
  readonly name: string;
}

/** Whether the value is beyond thresholds, and the worst of them. */
export type ThresholdStatus = 'ok' | 'non-critical' | 'critical' | 'non-recoverable';

export interface Sensor {
  readonly record: SensorRecord;
  readonly name: string;
  readonly typeName: string;
  readonly entityName: string;
  /** Present unless the sensor cannot be read now; `unreadable` then says why. */
  readonly reading: SensorReading | undefined;
  readonly unreadable: string | undefined;
}

export interface SensorReading {
  readonly raw: RawSensorReading;
  /** In `unit`; undefined for discrete sensors. */
  readonly value: number | undefined;
  readonly unit: string;
  /** States of a discrete sensor that hold now. */
  readonly states: readonly SensorState[];
  /** Of threshold sensors. */
  readonly status: ThresholdStatus | undefined;
}

/** The states that hold, by name. */
export function activeStates(sensor: Pick<SensorRecord, 'sensorType' | 'eventType'>, states: number): SensorState[] {
  return Array.from({ length: 15 }, (_, offset) => offset)
    .filter((offset) => ((states >> offset) & 1) === 1)
    .map((offset) => ({ offset, name: stateName(sensor.sensorType, sensor.eventType, offset) }));
}

/** The worst of the thresholds that the BMC's comparison bits report as passed. */
export function thresholdStatus(states: number): ThresholdStatus {
  const passed = thresholdFlags.decode(states);
  if (passed.upperNonRecoverable || passed.lowerNonRecoverable) return 'non-recoverable';
  if (passed.upperCritical || passed.lowerCritical) return 'critical';
  return passed.upperNonCritical || passed.lowerNonCritical ? 'non-critical' : 'ok';
}

async function convert(connection: Connection, sensor: SensorRecord, raw: number): Promise<number | undefined> {
  if (sensor.type !== 'full sensor') return undefined;
  if (!isNonLinear(sensor)) return convertReading(sensor, raw);
  const { factors } = await getSensorReadingFactors(connection, sensor, raw);
  return convertReading(sensor, raw, factors);
}

async function read(connection: Connection, sensor: SensorRecord): Promise<SensorReading | string> {
  if (sensor.type === 'event-only sensor') return 'the sensor only makes events';
  const raw = await getSensorReading(connection, sensor);
  if (raw.unavailable) return 'no reading is available';
  if (!raw.scanningEnabled) return 'the sensor is not scanned';
  const isThreshold = eventTypeClass(sensor.eventType) === 'threshold';
  return {
    raw,
    value: await convert(connection, sensor, raw.raw),
    unit: formatUnits(sensor.units),
    states: isThreshold ? [] : activeStates(sensor, raw.states),
    status: isThreshold ? thresholdStatus(raw.states) : undefined,
  };
}

function describe(record: SensorRecord): Omit<Sensor, 'reading' | 'unreadable'> {
  return {
    record,
    name: record.id.text.trimEnd(),
    typeName: sensorTypeName(record.sensorType),
    entityName: entityName(record.entityId),
  };
}

/** Reads one sensor. `connection` must lead to its owner. A BMC that cannot read it makes it unreadable, and no error. */
export async function readSensor(connection: Connection, record: SensorRecord): Promise<Sensor> {
  try {
    const reading = await read(connection, record);
    if (typeof reading === 'string') return { ...describe(record), reading: undefined, unreadable: reading };
    return { ...describe(record), reading, unreadable: undefined };
  } catch (error) {
    if (!(error instanceof CompletionCodeError || error instanceof ProtocolError)) throw error;
    return { ...describe(record), reading: undefined, unreadable: error.message };
  }
}

/** Thresholds in the sensor's units, where they are readable; of a non-linear sensor each with its own factors. */
export async function readThresholds(
  connection: Connection,
  sensor: SensorRecord,
): Promise<Partial<Record<ThresholdName, number>>> {
  if (sensor.type !== 'full sensor') return {};
  const raw: RawThresholds = await getSensorThresholds(connection, sensor);
  const values: Partial<Record<ThresholdName, number>> = {};
  for (const [name, threshold] of Object.entries(raw) as [ThresholdName, number][]) {
    const value = await convert(connection, sensor, threshold);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

const bmcAddress = 0x20;

export interface ReadSensorsOptions {
  /** Leads to another controller, by its address and channel; without it sensors of other controllers are unreadable. */
  readonly connectionTo?: (address: number, channel: number) => Connection;
  /** Records that are known already, such as those of a snapshot; read from the BMC when absent. */
  readonly records?: Iterable<SensorDataRecord | IpmiError>;
  /** Which sensors; all when absent. */
  readonly wanted?: (record: SensorRecord) => boolean;
}

/** Reads every sensor of the repository, those that share a record one by one. */
export async function* readSensors(
  connection: Connection,
  options: ReadSensorsOptions = {},
): AsyncGenerator<Sensor, void, void> {
  const { connectionTo, records = readSdrs(connection), wanted = () => true } = options;
  for await (const record of records) {
    if (record instanceof IpmiError || !isSensorRecord(record)) continue;
    const sensors: SensorRecord[] = record.type === 'full sensor' ? [record] : expandSharedRecord(record);
    for (const sensor of sensors.filter(wanted)) {
      const way = wayTo(connection, sensor, connectionTo);
      if (typeof way === 'string') yield { ...describe(sensor), reading: undefined, unreadable: way };
      else yield await readSensor(way, sensor);
    }
  }
}

/** The connection that leads to the owner of a sensor, or why there is none. */
function wayTo(
  connection: Connection,
  sensor: SensorRecord,
  connectionTo: ReadSensorsOptions['connectionTo'],
): Connection | string {
  if (sensor.ownerId === bmcAddress && sensor.channel === 0) return connection;
  const address = `0x${sensor.ownerId.toString(16)}`;
  if (isSoftwareSensor(sensor)) return `the sensor belongs to software on the machine (${address})`;
  if (connectionTo !== undefined) return connectionTo(sensor.ownerId, sensor.channel);
  return `the sensor belongs to the controller ${address} on channel ${sensor.channel}, to which no way was given`;
}
