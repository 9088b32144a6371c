// The make of simulated machines, which all BMCs of a simulator share: device id, sensors, inventory, controllers behind the BMC.
import { type DeviceId, encodeFruInventory, encodeSdr, type ThresholdName } from '@wrought/ipmi';
import { serialNumberOf } from '../machine-identity.ts';
import type { Bmc } from './bmc.ts';
import { sensorRecord } from './sensor-records.ts';

/** A controller on a bus behind a BMC, and those behind it. */
export interface Satellite {
  readonly channel: number;
  readonly address: number;
  readonly deviceId: DeviceId;
  readonly behind?: readonly Satellite[];
}

export interface MakeSensor {
  readonly number: number;
  readonly name: string;
  /** Table 42-3 and table 42-1. */
  readonly sensorType: number;
  readonly eventType: number;
  /** Table 43-13. */
  readonly entityId: number;
  /** Table 43-15; what one raw count is worth, times ten to the exponent. */
  readonly unit: number;
  readonly m: number;
  readonly exponent: number;
  /** Raw; undefined: a discrete sensor. */
  readonly thresholds: Readonly<Record<ThresholdName, number>> | undefined;
  /** Raw reading, or the bits of the states of a discrete sensor; undefined: nothing can be read now. */
  readonly value: (bmc: Bmc) => number | undefined;
}

export interface Make {
  readonly deviceId: DeviceId;
  readonly sensors: readonly MakeSensor[];
  /** Whole sensor data records, each with its id, in the order of the repository. */
  readonly records: readonly Buffer[];
  /** Bytes of the machine's inventory, at most 512. */
  readonly inventory: (bmc: Bmc) => Buffer;
  /** What the machine draws. */
  readonly watts: (bmc: Bmc) => number;
  readonly satellites: readonly Satellite[];
}

const deviceId: DeviceId = {
  deviceId: 0x20,
  deviceRevision: 1,
  providesDeviceSdrs: false,
  updateInProgress: false,
  firmwareMajor: 1,
  firmwareMinor: 42,
  ipmiVersion: '2.0',
  supports: {
    sensor: true,
    sdrRepository: true,
    sel: true,
    fruInventory: true,
    ipmbEventReceiver: false,
    ipmbEventGenerator: false,
    bridge: true,
    chassis: true,
  },
  // The number that the IANA reserves for examples.
  manufacturerId: 32473,
  productId: 0x0b3c,
  auxiliaryFirmwareRevision: Buffer.of(0, 0, 0, 1),
};

const satelliteId = (productId: number): DeviceId => ({ ...deviceId, deviceId: 0x30, productId });

const threshold = 0x01;
const sensorSpecific = 0x6f;
const whileOn = (raw: number, off: number | undefined) => (bmc: Bmc) => (bmc.chassis.power === 'on' ? raw : off);
/** Lower non-recoverable, critical, non-critical, then upper non-critical, critical, non-recoverable. */
const limits = (...[lnr, lcr, lnc, unc, ucr, unr]: readonly [number, number, number, number, number, number]) => ({
  lowerNonRecoverable: lnr,
  lowerCritical: lcr,
  lowerNonCritical: lnc,
  upperNonCritical: unc,
  upperCritical: ucr,
  upperNonRecoverable: unr,
});
const discrete = { eventType: sensorSpecific, unit: 0, m: 1, exponent: 0, thresholds: undefined };
const wattsOn = 212;
const wattsOff = 12;

const sensors: readonly MakeSensor[] = [
  {
    ...{ number: 1, name: 'CPU Temp', sensorType: 1, eventType: threshold, entityId: 3, unit: 1, m: 1, exponent: 0 },
    thresholds: limits(0, 2, 5, 85, 95, 105),
    value: whileOn(42, undefined),
  },
  {
    ...{ number: 2, name: 'Inlet Temp', sensorType: 1, eventType: threshold, entityId: 55, unit: 1, m: 1, exponent: 0 },
    thresholds: limits(0, 2, 5, 38, 42, 45),
    value: () => 23,
  },
  {
    ...{ number: 3, name: 'P12V', sensorType: 2, eventType: threshold, entityId: 7, unit: 4, m: 6, exponent: -2 },
    thresholds: limits(170, 178, 182, 218, 222, 230),
    value: whileOn(201, undefined),
  },
  {
    ...{ number: 4, name: 'Fan 1', sensorType: 4, eventType: threshold, entityId: 29, unit: 18, m: 1, exponent: 2 },
    thresholds: limits(2, 4, 6, 180, 200, 220),
    value: whileOn(62, undefined),
  },
  {
    ...{
      number: 5,
      name: 'System Power',
      sensorType: 0x0b,
      eventType: threshold,
      entityId: 19,
      unit: 6,
      m: 4,
      exponent: 0,
    },
    thresholds: limits(0, 0, 0, 200, 220, 240),
    value: whileOn(wattsOn / 4, wattsOff / 4),
  },
  // Presence detected.
  { ...discrete, number: 6, name: 'PSU 1 Status', sensorType: 8, entityId: 10, value: () => 0x01 },
  // Working, and soft-off.
  { ...discrete, number: 7, name: 'ACPI State', sensorType: 0x22, entityId: 34, value: whileOn(0x0001, 0x0020) },
];

const text = (value: string) => ({ text: value, encoding: 'text' as const });
const madeAt = new Date(Date.UTC(2025, 5, 17, 8, 32));

function inventory({ name, index }: Bmc): Buffer {
  const serialNumber = text(serialNumberOf(index));
  const english = { language: 25, custom: [], chassisType: undefined, manufactured: undefined };
  return encodeFruInventory({
    chassis: { ...english, language: 0, chassisType: 23, fields: { partNumber: text('CH-2U'), serialNumber } },
    board: {
      ...english,
      manufactured: madeAt,
      fields: {
        manufacturer: text('Example Boards'),
        productName: text('MB-7'),
        serialNumber,
        partNumber: text('MB-7-B'),
      },
    },
    product: {
      ...english,
      fields: {
        manufacturer: text('Example Systems'),
        productName: text('Simulated Server'),
        partNumber: text('S-1'),
        version: text('A0'),
        serialNumber,
        assetTag: text(name),
      },
    },
  });
}

export const defaultMake: Make = {
  deviceId,
  sensors,
  records: sensors.map((sensor, index) => encodeSdr({ ...sensorRecord(sensor), recordId: index + 1, version: '1.5' })),
  inventory,
  watts: ({ chassis }) => (chassis.power === 'on' ? wattsOn : wattsOff),
  satellites: [
    {
      channel: 0,
      address: 0x30,
      deviceId: satelliteId(0x1234),
      behind: [{ channel: 7, address: 0x72, deviceId: satelliteId(0x5678) }],
    },
  ],
};
