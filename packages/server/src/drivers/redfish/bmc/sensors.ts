// Sensors of a machine's chassis, under the names that consumers of Ironic's notifications know from this driver.

import type { JsonObject } from '@wrought/contract';
import {
  type ChassisReadings,
  chassisOf,
  type Drive,
  listStorage,
  type PowerMetrics,
  type PowerSupply,
  type Resource,
  readChassisReadings,
  readDrives,
  type SensorReading as Sensor,
} from '@wrought/redfish';
import type { ManagementInterface, SensorReading } from '../../kit/index.ts';
import type { Bmc, RedfishCalls } from './calls.ts';

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

/** The watts of a whole chassis. */
function ofPower(metrics: PowerMetrics, chassis: string): SensorReading {
  const watts = metrics.consumedWatts ?? metrics.averageWatts;
  return {
    type: 'Power',
    name: `Consumption@${chassis}`,
    value: watts ?? null,
    unit: watts === undefined ? null : 'Watts',
    fields: {
      identity: 'Consumption',
      power_consumed_watts: metrics.consumedWatts ?? null,
      power_capacity_watts: metrics.capacityWatts ?? null,
      power_limit_watts: metrics.limitWatts ?? null,
      min_consumed_watts: metrics.minimumWatts ?? null,
      average_consumed_watts: metrics.averageWatts ?? null,
      max_consumed_watts: metrics.maximumWatts ?? null,
      interval_minutes: metrics.intervalMinutes ?? null,
      energy_kwh: metrics.energyKWh ?? null,
    },
  };
}

/** A drive; what of its life is left is the number of it. */
function ofDrive(drive: Drive, storage: string, system: string): SensorReading {
  const left = drive.lifeLeftPercent;
  return {
    type: 'Drive',
    name: `${drive.id}:${storage}@${system}`,
    value: left ?? null,
    unit: left === undefined ? null : 'percent',
    fields: {
      name: drive.name ?? null,
      model: drive.model ?? null,
      capacity_bytes: drive.capacityBytes ?? null,
      life_left_percent: left ?? null,
      failure_predicted: drive.isFailurePredicted ?? null,
      state: drive.status.state ?? null,
      health: drive.status.health ?? null,
    },
  };
}

async function drivesOf({ client, signal }: Bmc, system: Resource): Promise<SensorReading[]> {
  const found: SensorReading[] = [];
  for (const storage of await listStorage(client, system, { signal })) {
    const drives = await readDrives(client, storage, { signal });
    found.push(...drives.map((drive) => ofDrive(drive, storage.id, system.id)));
  }
  return found;
}

function readingsOf(chassis: Resource, { sensors, powerSupplies, power }: ChassisReadings): SensorReading[] {
  return [
    ...(power === undefined ? [] : [ofPower(power, chassis.id)]),
    ...sensors.map((sensor) => ofSensor(sensor, chassis.id)),
    ...powerSupplies.map((supply) => ofSupply(supply, chassis.id)),
  ];
}

/** The sensors of the management interface. */
export function redfishSensors({ perform }: RedfishCalls): Pick<Required<ManagementInterface>, 'getSensorsData'> {
  return {
    getSensorsData: (task) =>
      perform(task, 'read sensors', async (bmc) => {
        const { client, signal } = bmc;
        const system = await bmc.system();
        const found: SensorReading[] = [];
        for (const chassis of await chassisOf(client, system, { signal })) {
          found.push(...readingsOf(chassis, await readChassisReadings(client, chassis, { signal })));
        }
        // Each drive is a request of its own.
        const areDrivesWanted = task.config.sensor_data.data_types.some((type) => /^(all|drive)$/i.test(type));
        return areDrivesWanted ? [...found, ...(await drivesOf(bmc, system))] : found;
      }),
  };
}
