// Readings of a chassis, from whichever resources a service has: Thermal and Power, the subsystems that replace them, or Sensors.
import type { CallOptions, Client } from '../client.ts';
import type { Fields } from '../fields.ts';
import type { Resource } from '../resource.ts';
import { readStatus, type Status } from './health.ts';
import { getIfThere } from './if-there.ts';
import { ofPower, type PowerMetrics, readEnvironment } from './power-metrics.ts';

export type SensorKind = 'temperature' | 'fan' | 'voltage' | 'current' | 'power' | 'other';

export interface Thresholds {
  readonly lowerFatal: number | undefined;
  readonly lowerCritical: number | undefined;
  readonly lowerCaution: number | undefined;
  readonly upperCaution: number | undefined;
  readonly upperCritical: number | undefined;
  readonly upperFatal: number | undefined;
}

export interface SensorReading {
  readonly kind: SensorKind;
  readonly id: string;
  readonly name: string;
  /** Undefined when the sensor gives none now. */
  readonly reading: number | undefined;
  /** `Cel`, `RPM`, `%`, `V`, `A`, `W` and so on (UCUM). */
  readonly unit: string | undefined;
  readonly physicalContext: string | undefined;
  readonly thresholds: Thresholds;
  readonly status: Status;
}

/** One power supply; its figures are in watts and volts. */
export interface PowerSupply {
  readonly id: string;
  readonly name: string;
  readonly model: string | undefined;
  readonly manufacturer: string | undefined;
  readonly serialNumber: string | undefined;
  readonly firmwareVersion: string | undefined;
  readonly capacityWatts: number | undefined;
  readonly lineInputVoltage: number | undefined;
  readonly inputWatts: number | undefined;
  readonly outputWatts: number | undefined;
  readonly status: Status;
}

export interface ChassisReadings {
  readonly sensors: readonly SensorReading[];
  readonly powerSupplies: readonly PowerSupply[];
  /** What the chassis as a whole takes; undefined where the service does not measure it. */
  readonly power: PowerMetrics | undefined;
}

/** Thresholds as Thermal and Power have them. */
const flatThresholds = (fields: Fields): Thresholds => ({
  lowerFatal: fields.number('LowerThresholdFatal'),
  lowerCritical: fields.number('LowerThresholdCritical'),
  lowerCaution: fields.number('LowerThresholdNonCritical'),
  upperCaution: fields.number('UpperThresholdNonCritical'),
  upperCritical: fields.number('UpperThresholdCritical'),
  upperFatal: fields.number('UpperThresholdFatal'),
});

/** Thresholds as Sensor has them. */
function sensorThresholds(fields: Fields): Thresholds {
  const thresholds = fields.object('Thresholds');
  const at = (name: string) => thresholds?.object(name)?.number('Reading');
  return {
    lowerFatal: at('LowerFatal'),
    lowerCritical: at('LowerCritical'),
    lowerCaution: at('LowerCaution'),
    upperCaution: at('UpperCaution'),
    upperCritical: at('UpperCritical'),
    upperFatal: at('UpperFatal'),
  };
}

const idOf = (fields: Fields): string =>
  fields.text('MemberId') ?? fields.text('Id') ?? fields.pointer.split('/').at(-1) ?? '';
const nameOf = (fields: Fields): string => fields.text('Name') ?? fields.text('FanName') ?? idOf(fields);

const flat = (fields: Fields, kind: SensorKind, property: string, unit: string | undefined): SensorReading => ({
  kind,
  id: idOf(fields),
  name: nameOf(fields),
  reading: fields.number(property),
  unit,
  physicalContext: fields.text('PhysicalContext'),
  thresholds: flatThresholds(fields),
  status: readStatus(fields),
});

function ofThermal(thermal: Resource): SensorReading[] {
  const fanUnit = (fan: Fields) => (fan.text('ReadingUnits') === 'Percent' ? '%' : 'RPM');
  return [
    ...thermal.objects('Temperatures').map((each) => flat(each, 'temperature', 'ReadingCelsius', 'Cel')),
    ...thermal
      .objects('Fans')
      .map((each) => flat(each, 'fan', each.has('Reading') ? 'Reading' : 'ReadingRPM', fanUnit(each))),
  ];
}

function supplyOf(supply: Fields, metrics: Fields | undefined): PowerSupply {
  return {
    id: idOf(supply),
    name: nameOf(supply),
    model: supply.text('Model'),
    manufacturer: supply.text('Manufacturer'),
    serialNumber: supply.text('SerialNumber'),
    firmwareVersion: supply.text('FirmwareVersion'),
    capacityWatts: supply.number('PowerCapacityWatts'),
    lineInputVoltage: supply.number('LineInputVoltage') ?? metrics?.object('InputVoltage')?.number('Reading'),
    inputWatts: supply.number('PowerInputWatts') ?? metrics?.object('InputPowerWatts')?.number('Reading'),
    outputWatts:
      supply.number('PowerOutputWatts') ??
      supply.number('LastPowerOutputWatts') ??
      metrics?.object('OutputPowerWatts')?.number('Reading'),
    status: readStatus(supply),
  };
}

