// The answer of Get Device ID (IPMI 2.0, 20.1) in both directions.
import { binaryCodedDecimal, flags } from './bit-fields.ts';
import { FieldReader } from './field-reader.ts';

/** What a management controller is, beside its own commands. */
export const deviceSupport = flags({
  sensor: 0,
  sdrRepository: 1,
  sel: 2,
  fruInventory: 3,
  ipmbEventReceiver: 4,
  ipmbEventGenerator: 5,
  bridge: 6,
  chassis: 7,
});

export interface DeviceId {
  readonly deviceId: number;
  readonly deviceRevision: number;
  /** Sensors of the device itself are described by Get Device SDR. */
  readonly providesDeviceSdrs: boolean;
  /** Firmware, initialisation or an update keeps the device from normal operation. */
  readonly updateInProgress: boolean;
  readonly firmwareMajor: number;
  /** 0 to 99. */
  readonly firmwareMinor: number;
  /** "2.0", "1.5". */
  readonly ipmiVersion: string;
  readonly supports: ReturnType<typeof deviceSupport.decode>;
  /** IANA enterprise number; 0 is unspecified, 0xfffff reserved. */
  readonly manufacturerId: number;
  readonly productId: number;
  /** Four bytes that the manufacturer defines; undefined when the BMC does not send them. */
  readonly auxiliaryFirmwareRevision: Buffer | undefined;
}

const auxiliaryLength = 4;

export function decodeDeviceId(data: Uint8Array): DeviceId {
  const reader = new FieldReader(data, 'Get Device ID');
  const deviceId = reader.u8('device id');
  const revision = reader.u8('device revision');
  const major = reader.u8('firmware revision 1');
  const minor = reader.u8('firmware revision 2');
  const version = reader.u8('IPMI version');
  return {
    deviceId,
    deviceRevision: revision & 0x0f,
    providesDeviceSdrs: (revision & 0x80) !== 0,
    updateInProgress: (major & 0x80) !== 0,
    firmwareMajor: major & 0x7f,
    firmwareMinor: binaryCodedDecimal(minor),
    ipmiVersion: `${version & 0x0f}.${version >> 4}`,
    supports: deviceSupport.decode(reader.u8('additional device support')),
    manufacturerId: reader.u24('manufacturer id') & 0xfffff,
    productId: reader.u16('product id'),
    auxiliaryFirmwareRevision:
      reader.remaining < auxiliaryLength ? undefined : reader.take(auxiliaryLength, 'auxiliary firmware revision'),
  };
}

export function encodeDeviceId(device: DeviceId): Buffer {
  const [major = 0, minor = 0] = device.ipmiVersion.split('.').map(Number);
  const bytes = Buffer.from([
    device.deviceId,
    device.deviceRevision | (device.providesDeviceSdrs ? 0x80 : 0),
    device.firmwareMajor | (device.updateInProgress ? 0x80 : 0),
    (Math.floor(device.firmwareMinor / 10) << 4) | (device.firmwareMinor % 10),
    (minor << 4) | major,
    deviceSupport.encode(device.supports),
    ...[0, 0, 0],
    ...[0, 0],
  ]);
  bytes.writeUIntLE(device.manufacturerId, 6, 3);
  bytes.writeUInt16LE(device.productId, 9);
  return Buffer.concat([bytes, device.auxiliaryFirmwareRevision ?? Buffer.alloc(0)]);
}
