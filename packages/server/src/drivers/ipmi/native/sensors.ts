// Sensors as the IPMI library reads them, under the names that consumers of Ironic's notifications know.
import {
  CompletionCodeError,
  type Connection,
  convertReading,
  readThresholds,
  type Sensor,
  type SensorRecord,
  type ThresholdName,
  thresholdFlags,
} from '@wrought/ipmi';
import type { SensorReading } from '../../kit/index.ts';

type Thresholds = Readonly<Partial<Record<ThresholdName, number>>>;

/** The lower byte of a threshold sensor's mask of what can be read. */
const READABLE_THRESHOLDS = 0x3f;

const thresholdLabels: Readonly<Record<ThresholdName, string>> = {
  lowerNonRecoverable: 'Lower non-recoverable',
  lowerCritical: 'Lower critical',
  lowerNonCritical: 'Lower non-critical',
  upperNonCritical: 'Upper non-critical',
  upperCritical: 'Upper critical',
  upperNonRecoverable: 'Upper non-recoverable',
};

/** The thresholds in force; of a BMC that does not tell them those of its sensor data record. */
async function thresholdsOf(connection: Connection, record: SensorRecord): Promise<Thresholds> {
  try {
    return await readThresholds(connection, record);
  } catch (error) {
    if (!(error instanceof CompletionCodeError) || record.type !== 'full sensor') {
      throw error;
    }
    const readable = thresholdFlags.decode(record.readingMask & READABLE_THRESHOLDS);
    const entries = Object.entries(record.thresholds) as [ThresholdName, number][];
    return Object.fromEntries(
      entries
        .filter(([name]) => readable[name])
        .map(([name, raw]) => [name, convertReading(record, raw)] as const)
        .filter(([, value]) => value !== undefined),
    );
  }
}

/** The words for the units of sensors that ipmitool prints, and that consumers of Ironic's notifications look for. */
const unitWords: Readonly<Record<string, string>> = {
  '°C': 'degrees C',
  '°F': 'degrees F',
  K: 'degrees K',
  V: 'Volts',
  A: 'Amps',
  W: 'Watts',
  J: 'Joules',
  '%': 'percent',
};

const unitOf = (symbol: string) => unitWords[symbol] ?? symbol;
const capitalized = (words: string) => words.replaceAll(/(?<=^| )[a-z]/g, (letter) => letter.toUpperCase());

const PLACES = 3;
const round = (value: number) => Number(value.toFixed(PLACES));

/** One sensor with its thresholds; those that can not be read now have no value. */
export async function sensorReading(connection: Connection, sensor: Sensor): Promise<SensorReading> {
  const { record, reading, unreadable, name, typeName, entityName } = sensor;
  const number = record.sensorNumber.toString(16);
  const identity = `${name} (0x${number})`;
  const value = reading?.value === undefined ? null : round(reading.value);
  const unit = value === null ? null : unitOf(reading?.unit ?? '');
  const type = capitalized(typeName);
  const states = reading?.states.map(({ name: state }) => `[${state}]`) ?? [];
  const thresholds = reading?.status === undefined ? {} : await thresholdsOf(connection, record);
  return {
    type: type.split(' ')[0] as string,
    name: identity,
    value,
    unit,
    fields: {
      'Sensor ID': identity,
      'Entity ID': `${record.entityId}.${record.entityInstance} (${capitalized(entityName)})`,
      [`Sensor Type (${reading?.status === undefined ? 'Discrete' : 'Threshold'})`]: `${type} (0x${record.sensorType.toString(16).padStart(2, '0')})`,
      'Sensor Reading': value === null ? (unreadable ?? `${reading?.raw.states.toString(16)}h`) : `${value} ${unit}`,
      ...(reading?.status === undefined ? {} : { Status: reading.status }),
      ...(states.length === 0 ? {} : { 'States Asserted': states.join(' ') }),
      ...Object.fromEntries(
        Object.entries(thresholds).map(([which, at]) => [thresholdLabels[which as ThresholdName], at.toFixed(PLACES)]),
      ),
    },
  };
}
