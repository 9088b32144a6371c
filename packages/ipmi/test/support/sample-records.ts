// Sensor data records of a plausible machine, for the simulators and the comparisons.
import type { CompactSensor, EventOnlySensor } from '../../src/commands/sdr/compact-sensor.ts';
import type { FullSensor } from '../../src/commands/sdr/full-sensor.ts';
import type { FruDeviceLocator, ManagementControllerLocator } from '../../src/commands/sdr/locators.ts';
import type { OemRecord, SdrBody, SensorDataRecord } from '../../src/commands/sdr/record.ts';
import type { SensorProperties } from '../../src/commands/sdr/sensor-properties.ts';

const properties: SensorProperties = {
  initialization: {
    scanningAtPowerUp: true,
    eventsAtPowerUp: true,
    setsType: true,
    setsHysteresis: false,
    setsThresholds: true,
    setsEvents: true,
    setsScanning: true,
    settable: false,
  },
  ignoreWhenEntityAbsent: false,
  autoReArm: true,
  hysteresisAccess: 'none',
  thresholdAccess: 'settable',
  eventControl: 'per threshold or state',
  sensorType: 1,
  eventType: 1,
  assertionMask: 0x7a95,
  deassertionMask: 0x7a95,
  readingMask: 0x3f3f,
  units: { format: 'unsigned', rate: 'none', modifierUse: 'none', percentage: false, base: 1, modifier: 0 },
};

const owned = { ownerId: 0x20, channel: 0, lun: 0, entityIsContainer: false };

/** A temperature of 1 °C a count; what differs is given. */
export function fullSensor(
  sensorNumber: number,
  name: string,
  differing: Partial<Omit<FullSensor, 'factors' | 'units'>> & {
    readonly factors?: Partial<FullSensor['factors']>;
    readonly units?: Partial<FullSensor['units']>;
  } = {},
): FullSensor {
  return {
    type: 'full sensor',
    ...owned,
    ...properties,
    sensorNumber,
    entityId: 7,
    entityInstance: 1,
    linearization: 0,
    direction: 'input',
    nominal: 0x28,
    normalMaximum: 0x50,
    normalMinimum: undefined,
    sensorMaximum: 0xff,
    sensorMinimum: 0,
    thresholds: {
      upperNonRecoverable: 0xa0,
      upperCritical: 0x90,
      upperNonCritical: 0x80,
      lowerNonRecoverable: 2,
      lowerCritical: 5,
      lowerNonCritical: 10,
    },
    positiveHysteresis: 2,
    negativeHysteresis: 2,
    oem: 0,
    id: { text: name, encoding: '8-bit ASCII' },
    ...differing,
    factors: {
      m: 1,
      b: 0,
      bExponent: 0,
      rExponent: 0,
      tolerance: 1,
      accuracy: 0,
      accuracyExponent: 0,
      ...differing.factors,
    },
    units: { ...properties.units, ...differing.units },
  };
}

/** A discrete sensor with all states readable; what differs is given. */
export function compactSensor(
  sensorNumber: number,
  name: string,
  differing: Partial<CompactSensor> = {},
): CompactSensor {
  return {
    type: 'compact sensor',
    ...owned,
    ...properties,
    sensorNumber,
    entityId: 7,
    entityInstance: 1,
    thresholdAccess: 'none',
    assertionMask: 0x7fff,
    deassertionMask: 0x7fff,
    readingMask: 0x7fff,
    units: { ...properties.units, format: 'none', base: 0 },
    eventType: 0x6f,
    direction: 'input',
    shareCount: 1,
    idModifier: 'numeric',
    idModifierOffset: 0,
    entityInstanceIncrements: false,
    positiveHysteresis: 0,
    negativeHysteresis: 0,
    oem: 0,
    id: { text: name, encoding: '8-bit ASCII' },
    ...differing,
  };
}

const eventOnly: EventOnlySensor = {
  type: 'event-only sensor',
  ...owned,
  sensorNumber: 40,
  entityId: 34,
  entityInstance: 1,
  sensorType: 0x0f,
  eventType: 0x6f,
  direction: 'input',
  shareCount: 1,
  idModifier: 'numeric',
  idModifierOffset: 0,
  entityInstanceIncrements: false,
  oem: 0,
  id: { text: 'POST', encoding: '8-bit ASCII' },
};

const fruLocator: FruDeviceLocator = {
  type: 'FRU device locator',
  accessAddress: 0x20,
  fruDeviceId: 1,
  isLogical: true,
  lun: 0,
  privateBus: 0,
  channel: 0,
  deviceType: 0x10,
  deviceTypeModifier: 0,
  entityId: 10,
  entityInstance: 1,
  entityIsContainer: false,
  oem: 0,
  id: { text: 'PSU 1 FRU', encoding: '8-bit ASCII' },
};

