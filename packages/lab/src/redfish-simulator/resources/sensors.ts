// Sensors of a machine, which follow from whether it is on.
import type { RedfishBmc } from '../bmc.ts';
import { healthy } from './shape.ts';

export interface SensorFact {
  readonly id: string;
  readonly name: string;
  readonly type: 'Temperature' | 'Rotational' | 'Voltage' | 'Power';
  readonly units: string;
  /** While the machine is on, and while it is off; null: it can not be read. */
  readonly on: number;
  readonly off: number | null;
  /** Lower critical, upper caution, upper critical. */
  readonly limits: readonly [number, number, number];
  readonly context: string;
}

const fan = {
  type: 'Rotational',
  units: 'RPM',
  off: 0,
  limits: [600, 18_000, 20_000],
  context: 'SystemBoard',
} as const;
const warmth = { type: 'Temperature', units: 'Cel' } as const;

export const inletSensor: SensorFact = {
  ...{ ...warmth, id: 'InletTemp', name: 'Inlet Temp', on: 23, off: 22, limits: [-7, 38, 42], context: 'Intake' },
};
export const powerSensor: SensorFact = {
  ...{ id: 'TotalPower', name: 'Total Power', type: 'Power', units: 'W' },
  ...{ on: 212, off: 12, limits: [0, 800, 900], context: 'Chassis' },
};

export const sensors: readonly SensorFact[] = [
  { ...warmth, id: 'CPU1Temp', name: 'CPU1 Temp', on: 42, off: null, limits: [3, 85, 95], context: 'CPU' },
  inletSensor,
  { ...fan, id: 'Fan1', name: 'Fan 1', on: 6200 },
  { ...fan, id: 'Fan2', name: 'Fan 2', on: 6150 },
  {
    ...{ id: 'P12V', name: 'P12V', type: 'Voltage', units: 'V' },
    ...{ on: 12.06, off: null, limits: [10.8, 13, 13.2], context: 'SystemBoard' },
  },
  powerSensor,
];

export const supplies = ['PSU1', 'PSU2'] as const;
export const supplyWatts = 800;

export const readingOf = ({ machine }: RedfishBmc, sensor: SensorFact) =>
  machine.power === 'On' ? sensor.on : sensor.off;
export const ofType = (type: SensorFact['type']) => sensors.filter((sensor) => sensor.type === type);
export const watts = (bmc: RedfishBmc) => readingOf(bmc, powerSensor);
export const stateOf = (bmc: RedfishBmc, sensor: SensorFact) =>
  readingOf(bmc, sensor) === null ? { State: 'Disabled' } : healthy;
