// Records that say where a device is: generic (0x10), FRU (0x11) and management controller (0x12) (IPMI 2.0, 43.7 to 43.9).
import { type Choice, choices, flags } from '../bit-fields.ts';
import { deviceSupport } from '../device-id.ts';
import type { FieldReader } from '../field-reader.ts';
import { decodeIdString, encodeIdString, type IdString } from '../type-length.ts';
import { decodeEntityInstance, encodeEntityInstance } from './sensor-identity.ts';

interface Located {
  readonly entityId: number;
  readonly entityInstance: number;
  readonly entityIsContainer: boolean;
  readonly oem: number;
  readonly id: IdString;
}

interface BusDevice extends Located {
  /** Address of the controller behind which the device is. */
  readonly accessAddress: number;
  readonly channel: number;
  readonly lun: number;
  /** Number of the controller's private bus; 0 is the IPMB itself. */
  readonly privateBus: number;
  /** Table 43-12, both. */
  readonly deviceType: number;
  readonly deviceTypeModifier: number;
}

export interface GenericDeviceLocator extends BusDevice {
  readonly type: 'generic device locator';
  readonly slaveAddress: number;
  readonly addressSpan: number;
}

export interface FruDeviceLocator extends BusDevice {
  readonly type: 'FRU device locator';
  /** A logical device is read by Read FRU Data with `fruDeviceId`; another one is an EEPROM at that bus address. */
  readonly isLogical: boolean;
  readonly fruDeviceId: number;
}

const eventGenerations = choices({ 0: 'enabled', 1: 'disabled', 2: 'not initialized' });
const notifications = flags({
  logInitializationErrors: 2,
  controllerLogsInitializationErrors: 3,
  isStatic: 5,
  acpiDevicePower: 6,
  acpiSystemPower: 7,
});

export interface ManagementControllerLocator extends Located {
  readonly type: 'management controller locator';
  readonly slaveAddress: number;
  readonly channel: number;
  readonly notifications: ReturnType<typeof notifications.decode>;
  readonly eventGeneration: Choice<(typeof eventGenerations.names)[number]>;
  readonly supports: ReturnType<typeof deviceSupport.decode>;
}

function decodeLocated(reader: FieldReader): Located {
  return {
    entityId: reader.u8('entity id'),
    ...decodeEntityInstance(reader.u8('entity instance')),
    oem: reader.u8('OEM'),
    id: decodeIdString(reader),
  };
}

function encodeLocated(device: Located): number[] {
  return [device.entityId, encodeEntityInstance(device), device.oem, ...encodeIdString(device.id)];
}

export function decodeGenericDeviceLocator(reader: FieldReader): GenericDeviceLocator {
  const accessAddress = reader.u8('device access address');
  const slave = reader.u8('device slave address');
  const bus = reader.u8('channel, LUN, bus');
  const addressSpan = reader.u8('address span') & 7;
  reader.skip(1, 'reserved');
  return {
    type: 'generic device locator',
    accessAddress,
    slaveAddress: slave & 0xfe,
    channel: ((slave & 1) << 3) | (bus >> 5),
    lun: (bus >> 3) & 3,
    privateBus: bus & 7,
    addressSpan,
    deviceType: reader.u8('device type'),
    deviceTypeModifier: reader.u8('device type modifier'),
    ...decodeLocated(reader),
  };
}

export function encodeGenericDeviceLocator(device: GenericDeviceLocator): Buffer {
  return Buffer.from([
    device.accessAddress,
    device.slaveAddress | (device.channel >> 3),
    ((device.channel & 7) << 5) | (device.lun << 3) | device.privateBus,
    device.addressSpan,
    0,
    device.deviceType,
    device.deviceTypeModifier,
    ...encodeLocated(device),
  ]);
}

export function decodeFruDeviceLocator(reader: FieldReader): FruDeviceLocator {
  const accessAddress = reader.u8('device access address');
  const fruDeviceId = reader.u8('FRU device id or slave address');
  const bus = reader.u8('logical device, LUN, bus');
  const channel = reader.u8('channel') >> 4;
  reader.skip(1, 'reserved');
  return {
    type: 'FRU device locator',
    accessAddress,
    fruDeviceId,
    isLogical: (bus & 0x80) !== 0,
    lun: (bus >> 3) & 3,
    privateBus: bus & 7,
    channel,
    deviceType: reader.u8('device type'),
    deviceTypeModifier: reader.u8('device type modifier'),
    ...decodeLocated(reader),
  };
}

export function encodeFruDeviceLocator(device: FruDeviceLocator): Buffer {
  return Buffer.from([
    device.accessAddress,
    device.fruDeviceId,
    (device.isLogical ? 0x80 : 0) | (device.lun << 3) | device.privateBus,
    device.channel << 4,
    0,
    device.deviceType,
    device.deviceTypeModifier,
    ...encodeLocated(device),
  ]);
}

export function decodeManagementControllerLocator(reader: FieldReader): ManagementControllerLocator {
  const slaveAddress = reader.u8('slave address');
  const channel = reader.u8('channel') & 0x0f;
  const power = reader.u8('power state notification');
  const supports = deviceSupport.decode(reader.u8('device capabilities'));
  reader.skip(3, 'reserved');
  return {
    type: 'management controller locator',
    slaveAddress,
    channel,
    notifications: notifications.decode(power),
    eventGeneration: eventGenerations.decode(power & 3),
    supports,
    ...decodeLocated(reader),
  };
}

export function encodeManagementControllerLocator(device: ManagementControllerLocator): Buffer {
  return Buffer.from([
    device.slaveAddress,
    device.channel,
    notifications.encode(device.notifications) | eventGenerations.encode(device.eventGeneration),
    deviceSupport.encode(device.supports),
    ...[0, 0, 0],
    ...encodeLocated(device),
  ]);
}
