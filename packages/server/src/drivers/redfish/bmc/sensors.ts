// Sensors of a machine's chassis, under the names that consumers of Ironic's notifications know from this driver.

import type { JsonObject } from '@wrought/contract';
import {
  type ChassisReadings,
  chassisOf,
  type PowerSupply,
  type Resource,
  readChassisReadings,
  type SensorReading as Sensor,
} from '@wrought/redfish';
import type { ManagementInterface, SensorReading } from '../../kit/index.ts';
import type { RedfishCalls } from './calls.ts';

const typeNames: Readonly<Record<Sensor['kind'], string>> = {
  temperature: 'Temperature',
  fan: 'Fan',
  voltage: 'Voltage',
  current: 'Current',
  power: 'Power',
  other: 'Other',
};

/** The words that the IPMI driver has for the same units, so that one rule of an operator fits both. */
const unitWords: Readonly<Record<string, string>> = {
  Cel: 'degrees C',
  '%': 'percent',
  V: 'Volts',
  A: 'Amps',
  W: 'Watts',
};

/** The member that holds the number; consumers know it for temperatures by its old name. */
const readingMember = (kind: Sensor['kind']) => (kind === 'temperature' ? 'reading_celsius' : 'reading');

function ofSensor(sensor: Sensor, chassis: string): SensorReading {
  const { kind, id, name, reading, unit, physicalContext, status, thresholds } = sensor;
  const fields: JsonObject = {
    identity: id,
    name,
    [readingMember(kind)]: reading ?? null,
    reading_units: unit ?? null,
    physical_context: physicalContext ?? null,
    state: status.state ?? null,
    health: status.health ?? null,
  };
  const limits: readonly (readonly [string, number | undefined])[] = [
    ['lower_threshold_fatal', thresholds.lowerFatal],
    ['lower_threshold_critical', thresholds.lowerCritical],
    ['lower_threshold_non_critical', thresholds.lowerCaution],
    ['upper_threshold_non_critical', thresholds.upperCaution],
    ['upper_threshold_critical', thresholds.upperCritical],
    ['upper_threshold_fatal', thresholds.upperFatal],
  ];
  for (const [key, limit] of limits) {
    if (limit !== undefined) {
      fields[key] = limit;
    }
  }
  return {
    type: typeNames[kind],
    name: `${id}@${chassis}`,
    value: reading ?? null,
    unit: reading === undefined ? null : (unitWords[unit ?? ''] ?? unit ?? ''),
    fields,
  };
}

function ofSupply(supply: PowerSupply, chassis: string): SensorReading {
  const watts = supply.outputWatts ?? supply.inputWatts;
  return {
    type: 'Power',
    name: `${supply.id}:Power@${chassis}`,
    value: watts ?? null,
    unit: watts === undefined ? null : 'Watts',
    fields: {
      identity: supply.id,
      name: supply.name,
      power_capacity_watts: supply.capacityWatts ?? null,
      line_input_voltage: supply.lineInputVoltage ?? null,
      last_power_output_watts: supply.outputWatts ?? null,
      serial_number: supply.serialNumber ?? null,
      state: supply.status.state ?? null,
      health: supply.status.health ?? null,
    },
  };
}

function readingsOf(chassis: Resource, { sensors, powerSupplies }: ChassisReadings): SensorReading[] {
  return [
    ...sensors.map((sensor) => ofSensor(sensor, chassis.id)),
    ...powerSupplies.map((supply) => ofSupply(supply, chassis.id)),
  ];
}

/** The sensors of the management interface. */
export function redfishSensors({ perform }: RedfishCalls): Pick<Required<ManagementInterface>, 'getSensorsData'> {
  return {
    getSensorsData: (task) =>
      perform(task, 'read sensors', async ({ client, system, signal }) => {
        const found: SensorReading[] = [];
        for (const chassis of await chassisOf(client, await system(), { signal })) {
          found.push(...readingsOf(chassis, await readChassisReadings(client, chassis, { signal })));
        }
        return found;
      }),
  };
}