const kinds: Readonly<Record<string, SensorKind>> = {
  Temperature: 'temperature',
  Rotational: 'fan',
  Voltage: 'voltage',
  Current: 'current',
  Power: 'power',
};

function ofSensor(sensor: Resource): SensorReading {
  const type = sensor.text('ReadingType') ?? '';
  const isFan = sensor.text('PhysicalContext') === 'Fan' && (type === 'Percent' || type === 'Rotational');
  return {
    kind: isFan ? 'fan' : (kinds[type] ?? 'other'),
    id: sensor.id,
    name: nameOf(sensor),
    reading: sensor.number('Reading'),
    unit: sensor.text('ReadingUnits'),
    physicalContext: sensor.text('PhysicalContext'),
    thresholds: sensorThresholds(sensor),
    status: readStatus(sensor),
  };
}

async function membersIfThere(client: Client, path: string | undefined, options: CallOptions): Promise<Resource[]> {
  return path === undefined ? [] : client.members(path, options);
}

/** Fans of a ThermalSubsystem, whose speed is a sensor inside of them. */
function ofFan(fan: Resource): SensorReading {
  const speed = fan.object('SpeedPercent');
  const rpm = speed?.number('SpeedRPM');
  return {
    kind: 'fan',
    id: fan.id,
    name: nameOf(fan),
    reading: rpm ?? speed?.number('Reading'),
    unit: rpm === undefined ? '%' : 'RPM',
    physicalContext: fan.text('PhysicalContext'),
    thresholds: sensorThresholds(fan),
    status: readStatus(fan),
  };
}

async function ofThermalSubsystem(client: Client, subsystem: Resource, options: CallOptions): Promise<SensorReading[]> {
  const fans = await membersIfThere(client, subsystem.link('Fans'), options);
  const metrics = await getIfThere(client, subsystem.link('ThermalMetrics'), options);
  const temperatures = metrics?.objects('TemperatureReadingsCelsius') ?? [];
  return [
    ...fans.map(ofFan),
    ...temperatures.map((each) => ({
      ...flat(each, 'temperature', 'Reading', 'Cel'),
      name: each.text('DeviceName') ?? each.text('PhysicalContext') ?? idOf(each),
      id: each.text('DataSourceUri')?.split('/').at(-1) ?? idOf(each),
    })),
  ];
}

async function suppliesOf(client: Client, subsystem: Resource, options: CallOptions): Promise<PowerSupply[]> {
  const found: PowerSupply[] = [];
  for (const supply of await membersIfThere(client, subsystem.link('PowerSupplies'), options)) {
    found.push(supplyOf(supply, await getIfThere(client, supply.link('Metrics'), options)));
  }
  return found;
}

/**
 * Reads the sensors, the power supplies and the power of a chassis. Thermal and Power are preferred where a service has them: they
 * take two requests instead of one for each sensor.
 */
export async function readChassisReadings(
  client: Client,
  chassis: Resource,
  options: CallOptions = {},
): Promise<ChassisReadings> {
  const thermal = await getIfThere(client, chassis.link('Thermal'), options);
  const old = await getIfThere(client, chassis.link('Power'), options);
  const power = (old && ofPower(old)) ?? (await readEnvironment(client, chassis, options));
  if (thermal !== undefined || old !== undefined) {
    const voltages = old?.objects('Voltages').map((each) => flat(each, 'voltage', 'ReadingVolts', 'V')) ?? [];
    return {
      sensors: [...(thermal === undefined ? [] : ofThermal(thermal)), ...voltages],
      powerSupplies: old?.objects('PowerSupplies').map((each) => supplyOf(each, undefined)) ?? [],
      power,
    };
  }
  const subsystem = await getIfThere(client, chassis.link('PowerSubsystem'), options);
  const powerSupplies = subsystem === undefined ? [] : await suppliesOf(client, subsystem, options);
  const sensors = await membersIfThere(client, chassis.link('Sensors'), options);
  if (sensors.length > 0) return { sensors: sensors.map(ofSensor), powerSupplies, power };
  const cooling = await getIfThere(client, chassis.link('ThermalSubsystem'), options);
  const found = cooling === undefined ? [] : await ofThermalSubsystem(client, cooling, options);
  return { sensors: found, powerSupplies, power };
}