const controllerLocator: ManagementControllerLocator = {
  type: 'management controller locator',
  slaveAddress: 0x20,
  channel: 0,
  notifications: {
    logInitializationErrors: false,
    controllerLogsInitializationErrors: false,
    isStatic: true,
    acpiDevicePower: false,
    acpiSystemPower: false,
  },
  eventGeneration: 'enabled',
  supports: {
    sensor: true,
    sdrRepository: true,
    sel: true,
    fruInventory: true,
    ipmbEventReceiver: true,
    ipmbEventGenerator: false,
    bridge: false,
    chassis: true,
  },
  entityId: 6,
  entityInstance: 1,
  entityIsContainer: false,
  oem: 0,
  id: { text: 'BMC', encoding: '8-bit ASCII' },
};

const oem: OemRecord = { type: 'OEM', manufacturerId: 343, data: Buffer.from([1, 2, 3, 4]) };

const voltage = { sensorType: 2, entityInstance: 1 };
const volts = { base: 4 };

/** One of each kind. The sensors of the same numbers are in `sampleSensors`. */
export const sampleBodies: readonly SdrBody[] = [
  controllerLocator,
  fullSensor(1, 'Inlet Temp', { entityId: 0x40 }),
  fullSensor(2, 'P12V', { ...voltage, units: volts, factors: { m: 59, rExponent: -3 } }),
  fullSensor(3, 'P3V3', { ...voltage, units: volts, factors: { m: 15, b: 200, rExponent: -3 } }),
  fullSensor(4, 'VBAT', {
    ...voltage,
    entityId: 40,
    units: volts,
    factors: { m: 16, b: -5, bExponent: 1, rExponent: -3 },
  }),
  fullSensor(5, 'Fan 1', { sensorType: 4, entityId: 29, units: { base: 18 }, factors: { m: 75 } }),
  fullSensor(6, 'PSU1 Current', {
    sensorType: 3,
    entityId: 10,
    units: { base: 5, format: "2's complement" },
    factors: { m: 25, rExponent: -2 },
  }),
  fullSensor(7, 'PSU1 Power', { sensorType: 0x0b, entityId: 10, units: { base: 6 }, factors: { m: 4 } }),
  fullSensor(8, 'Airflow', { sensorType: 0x0b, units: { base: 17 }, linearization: 0x0a, factors: { m: 100 } }),
  fullSensor(9, 'Period', { sensorType: 0x0b, units: { base: 22 }, linearization: 0x07 }),
  fullSensor(10, 'CPU Usage', { sensorType: 0x0b, entityId: 3, units: { base: 0, percentage: true } }),
  fullSensor(11, 'CPU Margin', {
    entityId: 3,
    units: { format: "1's complement" },
    factors: { m: 1, b: -1, bExponent: 0 },
  }),
  fullSensor(12, 'No Reading'),
  compactSensor(20, 'Watchdog', { sensorType: 0x23, entityId: 6 }),
  compactSensor(21, 'PSU ', {
    sensorType: 0x08,
    entityId: 10,
    shareCount: 2,
    idModifierOffset: 1,
    entityInstanceIncrements: true,
  }),
  compactSensor(23, 'Intrusion', { sensorType: 0x05, entityId: 23 }),
  compactSensor(24, 'Fan Redundancy', { sensorType: 4, eventType: 0x0b, entityId: 29 }),
  eventOnly,
  fruLocator,
  oem,
];

/** The records as ipmi_sim numbers them, from 1 on. */
export const sampleRecords: readonly SensorDataRecord[] = sampleBodies.map((body, index) => ({
  ...body,
  recordId: index + 1,
  version: '1.5',
}));

const thresholds = [10, 5, 2, 0x80, 0x90, 0xa0];
const analog = (number: number, sensorType: number, value: number) => ({
  number,
  sensorType,
  eventType: 1,
  thresholds,
  value,
});

/** Readings and states of the sensors; number 12 is in the records and does not exist. */
export const sampleSensors = [
  { number: 20, sensorType: 0x23, eventType: 0x6f, states: [] },
  analog(1, 1, 0x85),
  analog(2, 2, 0x7f),
  analog(3, 2, 0x40),
  analog(4, 2, 0x95),
  analog(5, 4, 0x04),
  analog(6, 3, 0x30),
  analog(7, 0x0b, 0x55),
  analog(8, 0x0b, 0x51),
  analog(9, 0x0b, 0x20),
  analog(10, 0x0b, 0x2a),
  analog(11, 1, 0x60),
  { number: 21, sensorType: 0x08, eventType: 0x6f, states: [0] },
  { number: 22, sensorType: 0x08, eventType: 0x6f, states: [0, 1, 3] },
  { number: 23, sensorType: 0x05, eventType: 0x6f, states: [0] },
  { number: 24, sensorType: 4, eventType: 0x0b, states: [1] },
];
